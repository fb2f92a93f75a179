using TimeSuite.Ptp;

namespace TimeSuite.Fuzz;

/// <summary>Whatever comes, to ports of every kind: a slave, a master, one with peer delays under gPTP, one without elections. What a port sends must be right, and one message brings at most one.</summary>
public sealed class PtpTarget
{
    /// <summary>The master that the slave of the corpus follows.</summary>
    public static PortIdentity Master { get; } = new(new(0x0011_22FF_FE33_4455), 1);

    private static readonly Duration s_step = Duration.FromNanoseconds(10_000_000);

    private readonly PtpFuzzedPort[] _ports;
    private Instant<Boot> _now = new(Duration.FromSeconds(1000L));

    public PtpTarget()
    {
        var gptp = new PortSettings
        {
            DelayMechanism = DelayMechanism.P2P, PathTrace = true, FollowUpInformation = true, ForeignMasterThreshold = 1, SyncReceiptTimeout = 3, NeighborDelayThreshold = Duration.FromSeconds(1L),
        };
        _ports =
        [
            Port(0xA, new(), new() { Identity = default, SlaveOnly = true }),
            Port(0xB, new() { PathTrace = true, UnicastDelay = true }, new() { Identity = default, Priority1 = 0 }),
            Port(0xC, gptp, new() { Identity = default, SdoId = 0x100 }),
            Port(0xD, new() { Role = PortRole.Slave, SyncReceiptTimeout = 3 }, new() { Identity = default }),
            Port(0xE, new() { ForeignMasterThreshold = 1 }, new() { Identity = default, Priority1 = 200 }),
        ];
        Array.ForEach(_ports, port => port.Of.Start(_now));
    }

    /// <summary>Messages that the ports sent, in all.</summary>
    public long Sent => _ports.Sum(port => port.SentInAll);

    /// <summary>Pairs and delays that they measured, in all.</summary>
    public long Measured => _ports.Sum(port => port.Measured);

    /// <summary>Messages dropped for this reason, by all ports.</summary>
    public long Dropped(Drop reason) => _ports.Sum(port => port.Of.Counters.Dropped(reason));

    /// <summary>One datagram to all ports, and 10 ms.</summary>
    /// <exception cref="InvalidOperationException">A port sent what it must not.</exception>
    public void Run(ReadOnlySpan<byte> datagram)
    {
        foreach (var port in _ports)
        {
            port.Counted = 0;
            port.Of.Received(datagram, new(_now.SinceEpoch), new(PtpAddressKind.IPv4, 1), _now);
            if (port.Counted > 1)
            {
                throw new InvalidOperationException($"one message made port {port.Of.Identity} send {port.Counted}");
            }

            port.Of.OnTime(_now);
            port.GiveStamp(_now);
        }

        _now += s_step;
    }

    private static int Longest(MessageType type) => type switch
    {
        MessageType.FollowUp => FollowUpInformation.Size,
        MessageType.Management => 1_400, // a path trace; all others are below 40
        _ => 0,
    };

    private static PtpFuzzedPort Port(ulong clock, PortSettings settings, DefaultDataSet own) => PtpFuzzedPort.Alone(
        clock, settings, own, (port, header, length) => header.Source == port.Identity && (header.Type == MessageType.Announce || length <= header.Type.Size() + Longest(header.Type)));
}
