namespace TimeSuite.Linux;

/// <summary>The kernel's name for this boot: 16 octets, drawn anew each time the machine starts. See random(4).</summary>
public static class BootId
{
    /// <exception cref="IOException">No /proc.</exception>
    public static Guid Read() => Guid.Parse(File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim());
}
