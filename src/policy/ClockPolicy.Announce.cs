using TimeSuite.Time;

namespace TimeSuite.Policy;

/// <summary>The rules for what is said about a clock: error, leap second, TAI.</summary>
public sealed partial class ClockPolicy
{
    private const int LeastTai = 30, MostTai = 60; // s; believable without a table
    private static readonly Duration s_maxInterval = Duration.FromSeconds(1L << 17); // NTP's longest poll, RFC 5905 MAXPOLL
    private static readonly Duration s_maxBound = Duration.FromSeconds(1L << 32);
    private static readonly Duration s_betweenLeaps = Duration.FromSeconds(180 * 86_400L);
    private static readonly FrequencyOffset s_maxGrowth = FrequencyOffset.FromPpm(100_000);

    /// <summary>What is known of the clock's error.</summary>
    /// <param name="state">Before.</param>
    /// <param name="wanted">As asked; its TAI offset is null if the steerer said nothing of it.</param>
    /// <param name="clock">What the clock shows.</param>
    /// <param name="pending">What it still has to work off.</param>
    /// <param name="now">Now.</param>
    public Decision Announce(PolicyState state, in Announcement wanted, Instant<Utc> clock, Duration pending, Instant<Boot> now)
    {
        if (!wanted.Growth.IsFinite || wanted.Growth.Fraction < 0 || wanted.Bound.Sign < 0 || wanted.Sigma.Sign < 0 || wanted.Interval.Sign <= 0)
        {
            return new(Ruling.Malformed, "bound, sigma and growth must not be negative, the interval must be positive", state);
        }

        if (wanted.Interval > s_maxInterval || wanted.Bound > s_maxBound || wanted.Sigma > s_maxBound || !wanted.Growth.IsWithin(s_maxGrowth))
        {
            return new(Ruling.BeyondLimit, $"interval beyond {s_maxInterval}, bound or sigma beyond {s_maxBound}, or growth beyond {s_maxGrowth}", state);
        }

        if (!Enum.IsDefined(wanted.Leap))
        {
            return new(Ruling.Malformed, "no such leap second", state);
        }

        var leap = Leap(state, wanted.Leap, clock, now);
        if (!leap.IsAllowed)
        {
            return leap with { State = state };
        }

        var tai = Tai(leap.State, wanted.TaiOffset, clock);
        if (!tai.IsAllowed)
        {
            return tai with { State = state };
        }

        bool isFirst = wanted.Synchronized && !state.FirstSynchronized;
        if (isFirst && pending.Magnitude > limits.MaxSlewedPhasePerDay)
        {
            return new(Ruling.NotPermitted, $"phase {pending} is pending, more than may be slewed in a day after the first synchronisation", state);
        }

        var after = Account(tai.State, pending, now);
        return Decision.Allow(isFirst ? after with { FirstSynchronized = true } : after);
    }

    /// <summary>The leap's midnight is over: the flag goes, and TAI-UTC has changed by a second.</summary>
    public static PolicyState AfterLeap(PolicyState state) => state with
    {
        Leap = LeapSecond.None,
        TaiOffset = state.TaiOffset + (state.Leap == LeapSecond.Insert ? 1 : -1),
    };

    private Decision Leap(PolicyState state, LeapSecond wanted, Instant<Utc> clock, Instant<Boot> now)
    {
        if (wanted == LeapSecond.None)
        {
            bool isHappening = state.Leap != LeapSecond.None && clock >= state.LeapAt; // it ends by itself
            return Decision.Allow(isHappening ? state : state with { Leap = wanted });
        }

        var day = DateTimeOffset.FromUnixTimeSeconds(clock.SinceEpoch.WholeSeconds);
        if (day is not ({ Month: 6, Day: 30 } or { Month: 12, Day: 31 }))
        {
            return new(Ruling.NotPermitted, $"a leap second on {day:yyyy-MM-dd}: only on the last day of June or December", state);
        }

        var known = leaps?.AtEndOfDay(clock);
        if (known is not null && known != wanted)
        {
            return new(Ruling.NotPermitted, $"the leap table says {known} for today, not {wanted}", state);
        }

        Instant<Utc> midnight = new(Duration.FromSeconds(((clock.SinceEpoch.WholeSeconds / 86_400) + 1) * 86_400));
        if (state.LeapAt == midnight)
        {
            return Decision.Allow(state with { Leap = wanted }); // said before, and counted
        }

        if (known is null && (midnight - state.LeapAt).Magnitude < s_betweenLeaps)
        {
            return new(Ruling.NotPermitted, "no valid leap table, and the last leap second is less than 180 days ago", state);
        }

        return Decision.Allow(state with
        {
            Leap = wanted,
            LeapAt = midnight,
            TotalStepped = state.TotalStepped + Duration.FromSeconds(1L),
            LaterSteps = [.. RecentSteps(state, now), now],
        });
    }

    private Decision Tai(PolicyState state, int? wanted, Instant<Utc> clock)
    {
        int? table = leaps?.TaiMinusUtc(clock);
        if (wanted is not { } tai)
        {
            return Decision.Allow(state with { TaiOffset = table ?? state.TaiOffset });
        }

        if (tai is < LeastTai or > MostTai)
        {
            return new(Ruling.BeyondLimit, $"TAI-UTC = {tai} s: not within {LeastTai} to {MostTai}", state);
        }

        if ((table ?? state.TaiOffset) is { } known && known != tai)
        {
            return new(Ruling.NotPermitted, $"TAI-UTC = {tai} s: it is {known} s and changes at a leap second only", state);
        }

        return Decision.Allow(state with { TaiOffset = tai });
    }
}
