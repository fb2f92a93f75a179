using TimeSuite.Time;

namespace TimeSuite.Policy;

/// <summary>What was said of a clock's error, and what is published of it: never less than what is still to be worked off and a reader's own error.</summary>
/// <param name="Said">As announced; its bound is of <paramref name="BoundAt"/>.</param>
/// <param name="SaidAt">When; at twice its interval it is not believed any more.</param>
/// <param name="Suspended">How long the machine had been suspended since boot then.</param>
/// <param name="BoundAt">When its bound held.</param>
public readonly record struct Claim(Announcement Said, Instant<Raw> SaidAt, Duration Suspended, Instant<Raw> BoundAt)
{
    private static readonly Duration s_readError = Duration.FromNanoseconds(1); // the clock's own resolution

    /// <summary>Of a clock of which nothing is known.</summary>
    public static Claim Nothing(PolicyLimits limits, Instant<Raw> now, Duration suspended)
    {
        var much = Duration.FromSeconds(16L); // RFC 5905, MAXDISP
        return new(new() { Bound = much, Sigma = much, Interval = Duration.FromSeconds(64L), Growth = limits.MinBoundGrowth }, now, suspended, now);
    }

    /// <summary>Of what the steerer says now; leap second and TAI-UTC are policy's, and the bound grows at least at policy's rate.</summary>
    public static Claim Of(in Announcement said, PolicyState state, PolicyLimits limits, Instant<Raw> now, Duration suspended) => new(
        said with { Growth = said.Growth.IsWithin(limits.MinBoundGrowth) ? limits.MinBoundGrowth : said.Growth, Leap = state.Leap, TaiOffset = state.TaiOffset }, now, suspended, now);

    /// <summary>Half-width of the interval that holds true time.</summary>
    /// <param name="pending">What the clock still has to work off.</param>
    /// <param name="now">Now.</param>
    public Duration Bound(Duration pending, Instant<Raw> now) => Said.Bound + (now - BoundAt).At(Said.Growth) + pending.Magnitude + s_readError;

    public bool IsSynchronized(Instant<Raw> now) => Said.Synchronized && now - SaidAt <= Said.Interval + Said.Interval;

    /// <summary>After a step, which may have been wrong by all of its size.</summary>
    public Claim Stepped(Duration offset) => this with { Said = Said with { Bound = Said.Bound + offset.Magnitude } };

    /// <summary>After a phase was let go that was announced as about to be worked off.</summary>
    public Claim Dropped(Duration phase) => Stepped(phase);

    /// <summary>After a change of leap second or TAI-UTC that nobody announced.</summary>
    public Claim With(PolicyState state) => this with { Said = Said with { Leap = state.Leap, TaiOffset = state.TaiOffset } };
}
