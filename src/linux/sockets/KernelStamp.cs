namespace TimeSuite.Linux;

/// <summary>When the kernel took in a packet, by CLOCK_REALTIME, in the form that costs least.</summary>
/// <param name="Nanoseconds">Since 1970; 0: the kernel did not say.</param>
public readonly record struct KernelStamp(long Nanoseconds)
{
    public bool IsKnown => Nanoseconds != 0;

    internal static KernelStamp From(in TimeSpec time) => new(unchecked((time.tv_sec * 1_000_000_000) + time.tv_nsec)); // the kernel's, good until 2262
}
