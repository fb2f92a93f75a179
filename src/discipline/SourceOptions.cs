using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>Names a source within one <see cref="ClockDiscipline"/>. The program gives them out; a number is not used twice.</summary>
public readonly record struct SourceId(int Value)
{
    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"#{Value}");
}

/// <summary>How a source may be used: the keys of [[source]] that concern the discipline.</summary>
public sealed record SourceOptions
{
    /// <summary>For sentences: as configured.</summary>
    public string Name { get; init; } = "";

    /// <summary>While this one agrees with the majority, those without it are not combined.</summary>
    public bool Prefer { get; init; }

    /// <summary>Measured and reported, never used.</summary>
    public bool NoSelect { get; init; }

    /// <summary>The majority is found among these alone; the others have to agree with them.</summary>
    public bool Trust { get; init; }

    /// <summary>Nothing is selected unless at least one of these agrees.</summary>
    public bool Require { get; init; }

    /// <summary>Shortest time between polls, positive.</summary>
    public Duration MinPoll { get; init; } = Duration.FromSeconds(64L);

    /// <summary>Longest time between polls, not below <see cref="MinPoll"/>.</summary>
    public Duration MaxPoll { get; init; } = Duration.FromSeconds(1024L);

    /// <summary>At the start, polls may follow each other by 2 s and more, though <see cref="MinPoll"/> is longer.</summary>
    public bool Iburst { get; init; }

    /// <summary>Added to the measured offset; positive: the source is behind true time.</summary>
    public Duration Offset { get; init; }

    /// <summary>Share of the round trip by which the way out is longer than half of it: -0.5 to 0.5.</summary>
    public double Asymmetry { get; init; }

    /// <summary>Samples of a longer round trip are not used.</summary>
    public Duration MaxDelay { get; init; } = Duration.FromSeconds(3L);
}

/// <summary>What the association knows of its source and the samples do not say.</summary>
public sealed record SourceState
{
    /// <summary>Requests are being sent.</summary>
    public bool Online { get; init; } = true;

    /// <summary>One of the last eight polls was answered.</summary>
    public bool Reachable { get; init; } = true;

    /// <summary>1 to 15; 0 and 16 are not synchronised.</summary>
    public int Stratum { get; init; } = 1;

    /// <summary>Its newest reply said that it is not synchronised (leap indicator 3). Such replies are no samples and do not count for reach.</summary>
    public bool SaysUnsynchronized { get; init; }

    public LeapSecond Leap { get; init; }

    /// <summary>Its reference id is one of our own addresses: it follows us.</summary>
    public bool Loop { get; init; }

    /// <summary>It told us to go away (DENY, RSTR).</summary>
    public bool GivenUp { get; init; }
}
