namespace TimeSuite.Linux;

/// <summary>The kernel's name for this boot: 16 octets, drawn anew each time the machine starts. See random(4).</summary>
public static class BootId
{
    /// <summary>Where the service manager says it (%b of systemd.unit(5)): a unit with <c>ProcSubset=pid</c> has no /proc/sys.</summary>
    public const string Variable = "TIMESUITE_BOOT_ID";

    /// <exception cref="IOException">Nobody says it, and there is no /proc/sys.</exception>
    public static Guid Read() => Read(Environment.GetEnvironmentVariable(Variable));

    internal static Guid Read(string? told) => Guid.TryParse(told, out var boot) ? boot : Guid.Parse(File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim());
}
