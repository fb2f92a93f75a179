using TimeSuite.Linux;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Hardware;

/// <summary>A hardware clock whose stamps of NTP are carried over. It is read here and set by nobody here: whoever steers it changes its rate, and that is seen.</summary>
/// <param name="device">The clock.</param>
internal sealed class StampingClock(PhcDevice device) : IDisposable
{
    private static readonly Duration ShortestBaseline = Duration.FromNanoseconds(200_000_000), LongestBaseline = Duration.FromSeconds(4L);
    private static readonly FrequencyOffset Fastest = FrequencyOffset.FromPpm(100_000);

    private PhcReading? _anchor;

    /// <summary>It was unplugged.</summary>
    public bool IsGone { get; private set; }

    /// <summary>How much faster it runs than the raw oscillator, over the last quarter of a second.</summary>
    public FrequencyOffset Rate { get; private set; }

    /// <summary>How much faster the system's clock runs than this one.</summary>
    public double SystemsRate { get; private set; }

    /// <summary>Reads it, as well as can be.</summary>
    public bool TryLook(out PhcReading reading)
    {
        bool isRead = device.TryRead(out reading, out bool isGone, PhcDevice.MostLooks);
        IsGone |= isGone;
        if (!isRead)
        {
            return false;
        }

        var width = _anchor is { } anchor ? reading.Raw - anchor.Raw : LongestBaseline;
        if (width >= ShortestBaseline)
        {
            (Rate, SystemsRate) = width < LongestBaseline ? RatesSince(_anchor!.Value, reading) : default;
            _anchor = reading;
        }

        return true;
    }

    public void Dispose() => device.Dispose();

    private static (FrequencyOffset Rate, double SystemsRate) RatesSince(in PhcReading before, in PhcReading now)
    {
        double raw = (now.Raw - before.Raw).Seconds, shown = (now.Phc - before.Phc).Seconds, system = (now.Realtime - before.Realtime).Seconds;
        var rate = FrequencyOffset.FromFraction((shown / raw) - 1);
        double systems = (system / shown) - 1;
        bool isSteady = rate.IsWithin(Fastest) && Math.Abs(systems) <= Fastest.Fraction; // else one of them was stepped
        return isSteady ? (rate, systems) : default;
    }
}
