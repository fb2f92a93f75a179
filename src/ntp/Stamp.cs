namespace TimeSuite.Ntp;

/// <summary>Who looked at the clock, worst first.</summary>
public enum StampSource
{
    /// <summary>This program, before it asked the kernel to send or after it was woken.</summary>
    Daemon,

    /// <summary>The kernel, at the border to the driver.</summary>
    Kernel,

    /// <summary>The network card.</summary>
    Hardware,
}

/// <summary>When a datagram of ours left or one for us came.</summary>
/// <param name="At">On the bare oscillator.</param>
/// <param name="Source">Who says so.</param>
/// <param name="Error">Half-width of the doubt, not negative; travels with the stamp because an interleaved exchange uses it one poll later.</param>
public readonly record struct Stamp(Instant<Raw> At, StampSource Source, Duration Error);
