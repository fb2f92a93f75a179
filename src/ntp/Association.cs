namespace TimeSuite.Ntp;

/// <summary>A client's conversation with one server, RFC 5905 section 9 and RFC 9769. Knows no socket, clock or random source.</summary>
/// <remarks>
/// Drive it so: call <see cref="OnTimer"/> at the start and at each <see cref="AssociationAction.WakeAt"/>; carry out each
/// <see cref="AssociationAction.Send"/> and tell with <see cref="OnSent"/> when it left; hand every datagram that comes to
/// <see cref="OnDatagram"/>. The defence against forgery is the origin: a reply brings back 64 random bits of the one request that is
/// open. A datagram that fails a test of <see cref="Refusal"/> changes counters and nothing else, the timer least of all.
/// </remarks>
public sealed partial class Association
{
    private const int MaxMissedInterleaved = 4; // requests without a reply until we ask in basic mode again

    private const double TwoTo53 = 9007199254740992.0; // 53 random bits over this: 0 to 1

    private readonly AssociationOptions _options;
    private readonly Func<ulong> _cookie;
    private Pacing _pacing;
    private Request? _open; // the request whose reply we await
    private Request? _answered; // the last one that was answered, to tell a duplicate from a forgery
    private Completed? _last;
    private Held? _held;
    private ulong _requests;
    private bool _isNacked; // somebody says that the server does not know our cookie
    private bool _keysAreRefused; // and no good reply said otherwise until the next request

    /// <param name="options">How to talk to the server.</param>
    /// <param name="cookie">Draws 64 unpredictable bits.</param>
    /// <param name="start">When the first request is due.</param>
    public Association(AssociationOptions options, Func<ulong> cookie, Instant<Raw> start)
    {
        if (options.Version is not (3 or 4))
        {
            throw new ArgumentException("the version is 3 or 4", nameof(options));
        }

        _options = options;
        _cookie = cookie;
        _pacing = new(options, start);
        IsOnline = !options.Offline;
    }

    public AssociationCounters Counters { get; } = new();

    /// <summary>What requests are signed with, and replies have to be: this key and no other. Null: no MAC is made or looked at.</summary>
    public SymmetricKey? Key { get; set; }

    /// <summary>What protects requests and replies by NTS. Null: no NTS. While it is not ready no request leaves.</summary>
    public INtsSession? Nts
    {
        get;
        set
        {
            field = value;
            (_isNacked, _keysAreRefused) = (false, false);
        }
    }

    public Reach Reach { get; private set; }

    /// <summary>Requests since the last good reply. A pool's member with many of them is a bad one.</summary>
    public int Unanswered => _pacing.Unanswered;

    /// <summary>The interval between polls in force, bursts aside.</summary>
    public Duration Poll => _pacing.Interval;

    /// <summary>What a request says of <see cref="Poll"/>: log2 s, rounded up.</summary>
    public sbyte PollExponent => (sbyte)Math.Ceiling(Math.Log2(Poll.Seconds));

    public bool IsOnline { get; private set; }

    /// <summary>Why the server will not serve us; null while it does.</summary>
    public KissCode? GivenUp { get; private set; }

    /// <summary>When <see cref="OnTimer"/> is to be called; null if it need not be.</summary>
    public Instant<Raw>? Due => !IsOnline || GivenUp is not null ? null
        : _held is { } held && (held.Until < _pacing.Due || !MayAsk) ? held.Until : MayAsk ? _pacing.Due : null;

    /// <summary>From when on new NTS keys are needed: without a cookie, when the next request is due; at once if a NAK was not contradicted by then, though requests go on with the cookies that are left. Null: not needed.</summary>
    public Instant<Raw>? KeysWantedAt => !IsOnline || GivenUp is not null ? null : _keysAreRefused ? default(Instant<Raw>) : MayAsk ? null : _pacing.Due;

    private bool MayAsk => Nts is not { IsReady: false };

    /// <summary>All that decides what happens next, for tests that a datagram changed nothing.</summary>
    internal (Pacing, Request?, Request?, Completed?, Held?, ulong, Reach, bool, KissCode?) Snapshot =>
        (_pacing, _open, _answered, _last, _held, _requests, Reach, IsOnline, GivenUp);

    /// <summary>Time has passed. Early, late and superfluous calls do no harm.</summary>
    public IReadOnlyList<AssociationAction> OnTimer(Instant<Raw> now)
    {
        if (Due is null)
        {
            return [];
        }

        List<AssociationAction> actions = [];
        if (_held is { } held && held.Until <= now)
        {
            Release(held.Exchange, actions);
        }

        if (_pacing.Due <= now && MayAsk)
        {
            actions.Add(Ask(now));
        }

        Wake(actions);
        return actions;
    }

    /// <summary>When a request left. May be told more than once, a better source replacing a worse one, and after the reply.</summary>
    public IReadOnlyList<AssociationAction> OnSent(ulong request, Stamp sent)
    {
        if (_open is { } open && open.Number == request && sent.Source >= open.Sent.Source)
        {
            _open = open with { Sent = sent };
        }

        if (_last is { } last && last.Request.Number == request && sent.Source >= last.Request.Sent.Source)
        {
            _last = last with { Request = last.Request with { Sent = sent } };
        }

        if (_held is not { } held || held.Request != request || sent.Source == StampSource.Daemon)
        {
            return [];
        }

        List<AssociationAction> actions = [];
        Release(held.Exchange with { Sent = sent }, actions);
        Wake(actions);
        return actions;
    }

    /// <summary>The poll controller wants this interval, any length: it is limited to the options' range.</summary>
    public IReadOnlyList<AssociationAction> SetPoll(Duration interval)
    {
        _pacing = _pacing.Wanting(interval);
        return Wake([]);
    }

    /// <summary>Silence, or an end of it. Going online starts over, with a burst if the options say so, and forgives a server that had refused us.</summary>
    /// <remarks>After a suspend, which the raw clock does not count: off and on again. What was measured before it is forgotten.</remarks>
    public IReadOnlyList<AssociationAction> SetOnline(bool online, Instant<Raw> now)
    {
        if (online && (!IsOnline || GivenUp is not null))
        {
            _pacing = _pacing.Resumed(now);
            GivenUp = null;
        }

        if (!online)
        {
            (_open, _last, _held, Reach) = (null, null, null, default);
        }

        IsOnline = online;
        return Wake([]);
    }

    /// <summary>Ask every 2 s until there are <paramref name="good"/> samples, with <paramref name="max"/> requests at most.</summary>
    public IReadOnlyList<AssociationAction> Burst(int good, int max)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(good, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        _pacing = _pacing.WithBurst(good, max);
        return Wake([]);
    }

    private AssociationAction.Send Ask(Instant<Raw> now)
    {
        var basic = Draw();
        var open = new Request(++_requests, basic, default, new(now, StampSource.Daemon, default));
        var origin = default(NtpTimestamp);
        if (_options.Interleaved && _last is { } last && _pacing.Unanswered < MaxMissedInterleaved)
        {
            var other = Draw();
            open = open with { Interleaved = other == basic ? new(other.Bits ^ 1 | 2) : other }; // equal fields would mean basic mode
            origin = last.RemoteReceived;
        }

        _open = open;
        if (_isNacked)
        {
            _isNacked = false;
            _keysAreRefused = Nts?.TryOtherKeys() == false;
        }

        _pacing = _pacing.Sent(now, chance: (_cookie() >> 11) / TwoTo53);
        Reach = Reach.Asked();
        Counters.Sent++;

        // Of our clock and state a request tells nothing: version, mode, poll and random bits are all a server needs.
        var datagram = new byte[Nts?.RequestSize ?? NtpHeader.Size + (Key?.MacSize(_options.Version) ?? 0)];
        new NtpHeader
        {
            Version = _options.Version,
            Mode = NtpMode.Client,
            Poll = PollExponent,
            Precision = 32,
            Origin = origin,
            Receive = open.Interleaved,
            Transmit = basic,
        }.Write(datagram);
        Nts?.Protect(datagram);
        Key?.Sign(datagram.AsSpan(0, NtpHeader.Size), datagram.AsSpan(NtpHeader.Size));
        return new(datagram, open.Number);
    }

    /// <summary>64 random bits, but not the zero that means "unknown".</summary>
    private NtpTimestamp Draw() => new(Math.Max(_cookie(), 1));

    private List<AssociationAction> Wake(List<AssociationAction> actions)
    {
        if (Due is { } due)
        {
            actions.Add(new AssociationAction.WakeAt(due));
        }

        return actions;
    }
}
