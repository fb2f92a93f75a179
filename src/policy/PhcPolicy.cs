using TimeSuite.Time;

namespace TimeSuite.Policy;

/// <summary>The numbers of the policy for PTP hardware clocks. No program reads time from one of these without asking whether it is right, so there is no budget and no floor.</summary>
public sealed record PhcLimits
{
    /// <summary>Magnitude, pulses included; the device's own limit if that is less. Crystals are within 100 ppm.</summary>
    public FrequencyOffset MaxFrequency { get; init; } = FrequencyOffset.FromPpm(1_000);

    /// <summary>Whether they may be stepped, by any length at any time.</summary>
    public bool Steps { get; init; } = true;

    /// <summary>How long a holder may be silent while the frequency is another than the one to fall back to.</summary>
    public Duration Lease { get; init; } = Duration.FromSeconds(10L);
}

/// <summary>What is to be done to a hardware clock.</summary>
/// <param name="Step">First; positive is forward.</param>
/// <param name="Frequency">Then; null: stays as it is.</param>
/// <param name="Base">What it falls back to when the pulse or the lease ends.</param>
/// <param name="For">How long <paramref name="Frequency"/> lasts; null: until the next message or the end of the lease.</param>
public readonly record struct PhcDeed(Duration? Step, FrequencyOffset? Frequency, FrequencyOffset Base, Duration? For)
{
    /// <summary>What else the device is to do.</summary>
    public PinStamps? Stamps { get; init; }

    /// <summary>Whether something has to be undone if nobody says more.</summary>
    public bool IsPulse => Frequency is { } frequency && frequency != Base;
}

/// <summary>What a steerer may do to a hardware clock: CLOCK.md sections 2 and 7. Pure.</summary>
public static class PhcPolicy
{
    private static readonly Duration s_shortest = Duration.FromNanoseconds(1_000_000), s_largestStep = Duration.FromSeconds(ClockPolicy.End);

    /// <summary>Judges all that is in one message: if one part is refused, all of it is.</summary>
    /// <param name="wish">The message.</param>
    /// <param name="limits">Policy.</param>
    /// <param name="device">The most that the device can do.</param>
    /// <param name="deed">What to do, if it is allowed.</param>
    /// <param name="why">For people, if it is not.</param>
    public static Ruling Judge(in Wish wish, PhcLimits limits, FrequencyOffset device, out PhcDeed deed, out string why)
    {
        deed = default;
        if (wish.Announcement is not null)
        {
            why = "what a hardware clock is worth is told by ptpd, not by clockd";
            return Ruling.Malformed;
        }

        if (wish.Step is { } step)
        {
            deed = new(step, null, default, null);
            why = limits.Steps ? $"step {step} is beyond {s_largestStep}" : "phc-steps is off";
            return !limits.Steps ? Ruling.NotPermitted : step.Magnitude > s_largestStep ? Ruling.BeyondLimit : Ruling.Allowed;
        }

        if (wish.Frequency is not { } frequency)
        {
            (deed, why) = (new() { Stamps = wish.Stamps }, "");
            return Ruling.Allowed;
        }

        var fallback = wish.BaseFrequency ?? frequency;
        if (!frequency.IsFinite || !fallback.IsFinite)
        {
            why = "the frequency is not a number";
            return Ruling.Malformed;
        }

        Duration? length = null;
        if (wish.Slew is { Phase.Sign: not 0 } slew)
        {
            if (slew.Duration < s_shortest)
            {
                why = $"a phase of a hardware clock needs a duration of at least {s_shortest}";
                return Ruling.Malformed;
            }

            frequency += FrequencyOffset.FromFraction(slew.Phase.Seconds / slew.Duration.Seconds);
            length = slew.Duration;
        }

        var most = device.IsWithin(limits.MaxFrequency) ? device : limits.MaxFrequency;
        if (!frequency.IsWithin(most.WithRounding()) || !fallback.IsWithin(most.WithRounding()))
        {
            why = $"frequency {frequency}, falling back to {fallback}, is beyond {most}";
            return Ruling.BeyondLimit;
        }

        deed = new(null, frequency, fallback, length);
        why = "";
        return Ruling.Allowed;
    }
}
