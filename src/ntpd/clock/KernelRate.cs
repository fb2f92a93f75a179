using TimeSuite.Linux;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Clock;

/// <summary>How fast the system's clock runs against the raw one, over the last seconds and whoever steers it: what kernel stamps are carried over with.</summary>
internal sealed class KernelRate
{
    private static readonly Duration ShortestBaseline = Duration.FromSeconds(1L);
    private static readonly FrequencyOffset Fastest = FrequencyOffset.FromPpm(100_000); // no daemon slews faster

    private ClockTriple _anchor = Clocks.Read();

    /// <summary>Positive: it gains on the raw clock.</summary>
    public FrequencyOffset Value { get; private set; }

    /// <summary>Looks again, at most once a second; in between it costs nothing.</summary>
    public void Follow(Instant<Raw> present)
    {
        if (present - _anchor.Raw < ShortestBaseline)
        {
            return;
        }

        var now = Clocks.Read();
        var width = now.Raw - _anchor.Raw;
        var rate = FrequencyOffset.FromFraction((now.Realtime - _anchor.Realtime - width).Seconds / width.Seconds);
        Value = rate.IsWithin(Fastest) ? rate : FrequencyOffset.Zero; // beyond that it was a step
        _anchor = now;
    }

    /// <summary>The clock was stepped: what was seen before means nothing.</summary>
    public void Restart() => (_anchor, Value) = (Clocks.Read(), FrequencyOffset.Zero);
}
