using TimeSuite.Time;

namespace TimeSuite.Ntpd.Clock;

/// <summary>Knows whether the UTC day ends with a leap second, and when that moment is. Pure: all is given to it.</summary>
/// <remarks>
/// The leap table's word counts; without one (or after its expiry), that of the majority of the selected sources, and only on the
/// last day of June and December. An inserted second begins where the day would have ended, a deleted one ends the day early.
/// </remarks>
internal sealed class LeapWatch
{
    /// <summary>Around the moment, servers disagree for a while about what time it is: some smear, some hesitate.</summary>
    private static readonly Duration QuietBefore = Duration.FromSeconds(2L), QuietAfter = Duration.FromSeconds(2L);

    /// <summary>A clock that is no better known than this does not know on which day it is.</summary>
    private static readonly Duration WorstBound = Duration.FromSeconds(1L);

    private Instant<Raw>? _moment;
    private Instant<Raw>? _past;

    /// <summary>What the day ends with, by what is known now.</summary>
    public LeapSecond Pending { get; private set; }

    /// <summary>When <see cref="TryPass"/> has something to do; null on ordinary days.</summary>
    public Instant<Raw>? Due => _moment;

    /// <summary>Looks again at today's end.</summary>
    /// <param name="utc">True time by the estimate, at <paramref name="at"/>.</param>
    /// <param name="at">On the raw oscillator.</param>
    /// <param name="bound">Half-width of the doubt in <paramref name="utc"/>.</param>
    /// <param name="table">What the leap table says of today; null if nothing.</param>
    /// <param name="majority">What more than half of the selected sources announce.</param>
    public void Look(Instant<Utc> utc, Instant<Raw> at, Duration bound, LeapSecond? table, LeapSecond majority)
    {
        long second = utc.SinceEpoch.WholeSeconds;
        var day = DateTimeOffset.FromUnixTimeSeconds(second).UtcDateTime;
        bool mayLeap = bound < WorstBound && day is { Month: 6, Day: 30 } or { Month: 12, Day: 31 };
        bool justPassed = _past is { } past && at - past < Duration.FromSeconds(3600L);
        Pending = mayLeap && !justPassed ? table ?? majority : LeapSecond.None;
        _moment = Pending switch
        {
            LeapSecond.Insert => at + (Midnight(second) - utc),
            LeapSecond.Delete => at + (Midnight(second) - utc) - Duration.FromSeconds(1L),
            _ => null,
        };
    }

    /// <summary>Whether a sample taken at this instant can be of either side of the leap.</summary>
    public bool IsDoubtful(Instant<Raw> at) =>
        (_moment is { } moment && at > moment - QuietBefore) || (_past is { } past && at < past + QuietAfter);

    /// <summary>Whether the moment has come: true once for each leap second.</summary>
    public bool TryPass(Instant<Raw> now, out LeapSecond leap)
    {
        leap = Pending;
        if (_moment is not { } moment || now < moment)
        {
            leap = LeapSecond.None;
            return false;
        }

        (_past, _moment, Pending) = (moment, null, LeapSecond.None);
        return true;
    }

    private static Instant<Utc> Midnight(long second) => new(Duration.FromSeconds(((second / 86_400) + 1) * 86_400));
}
