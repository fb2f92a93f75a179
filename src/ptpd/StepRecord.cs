using TimeSuite.Ptp;

namespace TimeSuite.Ptpd;

/// <summary>How often a clock that is served was stepped, and by how much: but for its steps and its steering it goes on as the bare oscillator does.</summary>
internal sealed class StepRecord
{
    private static readonly Duration Back = Duration.FromSeconds(2L);

    private Moment? _older, _newer; // between them more than Back

    /// <summary>Since the first moment that was noted.</summary>
    public (uint Count, Duration Sum) Steps { get; private set; }

    /// <summary>Notes what was served. clockd may count a step by somebody else's hand a while after it: the time before it is that of some seconds ago.</summary>
    /// <param name="steps">As clockd counts them.</param>
    /// <param name="frequency">How much faster than the bare oscillator the clock is made to run.</param>
    /// <param name="stamp">A moment on the bare oscillator.</param>
    /// <param name="time">What the clock shows then.</param>
    public void Note(ulong steps, FrequencyOffset frequency, Instant<Local> stamp, Instant<Tai> time)
    {
        var now = new Moment(steps, stamp, time);
        if (_older is { } before && before.Count != steps)
        {
            var elapsed = stamp - before.Stamp;
            Steps = (Steps.Count + 1, Steps.Sum + (time - before.Time) - elapsed - elapsed.At(frequency));
            (_older, _newer) = (now, null);
        }
        else if (_newer is not { } newer || stamp - newer.Stamp > Back)
        {
            (_older, _newer) = (_newer ?? now, now);
        }
    }

    private readonly record struct Moment(ulong Count, Instant<Local> Stamp, Instant<Tai> Time);
}
