namespace TimeSuite.Ptpd.Hardware;

/// <summary>What is to be made of a pulse that a hardware clock has stamped.</summary>
internal enum PulseUse
{
    /// <summary>Nothing: it begins no second, or nobody knows which.</summary>
    None,

    /// <summary>It begins a second.</summary>
    Second,

    /// <summary>Pulses have come elsewhere for so long that it is the clock that is wrong: it is to begin anew.</summary>
    Elsewhere,
}

/// <summary>Says which second a pulse begins: by the hardware clock itself once that follows the pulses, before that by the system's clock. Pure.</summary>
/// <remarks>
/// Once it follows, a pulse that does not come when the clock expects it is a disturbance on the wire, or the other edge; one after the other for ten seconds, and it is the receiver that has changed
/// its mind. If the system's clock is synchronised and counts another second, its sources have been right and the start was wrong.
/// </remarks>
internal sealed class PulseSeconds
{
    private const int Convincing = 10;

    /// <summary>Who counts seconds must be surer than this, and a pulse within it of a second.</summary>
    private static readonly Duration Window = Duration.FromNanoseconds(50_000_000);

    /// <summary>Beyond what the clock is known to be off by: a receiver's saw tooth, and what an oscillator does in a second.</summary>
    private static readonly Duration Slack = Duration.FromNanoseconds(10_000);

    private int _elsewhere;

    /// <summary>Numbers one pulse.</summary>
    /// <param name="stamp">By the hardware clock, what the pulse is late by taken off.</param>
    /// <param name="bound">Half-width of the error of that clock; null: it does not follow the pulses yet.</param>
    /// <param name="system">TAI at the pulse by the system's clock, and half-width of its error; null: that knows nothing.</param>
    /// <param name="second">That it begins.</param>
    public PulseUse Judge(Instant<Phc> stamp, Duration? bound, (Instant<Tai> Time, Duration Bound)? system, out Instant<Tai> second)
    {
        Instant<Tai>? counted = system is { } clock && clock.Bound <= Window && IsNear(clock.Time, clock.Bound + Window, out var near) ? near : null;
        if (bound is not { } known || known > Window)
        {
            _elsewhere = 0;
            second = counted ?? default;
            return counted is null ? PulseUse.None : PulseUse.Second;
        }

        if (IsNear(new(stamp.SinceEpoch), known + Slack, out second) && (counted is null || counted == second))
        {
            _elsewhere = 0;
            return PulseUse.Second;
        }

        return ++_elsewhere < Convincing ? PulseUse.None : PulseUse.Elsewhere;
    }

    private static bool IsNear(Instant<Tai> time, Duration within, out Instant<Tai> second)
    {
        const long half = 500_000_000; // ns
        second = new(Duration.FromSeconds((time.SinceEpoch + Duration.FromNanoseconds(half)).WholeSeconds));
        return (time - second).Magnitude <= within;
    }
}
