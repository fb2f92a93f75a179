using TimeSuite.Ptp;
using TimeSuite.Time;

namespace TimeSuite.Simulation;

/// <summary>A port of src/ptp on a virtual network, with the stamps that its clock makes.</summary>
public sealed class PtpNodePort : IPortOutput
{
    private const double LateBy = 0.01; // s

    private readonly PtpNode _node;
    private readonly PtpLan _lan;
    private readonly Dice _stamps;

    internal PtpNodePort(PtpNode node, PtpLan lan, PortSettings settings, ulong seed)
    {
        (_node, _lan) = (node, lan);
        Port = node.Instance.AddPort(settings, node.Served, this);
        Address = new(PtpAddressKind.IPv4, (UInt128)(0x0A00_0000U + ((uint)node.Index << 8) + Port.Identity.Port));
        _stamps = new(seed, $"ptp stamps {Address.Bits}");
        lan.Add(this);
    }

    public PtpPort Port { get; }

    public PtpAddress Address { get; }

    public PtpNode Node => _node;

    public void SendEvent(ReadOnlySpan<byte> message, Destination to, TransmitTicket ticket)
    {
        _node.Count(message);
        var stamp = _node.Stamp();
        bool isLost = _stamps.Happens(_node.Setup.StampLoss);
        bool isLate = _stamps.Happens(_node.Setup.StampLate);
        _node.World.At(_node.World.Now + (isLate ? LateBy : 0), () => _node.Do(() =>
        {
            if (isLost)
            {
                Port.StampLost(ticket);
            }
            else
            {
                Port.Sent(ticket, stamp, _node.Boot);
            }
        }));
        _lan.Carry(this, message, to);
    }

    public void SendGeneral(ReadOnlySpan<byte> message, Destination to)
    {
        _node.Count(message);
        _lan.Carry(this, message, to);
    }

    public void Synchronized(in SyncPair pair) => _node.OnSync(this, pair);

    public void Delayed(in DelayPair pair) => _node.OnDelay(this, pair);

    public void PeerDelayed(in PeerDelayMeasurement measurement) => _node.OnLink(this, measurement);

    public void Changed(PortState before, PortState after, PortEvent why) => _node.OnChange(this, before, after);

    internal void Receive(byte[] octets, PtpAddress from)
    {
        var stamp = _node.Stamp();
        bool isLost = _stamps.Happens(_node.Setup.StampLoss);
        if (_node.Hold() is > 0 and var held)
        {
            _node.World.At(_node.World.Now + held, () => _node.Do(Take));
        }
        else
        {
            _node.Do(Take);
        }

        void Take() => Port.Received(octets, isLost ? null : stamp, from, _node.Boot);
    }
}
