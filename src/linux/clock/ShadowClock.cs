using TimeSuite.Time;

namespace TimeSuite.Linux;

/// <summary>A clock that exists only in the time page: lines over the raw oscillator. The system's clock is not touched.</summary>
/// <remarks>
/// A slew is two segments, the slewing one and, in the future, the one that takes over at its planned end: if this process is killed, the
/// page goes on and stops where it should. Nothing is kept here that is not in the page, so a restart can go on from it.
/// </remarks>
public sealed class ShadowClock : ISteerableClock
{
    private readonly FrequencyOffset _oscillator;
    private readonly List<ClockSegment> _segments;
    private FrequencyOffset _frequency;
    private Instant<Utc> _slewStarts;

    private ShadowClock(FrequencyOffset oscillator, List<ClockSegment> segments)
    {
        _oscillator = oscillator;
        _segments = segments;
    }

    public TimePageKind Kind => TimePageKind.Shadow;

    public IReadOnlyList<ClockSegment> Segments => _segments;

    /// <summary>Begins a shadow of CLOCK_REALTIME, or goes on with the one that an earlier process of this boot left in the page.</summary>
    /// <param name="earlier">What the page says.</param>
    /// <param name="offset">How wrong it starts: positive is ahead. Without meaning when it goes on.</param>
    /// <param name="oscillator">How wrong its oscillator is: positive is fast. Part of every rate, and never shown.</param>
    /// <param name="now">Now.</param>
    public static ShadowClock Resume(in TimePageReading? earlier, Duration offset, FrequencyOffset oscillator, Moment now)
    {
        if (earlier is { Kind: TimePageKind.Shadow, Body.SegmentCount: > 0 } page)
        {
            return new(oscillator, [.. page.Segments()]) { _frequency = page.Frequency, _slewStarts = page.SlewStarts };
        }

        return new(oscillator, [new(now.Raw, now.Realtime + offset, ClockSegment.ToTicks(oscillator), now.Suspended, Generation: 0)]);
    }

    public ClockState Read(Moment now) => new()
    {
        Time = InForce(now).Map(now.Raw, now.Suspended),
        Frequency = _frequency,
        PendingPhase = Pending(now).Phase,
        SlewStarts = _slewStarts,
    };

    public void Steer(FrequencyOffset frequency, Slew? slew, Moment now)
    {
        var (phase, rate) = slew is { } wanted ? (wanted.Phase, RateOf(wanted)) : Pending(now);
        if (slew is not null)
        {
            _slewStarts = InForce(now).Map(now.Raw, now.Suspended);
        }
        else if (frequency == _frequency)
        {
            return;
        }

        _frequency = frequency;
        Rewrite(Duration.Zero, phase, rate, InForce(now).Generation, now);
    }

    public void EndSlew(Moment now) => Rewrite(Duration.Zero, Duration.Zero, FrequencyOffset.Zero, InForce(now).Generation, now);

    public void StepBy(Duration offset, ulong generation, Moment now) =>
        Rewrite(offset, Duration.Zero, FrequencyOffset.Zero, generation, now);

    public void Announce(in Announcement announcement)
    {
        // The page says it all, and the page is written by whoever calls this.
    }

    public bool Tick(Moment now) => true;

    private static FrequencyOffset RateOf(Slew slew)
    {
        double fastest = slew.MaxRate.Fraction;
        double rate = slew.Duration.Sign > 0 ? Math.Min(fastest, slew.Phase.Magnitude.Seconds / slew.Duration.Seconds) : fastest;
        return FrequencyOffset.FromFraction(slew.Phase.Sign < 0 ? -rate : rate);
    }

    /// <summary>Puts a line, and for a slew the one that ends it, in the place of what would have been from now on.</summary>
    private void Rewrite(Duration step, Duration phase, FrequencyOffset rate, ulong generation, Moment now)
    {
        var time = InForce(now).Map(now.Raw, now.Suspended) + step;
        _segments.RemoveAll(segment => segment.Start >= now.Raw);
        var steady = _oscillator + _frequency;
        if (phase == Duration.Zero || rate == FrequencyOffset.Zero)
        {
            _segments.Add(new(now.Raw, time, ClockSegment.ToTicks(steady), now.Suspended, generation));
        }
        else
        {
            var slewing = new ClockSegment(now.Raw, time, ClockSegment.ToTicks(steady + rate), now.Suspended, generation);
            var end = now.Raw + Duration.FromSeconds(phase.Seconds / rate.Fraction);
            _segments.Add(slewing);
            _segments.Add(new(end, slewing.Map(end, now.Suspended), ClockSegment.ToTicks(steady), now.Suspended, generation));
        }

        _segments.RemoveRange(0, Math.Max(0, _segments.Count - TimePageBody.MaxSegments));
    }

    /// <summary>What the segment that lies ahead will end.</summary>
    private (Duration Phase, FrequencyOffset Rate) Pending(Moment now)
    {
        var last = _segments[^1];
        if (last.Start <= now.Raw)
        {
            return default;
        }

        long rate = InForce(now).RateTicks - last.RateTicks;
        return (ClockSegment.Gain(last.Start - now.Raw, rate), ClockSegment.FromTicks(rate));
    }

    private ClockSegment InForce(Moment now) => _segments[Math.Max(0, _segments.FindLastIndex(segment => segment.Start <= now.Raw))];
}
