using TimeSuite.Ptp;

namespace TimeSuite.Fuzz;

/// <summary>Whatever comes, to ports of every kind: a slave, a master, one with peer delays under gPTP, one without elections. What a port sends must be right, and one message brings at most one.</summary>
public sealed class PtpTarget
{
    /// <summary>The master that the slave of the corpus follows.</summary>
    public static PortIdentity Master { get; } = new(new(0x0011_22FF_FE33_4455), 1);

    private static readonly Duration s_step = Duration.FromNanoseconds(10_000_000);

    private readonly Port[] _ports;
    private Instant<Boot> _now = new(Duration.FromSeconds(1000L));

    public PtpTarget()
    {
        var gptp = new PortSettings
        {
            DelayMechanism = DelayMechanism.P2P, PathTrace = true, FollowUpInformation = true, ForeignMasterThreshold = 1, SyncReceiptTimeout = 3, NeighborDelayThreshold = Duration.FromSeconds(1L),
        };
        _ports =
        [
            new(0xA, new(), new() { Identity = default, SlaveOnly = true }),
            new(0xB, new() { PathTrace = true, UnicastDelay = true }, new() { Identity = default, Priority1 = 0 }),
            new(0xC, gptp, new() { Identity = default, SdoId = 0x100 }),
            new(0xD, new() { Role = PortRole.Slave, SyncReceiptTimeout = 3 }, new() { Identity = default }),
            new(0xE, new() { ForeignMasterThreshold = 1 }, new() { Identity = default, Priority1 = 200 }),
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
            port.SentAtOnce = 0;
            port.Of.Received(datagram, new(_now.SinceEpoch), new(PtpAddressKind.IPv4, 1), _now);
            if (port.SentAtOnce > 1)
            {
                throw new InvalidOperationException($"one message made port {port.Of.Identity} send {port.SentAtOnce}");
            }

            port.Of.OnTime(_now);
            port.GiveStamp(_now);
        }

        _now += s_step;
    }

    private sealed class Port : IPortOutput, ILocalTime
    {
        private TransmitTicket? _ticket;

        public Port(ulong clock, PortSettings settings, DefaultDataSet own) =>
            Of = new PtpInstance(own with { Identity = new(clock) }, ComparisonRule.Ieee1588, () => 0.5).AddPort(settings, this, this);

        public PtpPort Of { get; }

        public int SentAtOnce { get; set; }

        public long SentInAll { get; private set; }

        public long Measured { get; private set; }

        public void GiveStamp(Instant<Boot> now)
        {
            if (_ticket is { } ticket)
            {
                _ticket = null;
                Of.Sent(ticket, new(now.SinceEpoch), now);
            }
        }

        public bool TryToTai(Instant<Local> stamp, out Instant<Tai> time)
        {
            time = new(stamp.SinceEpoch);
            return true;
        }

        public void SendEvent(ReadOnlySpan<byte> message, Destination to, TransmitTicket ticket)
        {
            Check(message, isEvent: true);
            _ticket = ticket;
        }

        public void SendGeneral(ReadOnlySpan<byte> message, Destination to) => Check(message, isEvent: false);

        public void Synchronized(in SyncPair pair) => Measured++;

        public void Delayed(in DelayPair pair) => Measured++;

        public void PeerDelayed(in PeerDelayMeasurement measurement) => Measured++;

        public void Changed(PortState before, PortState after, PortEvent why)
        {
        }

        private static int Longest(MessageType type) => type switch
        {
            MessageType.FollowUp => FollowUpInformation.Size,
            MessageType.Management => 1_400, // a path trace; all others are below 40
            _ => 0,
        };

        private void Check(ReadOnlySpan<byte> message, bool isEvent)
        {
            SentAtOnce++;
            SentInAll++;
            if (!PtpHeader.TryParse(message, out var header) || header.Length != message.Length || header.Type.IsEvent() != isEvent || header.Source != Of.Identity
                || !Tlvs.AreWellFormed(message, header) || (header.Type != MessageType.Announce && message.Length > header.Type.Size() + Longest(header.Type)))
            {
                throw new InvalidOperationException($"port {Of.Identity} sent {Convert.ToHexStringLower(message)}");
            }
        }
    }
}
