using TimeSuite.Ptp;

namespace TimeSuite.Fuzz;

/// <summary>
/// Whatever comes, to those who grant messages and who ask for them, to a gPTP port that is asked for other intervals, and to a boundary clock. Each message comes once more with its target
/// replaced by the port's own. One message brings at most an answer for each TLV that is looked at, none longer than a grant; a boundary clock hands it on once.
/// </summary>
public sealed class PtpUnicastTarget
{
    private const int MostAnswers = 8;

    private static readonly Duration s_step = Duration.FromNanoseconds(10_000_000);
    private static readonly PtpAddress s_from = new(PtpAddressKind.IPv4, 1);

    private readonly PtpFuzzedPort _server, _client, _asked;
    private readonly PtpFuzzedPort[] _boundary;
    private readonly byte[] _copy = new byte[4_096];
    private Instant<Boot> _now = new(Duration.FromSeconds(1000L));

    public PtpUnicastTarget()
    {
        var gptp = new PortSettings
        {
            Role = PortRole.Master, DelayMechanism = DelayMechanism.P2P, FollowUpInformation = true, OperationalIntervals = new(0, 0, 0, MessageIntervalRequest.ComputeAll), LogOperationalPdelayReqInterval = 2, HonorsIntervalRequests = true,
        };
        _server = Alone(1, new() { Multicast = false, UnicastLimits = new() { Grants = 16 }, Role = PortRole.Master }, 56);
        _client = Alone(2, new() { UnicastMasters = [s_from], ForeignMasterThreshold = 1, LogAnnounceInterval = -3, LogSyncInterval = -3 }, 56, new() { Identity = default, SlaveOnly = true });
        _asked = Alone(3, gptp, 56 + FollowUpInformation.Size);
        var instance = PtpFuzzedPort.Instance(4, new() { Identity = default });
        _boundary = [.. Enumerable.Range(0, 2).Select(_ => new PtpFuzzedPort(instance, new() { Role = PortRole.Master }, (_, _, _) => true))];
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
            yield return Signal(UnicastRequest.Size, tlv => new UnicastRequest(MessageType.Sync, -9, 300).Write(tlv));
            foreach (var type in new[] { MessageType.Announce, MessageType.Sync, MessageType.DelayResp, MessageType.PdelayResp })
            {
                yield return Signal(UnicastRequest.Size, tlv => new UnicastRequest(type, 0, 300).Write(tlv));
                yield return Signal(UnicastGrant.Size, tlv => new UnicastGrant(type, 0, 300, MayRenew: true).Write(tlv));
                yield return Signal(UnicastCancel.Size, tlv => new UnicastCancel(type, false, false, true).Write(tlv));
                yield return Signal(UnicastCancel.Size, tlv => new UnicastCancel(type, true, true, false).Write(tlv));
            }

            yield return Signal(UnicastRequest.Size * 3, tlvs =>
            {
                new UnicastRequest(MessageType.Sync, -4, 10).Write(tlvs);
                new UnicastRequest(MessageType.DelayResp, -4, 1000).Write(tlvs[UnicastRequest.Size..]);
                new UnicastRequest(MessageType.Announce, 1, 60).Write(tlvs[(2 * UnicastRequest.Size)..]);
            });
            foreach (sbyte interval in new[] { (sbyte)-3, MessageIntervalRequest.Initial, MessageIntervalRequest.Stop, MessageIntervalRequest.Unchanged, (sbyte)100 })
            {
                yield return Signal(MessageIntervalRequest.Size, tlv => new MessageIntervalRequest(interval, interval, interval, MessageIntervalRequest.ComputeAll).Write(tlv), sdo: 0x100);
            }

            var plain = new PtpHeader { MinorVersion = 1, Source = new(new(0x99), 1), Sequence = 3 };
            foreach (var type in Enum.GetValues<MessageType>())
            {
                byte[] message = new byte[type.Size()];
                (plain with { Type = type, Length = (ushort)message.Length }).Write(message);
                yield return message;
            }

            byte[] management = new byte[ManagementBody.Size + Tlvs.Head + 2];
            new ManagementBody(PortIdentity.All, 2, 2, ManagementAction.Get).Write(management, plain with { Type = MessageType.Management, Length = (ushort)management.Length });
            System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(Tlvs.Begin(management.AsSpan(ManagementBody.Size), TlvType.Management, 2), (ushort)ManagementId.UnicastMasterTableNp);
            yield return management;
        }
    }

    /// <summary>Grants and denials, of the server.</summary>
    public (long Granted, long Denied) Answers => (_server.Of.Counters.Granted, _server.Of.Counters.Denied);

    /// <summary>Messages that the boundary clock has sent, in all.</summary>
    public long HandedOn { get; private set; }

    /// <summary>Whether the client was granted anything, ever.</summary>
    public bool WasGranted { get; private set; }

    /// <summary>Whether the gPTP port's intervals were changed, ever.</summary>
    public bool WasChanged { get; private set; }

    /// <summary>Messages dropped for this reason, by all ports.</summary>
    public long Dropped(Drop reason) => All.Sum(port => port.Of.Counters.Dropped(reason));

    private IEnumerable<PtpFuzzedPort> All => [_server, _client, _asked, .. _boundary];

    /// <summary>One datagram to all ports, and 10 ms.</summary>
    /// <exception cref="InvalidOperationException">A port sent what it must not.</exception>
    public void Run(ReadOnlySpan<byte> datagram)
    {
        foreach (var port in All)
        {
            Give(port, datagram);
            if (datagram.Length is >= SignalingBody.Size and <= 1_400)
            {
                datagram.CopyTo(_copy);
                port.Of.Identity.Write(_copy.AsSpan(PtpHeader.Size));
                Give(port, _copy.AsSpan(0, datagram.Length));
            }
        }

        WasGranted |= _client.Of.UnicastMasters(_now).Any(master => master.Announces);
        WasChanged |= _asked.Of.LogSyncInterval != 0;
        _now += s_step;
    }

    private void Give(PtpFuzzedPort port, ReadOnlySpan<byte> datagram)
    {
        foreach (var each in All)
        {
            each.Counted = 0;
        }

        port.Of.Received(datagram, new(_now.SinceEpoch), s_from, _now);
        long others = _boundary.Where(other => other != port).Sum(other => other.Counted);
        HandedOn += others;
        if (port.Counted > MostAnswers || others > 1)
        {
            throw new InvalidOperationException($"one message made port {port.Of.Identity} send {port.Counted}, and the others {others}");
        }

        port.Of.OnTime(_now);
        port.GiveStamp(_now);
    }

    private static byte[] Signal(int length, WriteTlv write, int sdo = 0)
    {
        byte[] message = new byte[SignalingBody.Size + length];
        var header = new PtpHeader { Type = MessageType.Signaling, SdoId = (ushort)sdo, MinorVersion = 1, Length = (ushort)message.Length, Source = new(new(0x99), 1), Sequence = 3, Flags = PtpFlags.Unicast, LogInterval = PtpHeader.NoInterval };
        SignalingBody.Write(message, header, PortIdentity.All);
        write(message.AsSpan(SignalingBody.Size));
        return message;
    }

    private delegate void WriteTlv(Span<byte> buffer);

    private static PtpFuzzedPort Alone(ulong clock, PortSettings settings, int longest, DefaultDataSet? own = null) => PtpFuzzedPort.Alone(
        clock, settings, own ?? new() { Identity = default, SdoId = settings.FollowUpInformation ? (ushort)0x100 : (ushort)0 },
        (port, header, length) => header.Source == port.Identity && (header.Type == MessageType.Management || length <= Math.Max(longest, header.Type.Size())));
}
