using TimeSuite.Ptp;

namespace TimeSuite.Fuzz;

/// <summary>
/// Whatever comes, to transparent clocks of both kinds, to both ends of CSPTP and to a slave that demands seals. So that more than the door is tried, CSPTP's answers come once more with the number
/// that is asked under, and messages once more under a right seal. A transparent clock sends no more than there are other ports; a server no more octets than came.
/// </summary>
public sealed class PtpModesTarget
{
    private const byte Spp = 5;

    private static readonly Duration s_step = Duration.FromNanoseconds(10_000_000);
    private static readonly PtpAddress s_from = new(PtpAddressKind.IPv4, 1);
    private static readonly PtpKey s_key = new(7, IcvAlgorithm.AesCmac128, new byte[16]);
    private static readonly PtpAuthentication s_rules = new(Spp, [s_key, new(8, IcvAlgorithm.HmacSha256, new byte[16])], s_key, IsRequired: true, CorrectionIsOpen: true);

    private readonly PtpFuzzedPort[][] _transparent;
    private readonly PtpFuzzedPort _server, _client, _sealed;
    private readonly byte[] _copy = new byte[4_096];
    private Instant<Boot> _now = new(Duration.FromSeconds(1000L));

    public PtpModesTarget()
    {
        _transparent = [Transparent(1, DelayMechanism.E2E, 3), Transparent(2, DelayMechanism.P2P, 2)];
        var own = new DefaultDataSet { Identity = default, Domain = 128, SdoId = CsptpTlv.SdoId };
        _server = Alone(3, new() { Mode = PortMode.CsptpServer, Role = PortRole.Master, DelayMechanism = DelayMechanism.None }, own);
        _client = Alone(4, new() { Mode = PortMode.CsptpClient, Role = PortRole.Slave, DelayMechanism = DelayMechanism.None, UnicastMasters = [s_from], LogSyncInterval = -5 }, own);
        _sealed = Alone(5, new() { Authentication = s_rules, ForeignMasterThreshold = 1 }, new() { Identity = default, SlaveOnly = true });
        foreach (var port in All)
        {
            port.Of.Start(_now);
        }
    }

    /// <summary>Messages that a port would take; of each way one.</summary>
    public static IEnumerable<byte[]> Seeds
    {
        get
        {
            byte[] request = new byte[200], response = new byte[TimestampBody.Size + CsptpResponse.Size + CsptpStatus.Size], follow = new byte[TimestampBody.Size];
            var header = new PtpHeader { Type = MessageType.Sync, SdoId = CsptpTlv.SdoId, MinorVersion = 1, Domain = 128, Flags = PtpFlags.Unicast, Length = (ushort)request.Length };
            TimestampBody.Write(request, header, default);
            new CsptpRequest(true, false).Write(request.AsSpan(TimestampBody.Size));
            Tlvs.Begin(request.AsSpan(TimestampBody.Size + CsptpRequest.Size), TlvType.Pad, request.Length - TimestampBody.Size - CsptpRequest.Size - Tlvs.Head);
            yield return request;
            TimestampBody.Write(response, header with { Length = (ushort)response.Length, Flags = PtpFlags.Unicast | PtpFlags.TwoStep }, default);
            new CsptpResponse(new(Duration.FromSeconds(9L)), default).Write(response.AsSpan(TimestampBody.Size));
            new CsptpStatus(1, ClockQuality.Unknown, 2, 3, 37, new(9)).Write(response.AsSpan(TimestampBody.Size + CsptpResponse.Size));
            yield return response;
            TimestampBody.Write(follow, header with { Type = MessageType.FollowUp, Length = (ushort)follow.Length }, new(Duration.FromSeconds(9L)));
            yield return follow;

            var plain = new PtpHeader { MinorVersion = 1, Source = new(new(0x99), 1), Sequence = 3 };
            foreach (var type in Enum.GetValues<MessageType>())
            {
                byte[] message = new byte[type.Size()];
                (plain with { Type = type, Length = (ushort)message.Length, Flags = type == MessageType.PdelayResp ? PtpFlags.TwoStep : PtpFlags.None }).Write(message);
                yield return message;
                byte[] buffer = new byte[message.Length + 64];
                message.CopyTo(buffer, 0);
                yield return buffer[..s_rules.Write(buffer, message.Length)];
            }
        }
    }

    /// <summary>Messages sent, in all.</summary>
    public long Sent => All.Sum(port => port.SentInAll);

    /// <summary>Pairs and delays measured, in all.</summary>
    public long Measured => All.Sum(port => port.Measured);

    /// <summary>Messages that were handed on.</summary>
    public long Passed => _transparent.Sum(ports => ports.Sum(port => port.SentInAll));

    /// <summary>Messages dropped for this reason, by all ports.</summary>
    public long Dropped(Drop reason) => All.Sum(port => port.Of.Counters.Dropped(reason));

    private IEnumerable<PtpFuzzedPort> All => [.. _transparent.SelectMany(ports => ports), _server, _client, _sealed];

    /// <summary>One datagram to all ports, and 10 ms.</summary>
    /// <exception cref="InvalidOperationException">A port sent what it must not.</exception>
    public void Run(ReadOnlySpan<byte> datagram)
    {
        foreach (var ports in _transparent)
        {
            foreach (var port in ports)
            {
                Begin(ports);
                port.Of.Received(datagram, new(_now.SinceEpoch), s_from, _now);
                Turn(ports);
                if (ports.Sum(other => other.Counted) > 2 * (ports.Length - 1) + 1)
                {
                    throw new InvalidOperationException("a message was handed on too often");
                }
            }
        }

        _server.Counted = 0;
        _server.Octets = 0;
        _server.Of.Received(datagram, new(_now.SinceEpoch), s_from, _now);
        Turn([_server]);
        if (_server.Octets > datagram.Length)
        {
            throw new InvalidOperationException($"{_server.Octets} octets for {datagram.Length}");
        }

        Give(_client, datagram);
        if (datagram.Length is >= PtpHeader.Size and <= 1_400)
        {
            datagram.CopyTo(_copy);
            System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(_copy.AsSpan(30), _client.LastSequence);
            Give(_client, _copy.AsSpan(0, datagram.Length));

            Give(_sealed, datagram);
            datagram.CopyTo(_copy);
            if (PtpHeader.TryParse(datagram, out var header))
            {
                Give(_sealed, _copy.AsSpan(0, s_rules.Write(_copy, header.Length)));
            }
        }

        _now += s_step;
    }

    private void Give(PtpFuzzedPort port, ReadOnlySpan<byte> datagram)
    {
        port.Of.Received(datagram, new(_now.SinceEpoch), s_from, _now);
        Turn([port]);
    }

    private static void Begin(PtpFuzzedPort[] ports)
    {
        foreach (var port in ports)
        {
            port.Counted = 0;
        }
    }

    private void Turn(PtpFuzzedPort[] ports)
    {
        foreach (var port in ports)
        {
            port.Of.OnTime(_now);
        }

        foreach (var port in ports)
        {
            port.GiveStamp(_now);
        }
    }

    private static PtpFuzzedPort[] Transparent(ulong clock, DelayMechanism mechanism, int count)
    {
        var instance = PtpFuzzedPort.Instance(clock, new() { Identity = default, SlaveOnly = true });
        return [.. Enumerable.Range(0, count).Select(_ => new PtpFuzzedPort(instance, new() { Mode = PortMode.Transparent, DelayMechanism = mechanism }, (_, _, _) => true))];
    }

    /// <summary>Who does not hand on sends under its own name; but for CSPTP, where an answer bears the asker's.</summary>
    private static PtpFuzzedPort Alone(ulong clock, PortSettings settings, DefaultDataSet own) =>
        PtpFuzzedPort.Alone(clock, settings, own, (port, header, _) => header.Source == port.Identity || header.SdoId == CsptpTlv.SdoId);
}
