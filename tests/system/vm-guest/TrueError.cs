using TimeSuite.Linux;
using TimeSuite.Time;

namespace TimeSuite.System.VmGuest;

/// <summary>How wrong the machine's clock is against the reference at one moment, and what is said of it then.</summary>
/// <param name="At">When.</param>
/// <param name="Error">Positive: ahead.</param>
/// <param name="AheadOfRaw">What the clock gained on the raw oscillator since boot and 1970.</param>
/// <param name="IsClaimed">The page says that the clock is synchronised.</param>
/// <param name="Bound">The page's word on the error.</param>
/// <param name="Page">What the word came from.</param>
internal readonly record struct TrueError(Instant<Raw> At, Duration Error, Duration AheadOfRaw, bool IsClaimed, Duration Bound, string Page)
{
    /// <summary>Whether nothing untrue is said.</summary>
    public bool IsHonest => !IsClaimed || Error.Magnitude <= Bound;

    public bool IsInside => IsClaimed && Error.Magnitude <= Bound;

    /// <summary>Looks now.</summary>
    public static TrueError Now(Station machine, Station reference)
    {
        var (page, truth) = (machine.Page, reference.Page);
        var clock = Clocks.Read();
        var suspended = Clocks.Suspended();
        Check.That(truth.TryMap(clock.Raw, suspended, out var time, out _), "the reference has no time");
        return new(clock.Raw, clock.Realtime - time, clock.Realtime.SinceEpoch - clock.Raw.SinceEpoch, page.IsSynchronizedAt(clock.Raw, suspended), page.BoundAt(clock.Raw) + clock.HalfWidth, Describe(page, clock));
    }

    /// <summary>Looks four times a second.</summary>
    public static List<TrueError> Over(Station machine, Station reference, double seconds)
    {
        List<TrueError> seen = [];
        for (double at = 0; at < seconds; at += 0.25)
        {
            seen.Add(Now(machine, reference));
            GuestClock.Sleep(Duration.FromSeconds(0.25));
        }

        return seen;
    }

    /// <summary>Looks until it is so.</summary>
    /// <returns>All that was seen until then.</returns>
    public static List<TrueError> Until(Station machine, Station reference, double seconds, string what, Func<TrueError, bool> isSo)
    {
        var end = Clocks.Raw() + Duration.FromSeconds(seconds);
        List<TrueError> seen = [];
        do
        {
            seen.Add(Now(machine, reference));
            Check.That(seen[^1].At < end, $"not within {seconds} s: {what}; {seen[^1]}; ntpd's log: {machine.Ntpd.Log}; clockd's: {machine.Clockd.Log}");
            GuestClock.Sleep(Duration.FromSeconds(0.25));
        }
        while (!isSo(seen[^1]));
        return seen;
    }

    public override string ToString() => $"error {Error}, {(IsClaimed ? "claimed" : "not claimed")} within {Bound}; {Page}";

    private static string Describe(in TimePageReading page, in ClockTriple clock) =>
        $"at {clock.Realtime}: {page.PendingPhase} pending {clock.Raw - page.AsOf} ago, to begin at {page.SlewStarts}, time constant {page.TimeConstant}, rate {page.Frequency}, said {clock.Raw - page.Announced} ago";
}
