using TimeSuite.Time;

namespace TimeSuite.Linux;

/// <summary>Which clock a time page is about. The numbers are in the file.</summary>
public enum TimePageKind
{
    /// <summary>No page was ever written.</summary>
    None = 0,

    /// <summary>CLOCK_REALTIME; the page says how good it is.</summary>
    System = 1,

    /// <summary>The page is the clock.</summary>
    Shadow = 2,
}

/// <summary>What a time page said at one moment: a consistent copy of 704 octets, no allocation. Pass it by reference.</summary>
public partial struct TimePageReading
{
    internal TimePageBody Body;

    public readonly TimePageKind Kind => Body.Kind switch
    {
        (uint)TimePageKind.System => TimePageKind.System,
        (uint)TimePageKind.Shadow => TimePageKind.Shadow,
        _ => TimePageKind.None,
    };

    /// <summary>As last announced. Ask <see cref="IsSynchronizedAt"/>, which also looks at the age.</summary>
    public readonly bool Synchronized => (Body.Flags & TimePageBody.SynchronizedFlag) != 0;

    public readonly LeapSecond Leap => Body.Leap switch
    {
        1 => LeapSecond.Insert,
        2 => LeapSecond.Delete,
        _ => LeapSecond.None,
    };

    /// <summary>TAI-UTC in seconds; null if unknown.</summary>
    public readonly int? TaiOffset => Body.TaiOffset == 0 ? null : Body.TaiOffset;

    /// <summary>Rate correction in force, without the slew.</summary>
    public readonly FrequencyOffset Frequency => ClockSegment.FromTicks(Body.Frequency);

    /// <summary>Still to be worked off at <see cref="AsOf"/>; positive: the clock will be advanced.</summary>
    public readonly Duration PendingPhase => Body.PendingPhase.Value;

    /// <summary>What the kernel was still going to do at <see cref="AsOf"/>, until the next full second, beside <see cref="PendingPhase"/>.</summary>
    public readonly Duration Running => Body.Running.Value;

    /// <summary>Of the kernel's loop, 0 to 10.</summary>
    public readonly int TimeConstant => (int)Body.TimeConstant;

    /// <summary>When the last slew began or begins.</summary>
    public readonly Instant<Utc> SlewStarts => new(Body.SlewStarts.Value);

    /// <summary>Steps of the clock since boot.</summary>
    public readonly ulong StepGeneration => Body.StepGeneration;

    /// <summary>When <see cref="Bound"/> and <see cref="PendingPhase"/> held.</summary>
    public readonly Instant<Raw> AsOf => new(Body.AsOf.Value);

    /// <summary>When the steerer last announced.</summary>
    public readonly Instant<Raw> Announced => new(Body.Announced.Value);

    /// <summary>Promised time between announcements.</summary>
    public readonly Duration Interval => Body.Interval.Value;

    /// <summary>Half-width of the interval that held true time at <see cref="AsOf"/>, the pending phase included.</summary>
    public readonly Duration Bound => Body.Bound.Value;

    /// <summary>Standard deviation of the estimate, as announced.</summary>
    public readonly Duration Sigma => Body.Sigma.Value;

    public readonly FrequencyOffset BoundGrowth => ClockSegment.FromTicks(Body.BoundGrowth);

    /// <summary>How long the machine had been suspended since boot at <see cref="Announced"/>.</summary>
    public readonly Duration Suspended => Body.Suspended.Value;

    /// <summary>What is known of the clock's error, at <see cref="AsOf"/>, without the pending phase.</summary>
    public readonly Announcement Announcement => new()
    {
        Synchronized = Synchronized,
        Bound = Duration.Max(Duration.Zero, Bound - PendingPhase.Magnitude),
        Sigma = Sigma,
        Growth = BoundGrowth,
        Interval = Interval,
        Leap = Leap,
        TaiOffset = TaiOffset,
    };

    /// <summary>Composes a page.</summary>
    /// <param name="clock">The clock, for its kind and its segments.</param>
    /// <param name="state">What it does.</param>
    /// <param name="announced">What is known of its error, as of <paramref name="announcedAt"/>.</param>
    /// <param name="announcedAt">When the steerer said so; a suspend after it makes readers doubt.</param>
    /// <param name="bound">Half-width of the interval that holds true time now, the pending phase included.</param>
    /// <param name="generation">Steps since boot.</param>
    /// <param name="now">Now.</param>
    public static TimePageReading Of(
        ISteerableClock clock, in ClockState state, in Announcement announced, Moment announcedAt, Duration bound, ulong generation, Moment now)
    {
        var body = new TimePageBody
        {
            Kind = (uint)clock.Kind,
            Flags = announced.Synchronized ? TimePageBody.SynchronizedFlag : 0,
            Leap = (int)announced.Leap,
            TaiOffset = announced.TaiOffset ?? 0,
            TimeConstant = (uint)state.TimeConstant,
            StepGeneration = generation,
            Frequency = ClockSegment.ToTicks(state.Frequency),
            BoundGrowth = ClockSegment.ToTicks(announced.Growth),
            AsOf = PageTime.From(now.Raw.SinceEpoch),
            Announced = PageTime.From(announcedAt.Raw.SinceEpoch),
            Interval = PageTime.From(announced.Interval),
            Bound = PageTime.From(bound),
            PendingPhase = PageTime.From(state.PendingPhase),
            Running = PageTime.From(state.Running),
            SlewStarts = PageTime.From(state.SlewStarts.SinceEpoch),
            Suspended = PageTime.From(announcedAt.Suspended),
            Sigma = PageTime.From(announced.Sigma),
        };
        foreach (var segment in clock.Segments)
        {
            body.Segments[(int)body.SegmentCount++] = new()
            {
                Start = PageTime.From(segment.Start.SinceEpoch),
                Base = PageTime.From(segment.Base.SinceEpoch),
                Rate = segment.RateTicks,
                Generation = segment.Generation,
                Suspended = PageTime.From(segment.Suspended),
            };
        }

        return new() { Body = body };
    }

    /// <summary>Whether the clock is to be believed: announced as synchronised, no longer ago than twice the interval, and no suspend since.</summary>
    /// <param name="now">Now.</param>
    /// <param name="suspended">How long the machine has been suspended since boot: <c>Clocks.Suspended</c>.</param>
    public readonly bool IsSynchronizedAt(Instant<Raw> now, Duration suspended) =>
        Synchronized && now - Announced <= Interval + Interval && !ClockSegment.Slept(Suspended, suspended);

    /// <summary>Half-width of the interval that holds true time at <paramref name="at"/>, if the page is still to be believed then.</summary>
    public readonly Duration BoundAt(Instant<Raw> at) =>
        Bound + ClockSegment.Gain(Duration.Max(Duration.Zero, at - AsOf), Body.BoundGrowth);

    /// <summary>What the shadow clock showed, shows or will show at an instant, by the segment in force then.</summary>
    /// <param name="at">Not before the oldest of the last eight changes.</param>
    /// <param name="suspended">How long the machine has been suspended since boot: <c>Clocks.Suspended</c>.</param>
    /// <param name="time">What the clock shows.</param>
    /// <param name="generation">Steps up to then; stamps of different generations do not compare.</param>
    /// <returns>False for the system's clock and for an instant before all segments.</returns>
    public readonly bool TryMap(Instant<Raw> at, Duration suspended, out Instant<Utc> time, out ulong generation)
    {
        for (int index = (int)Math.Min(Body.SegmentCount, TimePageBody.MaxSegments) - 1; index >= 0; index--)
        {
            var segment = Segment(index);
            if (segment.Start <= at)
            {
                time = segment.Map(at, suspended);
                generation = segment.Generation;
                return true;
            }
        }

        time = default;
        generation = 0;
        return false;
    }

    /// <summary>The shadow's segments, oldest first; some may still lie ahead.</summary>
    public readonly ClockSegment[] Segments()
    {
        var segments = new ClockSegment[Math.Min(Body.SegmentCount, TimePageBody.MaxSegments)];
        for (int index = 0; index < segments.Length; index++)
        {
            segments[index] = Segment(index);
        }

        return segments;
    }

    private readonly ClockSegment Segment(int index)
    {
        ref readonly var segment = ref Body.Segments[index];
        return new(new(segment.Start.Value), new(segment.Base.Value), segment.Rate, segment.Suspended.Value, segment.Generation);
    }
}
