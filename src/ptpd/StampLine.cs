using TimeSuite.Linux;
using TimeSuite.Ptp;

namespace TimeSuite.Ptpd;

/// <summary>Carries the kernel's software stamps (CLOCK_REALTIME) to the bare oscillator, between a look before the event and one after it.</summary>
internal sealed class StampLine : IStampLine
{
    private static readonly Duration Oldest = Duration.FromSeconds(1L);

    private ClockTriple _before = Clocks.Read(), _after = Clocks.Read();
    private FrequencyOffset _rate;

    /// <summary>How wrong the last stamp may be.</summary>
    public Duration Error { get; private set; }

    /// <summary>Looks at the clocks: once for each waking, after the events that woke us.</summary>
    public void Look()
    {
        var now = Clocks.Read();
        if (now.Raw - _before.Raw > Oldest)
        {
            // The look before last may be long ago; its rate holds, whoever steers the clock, while nobody steps it.
            var span = _after.Raw - _before.Raw;
            if (span > Duration.FromNanoseconds(100_000_000))
            {
                var rate = FrequencyOffset.FromFraction((_after.Realtime - _before.Realtime - span).Seconds / span.Seconds);
                _rate = rate.IsWithin(FrequencyOffset.FromPpm(100_000)) ? rate : FrequencyOffset.Zero;
            }

            _before = _after;
        }

        _after = now;
    }

    /// <summary>Finds a stamp on the bare oscillator.</summary>
    /// <returns>Null if the clock was stepped meanwhile, or the stamp is too old.</returns>
    public Instant<Local>? Map(Duration stamp)
    {
        if (new StampBracket(_before, _after, _rate).Map(new(stamp), out var mapped) != StampRefusal.None)
        {
            return null;
        }

        Error = mapped.Error;
        return new(mapped.At.SinceEpoch);
    }
}
