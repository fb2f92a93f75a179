using TimeSuite.Time;

namespace TimeSuite.Policy;

/// <summary>How a request was judged.</summary>
public enum Ruling
{
    Allowed,

    /// <summary>It makes no sense, whatever the limits are.</summary>
    Malformed,

    /// <summary>A number is larger or smaller than it may ever be.</summary>
    BeyondLimit,

    /// <summary>Not now: what is permitted was used, or the day is the wrong one.</summary>
    NotPermitted,
}

/// <summary>A decision.</summary>
/// <param name="Ruling">Allowed, or why not.</param>
/// <param name="Message">For people.</param>
/// <param name="State">What is to be remembered, before the deed is done; unchanged if refused.</param>
public readonly record struct Decision(Ruling Ruling, string Message, PolicyState State)
{
    /// <summary>Whether the administrator's permit is used up by it.</summary>
    public bool UsesPermit { get; init; }

    public bool IsAllowed => Ruling == Ruling.Allowed;

    public static Decision Allow(PolicyState state) => new(Ruling.Allowed, "", state);
}

/// <summary>An administrator's word for one more step.</summary>
/// <param name="MaxSize">Magnitude.</param>
/// <param name="Until">It lapses after this.</param>
public sealed record StepPermit(Duration MaxSize, Instant<Boot> Until);
