namespace TimeSuite.Ntp;

/// <summary>When to ask next: poll interval, bursts, silence and RATE kisses. Immutable; each event gives the next one.</summary>
/// <remarks>
/// The next request is one spacing after the last one that was really sent, never after the one that was due:
/// a long pause (suspend, SIGSTOP) costs polls and is not made up for.
/// </remarks>
internal readonly record struct Pacing
{
    private const int IburstGood = 4, IburstMax = 8;
    private const int IburstEarly = 24; // good replies at the start after which polls may still be shorter than the shortest interval
    private const int EarlyPatience = 2; // but not while requests are lost
    private const int BurstGood = 1, BurstMax = 4;
    private const int Patience = 8; // unanswered requests before we ask more rarely; as many as reach has bits
    private const int RequestsPerDoubling = 4; // unanswered ones after that, for each doubling
    private const int GoodPerRecovery = 8; // good replies until half of a RATE kiss is forgotten
    private const double Spread = 0.02; // intervals are longer by up to this, so that clients do not stay in step
    private static readonly Duration s_burstSpacing = Duration.FromSeconds(2L);
    private static readonly Duration s_slowestByKiss = Duration.FromSeconds(1L << 10);

    public Pacing(AssociationOptions options, Instant<Raw> start)
    {
        Options = options;
        Start = start;
        Wanted = options.Clamp(options.MinPoll);
        this = options.Iburst ? WithBurst(IburstGood, IburstMax) with { EarlyLeft = IburstEarly } : this;
    }

    /// <summary>Requests since the last good reply.</summary>
    public int Unanswered { get; private init; }

    /// <summary>The interval between polls in force.</summary>
    public Duration Interval
    {
        get
        {
            int doublings = Math.Clamp((Unanswered - Patience) / RequestsPerDoubling, 0, 21); // 2^21: the whole range
            var patient = Limited(Wanted.Times(1 << doublings));
            return Duration.Max(patient, RateFloor);
        }
    }

    /// <summary>When the next request is due.</summary>
    public Instant<Raw> Due => LastSent is { } sent ? sent + Spacing : Start;

    private AssociationOptions Options { get; init; }

    private Instant<Raw> Start { get; init; }

    private Instant<Raw>? LastSent { get; init; }

    private Duration Wanted { get; init; }

    private Duration RateFloor { get; init; }

    private int GoodSinceRate { get; init; }

    private int GoodWanted { get; init; }

    private int RequestsLeft { get; init; }

    private int EarlyLeft { get; init; }

    private double Chance { get; init; }

    private bool IsBursting => GoodWanted > 0 && RequestsLeft > 0;

    private Duration Spacing => IsBursting && RateFloor == Duration.Zero
        ? Duration.Min(s_burstSpacing, Interval)
        : Interval.Times(1 + Spread * Chance);

    /// <summary>A request left. <paramref name="chance"/> is uniform, 0 to 1.</summary>
    public Pacing Sent(Instant<Raw> now, double chance)
    {
        var before = Options.Burst && !IsBursting ? WithBurst(BurstGood, (int)Math.Min(BurstMax, Interval.Seconds / Options.MinPoll.Seconds)) : this;
        return before with
        {
            LastSent = now,
            Chance = chance,
            Unanswered = Math.Min(before.Unanswered + 1, 1 << 20),
            RequestsLeft = Math.Max(before.RequestsLeft - 1, 0),
        };
    }

    /// <summary>A good reply came. The first one after a silence starts a burst, if the options say so.</summary>
    public Pacing Answered(bool afterSilence)
    {
        var before = afterSilence && Options.Iburst && !IsBursting ? WithBurst(IburstGood, IburstMax) with { EarlyLeft = IburstEarly } : this;
        bool recovers = before.RateFloor != Duration.Zero && before.GoodSinceRate + 1 >= GoodPerRecovery;
        var floor = recovers ? before.RateFloor.Half() : before.RateFloor;
        return before with
        {
            Unanswered = 0,
            EarlyLeft = Math.Max(before.EarlyLeft - 1, 0),
            RateFloor = floor <= before.Limited(before.Wanted) ? Duration.Zero : floor,
            GoodSinceRate = recovers ? 0 : before.GoodSinceRate + 1,
        };
    }

    /// <summary>A reply gave a sample: one less for the burst to get.</summary>
    public Pacing Measured() => this with { GoodWanted = Math.Max(GoodWanted - 1, 0) };

    /// <summary>The server said RATE: half as often, and no burst. Bounded, and forgotten step by step in <see cref="Answered"/>.</summary>
    public Pacing Slower() => this with
    {
        RateFloor = Duration.Min(Interval + Interval, s_slowestByKiss),
        GoodSinceRate = 0,
        GoodWanted = 0,
        RequestsLeft = 0,
        EarlyLeft = 0,
    };

    /// <summary>
    /// The poll controller wants this interval; it gets it within the options. After an initial burst it may widen the interval from
    /// that of the burst to the shortest one by itself.
    /// </summary>
    public Pacing Wanting(Duration interval) => this with { Wanted = interval };

    private Duration Limited(Duration interval) => EarlyLeft > 0 && Unanswered <= EarlyPatience && interval < Options.MinPoll
        ? Duration.Max(interval, Duration.Min(s_burstSpacing, Options.MinPoll))
        : Options.Clamp(interval);

    /// <summary>Ask every 2 s until there are <paramref name="good"/> samples, or <paramref name="max"/> requests were made.</summary>
    public Pacing WithBurst(int good, int max) => this with { GoodWanted = good, RequestsLeft = max };

    /// <summary>Starts over at <paramref name="now"/>, at the earliest a burst's spacing after the last request.</summary>
    public Pacing Resumed(Instant<Raw> now) => this with
    {
        Start = now,
        Unanswered = 0,
        EarlyLeft = Options.Iburst ? IburstEarly : 0,
        GoodWanted = Options.Iburst ? IburstGood : 1,
        RequestsLeft = Options.Iburst ? IburstMax : 1,
    };
}
