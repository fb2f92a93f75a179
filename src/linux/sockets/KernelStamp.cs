using TimeSuite.Time;

namespace TimeSuite.Linux;

/// <summary>When the kernel took in a packet, by CLOCK_REALTIME, in the form that costs least.</summary>
/// <param name="Nanoseconds">Since 1970; 0: the kernel did not say.</param>
public readonly record struct KernelStamp(long Nanoseconds)
{
    public bool IsKnown => Nanoseconds != 0;

    internal static KernelStamp From(in TimeSpec time) => new(unchecked((time.tv_sec * 1_000_000_000) + time.tv_nsec)); // the kernel's, good until 2262
}

/// <summary>When an interface's hardware saw a packet pass, by its own clock.</summary>
/// <param name="Nanoseconds">Since that clock's epoch; 0: it did not say.</param>
/// <param name="Interface">Whose hardware, the kernel's number; 0: the kernel does not say.</param>
public readonly record struct HardwareStamp(long Nanoseconds, int Interface)
{
    public bool IsKnown => Nanoseconds != 0;

    public Instant<Phc> At => new(Duration.FromNanoseconds(Nanoseconds));

    internal static HardwareStamp From(in TimeSpec time, int @interface) => new(unchecked((time.tv_sec * 1_000_000_000) + time.tv_nsec), @interface);
}
