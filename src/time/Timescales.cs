namespace TimeSuite.Time;

/// <summary>Names a line of time. Never instantiated: a type argument that keeps clocks apart.</summary>
public interface ITimescale
{
    /// <summary>Short name for logs.</summary>
    static abstract string Name { get; }
}

/// <summary>Unix seconds, leap seconds not counted: what CLOCK_REALTIME means to show, and what a shadow clock shows.</summary>
public readonly struct Utc : ITimescale
{
    /// <inheritdoc/>
    public static string Name => "UTC";
}

/// <summary>PTP's scale: Unix epoch, every SI second counted.</summary>
public readonly struct Tai : ITimescale
{
    /// <inheritdoc/>
    public static string Name => "TAI";
}

/// <summary>CLOCK_MONOTONIC_RAW: the bare oscillator since boot, suspended time left out. Nobody steps or steers it.</summary>
/// <remarks>All measurement and all timers are on this line: docs/decisions/0002.</remarks>
public readonly struct Raw : ITimescale
{
    /// <inheritdoc/>
    public static string Name => "raw";
}

/// <summary>CLOCK_BOOTTIME: since boot, suspended time counted. Leases, deadlines and policy budgets are on this line.</summary>
public readonly struct Boot : ITimescale
{
    /// <inheritdoc/>
    public static string Name => "boot";
}

/// <summary>What a PTP hardware clock (PHC) shows: TAI once it is steered, anything before. It may be steered and stepped.</summary>
public readonly struct Phc : ITimescale
{
    /// <inheritdoc/>
    public static string Name => "PHC";
}
