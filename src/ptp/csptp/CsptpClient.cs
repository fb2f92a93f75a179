namespace TimeSuite.Ptp;

/// <summary>Asks a server of IEEE 1588.1 once in each Sync interval; when it does not answer any more, the next one of the list.</summary>
/// <remarks>Each request makes one pair of each kind, joined by the sequence number, by the server's address and by nothing that a stranger sees. Servers have no identity here: their address stands for it.</remarks>
internal sealed class CsptpClient : IPortMode
{
    private const int Depth = 8;

    private static readonly Duration LongestHeld = Duration.FromSeconds(1L);

    private readonly PtpInstance _instance;
    private readonly PtpPort _port;
    private readonly IPortOutput _output;
    private readonly byte[] _buffer = new byte[CsptpServer.Whole];
    private readonly Exchange[] _exchanges = new Exchange[Depth];
    private Instant<Boot>? _due;
    private ushort _sequence;
    private int _server, _unanswered;
    private (Candidate Candidate, Instant<Boot> Last, bool Counts)? _answers;

    public CsptpClient(PtpInstance instance, PtpPort port, IPortOutput output)
    {
        (_instance, _port, _output) = (instance, port, output);
        _sequence = (ushort)(instance.Chance() * (ushort.MaxValue + 1));
    }

    /// <inheritdoc/>
    public Instant<Boot>? Wake => _due;

    /// <inheritdoc/>
    public IEnumerable<(Candidate Candidate, Instant<Boot> Last, bool Counts)> Masters => _answers is { } server ? [server] : [];

    private PtpAddress Server => _port.Settings.UnicastMasters[_server];

    /// <inheritdoc/>
    public void Start(Instant<Boot> now)
    {
        Array.Clear(_exchanges);
        (_unanswered, _answers) = (0, null);
        _due = _port.Settings.UnicastMasters.Count > 0 ? now : null;
    }

    /// <inheritdoc/>
    public void OnTime(Instant<Boot> now)
    {
        if (_due is not { } due || due > now)
        {
            return;
        }

        var interval = _port.Settings.SyncInterval;
        _due = now - due > interval ? now + interval : due + interval;
        if (_unanswered >= _port.Settings.AnnounceReceiptTimeout)
        {
            GiveUp(now);
        }

        Ask();
    }

    /// <inheritdoc/>
    public Drop? WhyNot(in PtpHeader header) => _port.WhyNot(header);

    /// <inheritdoc/>
    public bool Received(in PtpHeader header, ReadOnlySpan<byte> message, Instant<Local>? stamp, PtpAddress from, Instant<Boot> now)
    {
        if (header.Type == MessageType.Management)
        {
            return false;
        }

        if (header.Type is not (MessageType.Sync or MessageType.FollowUp) || _due is null)
        {
            _port.Counters.Count(Drop.NotNow);
        }
        else if (from != Server)
        {
            _port.Counters.Count(Drop.NotOurMaster);
        }
        else if (!TimestampBody.TryParse(message, out var origin))
        {
            _port.Counters.Count(Drop.Implausible);
        }
        else
        {
            ref var exchange = ref _exchanges[header.Sequence % Depth];
            bool isTaken = exchange.Sequence == header.Sequence && exchange.IsOpen
                && (header.Type == MessageType.Sync ? exchange.TakeSync(header, message, origin, stamp!.Value) : exchange.TakeFollowUp(header, origin));
            if (isTaken)
            {
                Finish(ref exchange, now);
            }
            else
            {
                _port.Counters.Count(Drop.Unmatched);
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public bool Sent(TransmitTicket ticket, Instant<Local> stamp, Instant<Boot> now)
    {
        ref var exchange = ref _exchanges[ticket.Sequence % Depth];
        if (exchange.IsOpen && exchange.Sequence == ticket.Sequence && exchange.Sent is null)
        {
            exchange.Sent = stamp;
            Finish(ref exchange, now);
        }

        return true;
    }

    private void Ask()
    {
        unchecked
        {
            _sequence++;
        }

        _unanswered++;
        _exchanges[_sequence % Depth] = new() { IsOpen = true, Sequence = _sequence };
        new CsptpRequest(WantsStatus: true, WantsAlternateTime: false).Write(_buffer.AsSpan(TimestampBody.Size));
        const int asked = TimestampBody.Size + CsptpRequest.Size;
        Tlvs.Begin(_buffer.AsSpan(asked), TlvType.Pad, _buffer.Length - asked - Tlvs.Head).Clear(); // it pays for the whole answer
        var header = new PtpHeader
        {
            Type = MessageType.Sync, SdoId = CsptpTlv.SdoId, MinorVersion = 1, Domain = _instance.Default.Domain, Length = (ushort)_buffer.Length, Flags = PtpFlags.Unicast,
            Sequence = _sequence, LogInterval = PtpHeader.NoInterval,
        };
        TimestampBody.Write(_buffer, header, default);
        _port.Counters.CountSent(MessageType.Sync);
        _output.SendEvent(_buffer, new(false, Server), new(MessageType.Sync, _sequence));
    }

    private void GiveUp(Instant<Boot> now)
    {
        (_unanswered, _answers) = (0, null);
        _server = (_server + 1) % _port.Settings.UnicastMasters.Count;
        _port.Counters.SyncTimeouts++;
        Array.Clear(_exchanges);
        if (!_instance.IsGrandmaster)
        {
            _instance.FollowNobody();
            _port.FollowAnew(now);
        }
    }

    private void Finish(ref Exchange exchange, Instant<Boot> now)
    {
        if (exchange is not { Sent: { } sent, Synced: { } synced, Origin: { } origin })
        {
            return;
        }

        exchange.IsOpen = false;
        var correction = exchange.SyncCorrection + exchange.FollowCorrection;
        var held = origin - exchange.Response.Received;
        if (!correction.IsRepresentable || !exchange.Response.Correction.IsRepresentable || held.Sign < 0 || held > LongestHeld)
        {
            _port.Counters.Count(Drop.Implausible);
            return;
        }

        _unanswered = 0;
        Follow(exchange, now);
        var asymmetry = _port.Settings.DelayAsymmetry;
        var there = exchange.Response.Correction.ToDuration();
        _port.Hand(new DelayPair(exchange.Sequence, sent, exchange.Response.Received - there + asymmetry, there));
        _port.Hand(new SyncPair(exchange.Sequence, origin + correction.ToDuration() + asymmetry, synced, correction.ToDuration(), _port.Settings.LogSyncInterval), now);
    }

    // CSPTP has no time scale but PTP's. UTC is believed only where the flag and the number are both there.
    private void Follow(in Exchange exchange, Instant<Boot> now)
    {
        var sender = new PortIdentity(new((ulong)(Server.Bits & ulong.MaxValue)), 0);
        var flags = exchange.Flags & (PtpFlags.Leap61 | PtpFlags.Leap59 | PtpFlags.UtcOffsetValid | PtpFlags.TimeTraceable | PtpFlags.FrequencyTraceable) | PtpFlags.PtpTimescale;
        var server = exchange.Status is { } status
            ? new Candidate
            {
                Priority1 = status.Priority1, Quality = status.Quality, Priority2 = status.Priority2, StepsRemoved = status.StepsRemoved, Grandmaster = status.Grandmaster,
                Sender = sender, Receiver = _port.Identity, Time = new(status.UtcOffset, flags, TimeSource.Other),
            }
            : new Candidate
            {
                Priority1 = 128, Quality = ClockQuality.Unknown, Priority2 = 128, Grandmaster = sender.Clock,
                Sender = sender, Receiver = _port.Identity, Time = new(0, flags & ~PtpFlags.UtcOffsetValid, TimeSource.Other),
            };
        _answers = (server, now, true);
        _instance.Follow(server);
    }

    private struct Exchange
    {
        public bool IsOpen;
        public ushort Sequence;
        public Instant<Local>? Sent, Synced;
        public Instant<Tai>? Origin;
        public TimeInterval SyncCorrection, FollowCorrection;
        public CsptpResponse Response;
        public CsptpStatus? Status;
        public PtpFlags Flags;

        public bool TakeSync(in PtpHeader header, ReadOnlySpan<byte> message, Instant<Tai> origin, Instant<Local> stamp)
        {
            if (Synced is not null || !CsptpResponse.TryFind(message, header, out Response))
            {
                return false;
            }

            (Synced, SyncCorrection, Flags) = (stamp, header.Correction, header.Flags);
            Status = CsptpStatus.TryFind(message, header, out var status) ? status : null;
            if (!header.Is(PtpFlags.TwoStep))
            {
                (Origin, FollowCorrection) = (origin, TimeInterval.Zero);
            }

            return true;
        }

        public bool TakeFollowUp(in PtpHeader header, Instant<Tai> origin)
        {
            if (Origin is not null)
            {
                return false;
            }

            (Origin, FollowCorrection) = (origin, header.Correction);
            return true;
        }
    }
}
