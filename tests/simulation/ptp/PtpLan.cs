using TimeSuite.Ptp;

namespace TimeSuite.Simulation;

/// <summary>A network on which all hear what is sent to all: octets from one port to the others, each over its own way.</summary>
public sealed class PtpLan
{
    private readonly World _world;
    private readonly Setup _setup;
    private readonly ulong _seed;
    private readonly string _name;
    private readonly List<PtpNodePort> _ports = [];
    private readonly Dictionary<(PtpNodePort From, PtpNodePort To), Way> _ways = [];

    internal PtpLan(World world, Setup setup, ulong seed, string name) => (_world, _setup, _seed, _name) = (world, setup, seed, name);

    /// <summary>Says of each message how much longer it takes, s; null: it is lost. A message is sent by a port, at a true time, to another.</summary>
    public Func<PtpHeader, PtpNodePort, PtpNodePort, double, double?> Hold { get; set; } = (_, _, _, _) => 0;

    /// <summary>Messages that entered.</summary>
    public long Messages { get; private set; }

    internal void Add(PtpNodePort port) => _ports.Add(port);

    internal void Carry(PtpNodePort from, ReadOnlySpan<byte> message, Destination to)
    {
        Messages++;
        if (!PtpHeader.TryParse(message, out var header))
        {
            throw new InvalidOperationException("a port has sent what is no message of PTP");
        }

        byte[] octets = message.ToArray();
        foreach (var port in _ports)
        {
            if (port == from || (to.IsUnicast && to.Unicast != port.Address))
            {
                continue;
            }

            double now = _world.Now;
            if (Hold(header, from, port, now) is not { } held)
            {
                continue;
            }

            foreach (double delay in WayOf(from, port).Enter(now))
            {
                _world.At(now + delay + held, () => port.Receive(octets, from.Address));
            }
        }
    }

    /// <summary>From one port to another. Who was added first is up.</summary>
    private Way WayOf(PtpNodePort from, PtpNodePort to)
    {
        if (!_ways.TryGetValue((from, to), out var way))
        {
            way = new(_setup, _seed, $"ptp {_name} {from.Address.Bits} {to.Address.Bits}", isDown: from.Address.Bits < to.Address.Bits);
            _ways.Add((from, to), way);
        }

        return way;
    }
}
