namespace TimeSuite.Host;

/// <summary>Whether a daemon that systemd has started is under the AppArmor profile that this host has for it. A profile that could not be loaded is nobody's fault to the kernel: the program just runs without.</summary>
public static class AppArmorProfile
{
    /// <summary>What is to be said of it; null: nothing.</summary>
    /// <param name="name">The daemon's.</param>
    /// <param name="root">Where /proc, /sys and /etc are, for tests.</param>
    /// <param name="invocation">INVOCATION_ID, which systemd gives to whom it starts; null: the environment's.</param>
    public static string? Fault(string name, string root = "/", string? invocation = null)
    {
        // Its own state first: under a profile the rest may not be read, and that would be logged as a denial.
        if (string.IsNullOrEmpty(invocation ?? Environment.GetEnvironmentVariable("INVOCATION_ID"))
            || (Read("proc/self/attr/apparmor/current") ?? Read("proc/self/attr/current")) != "unconfined"
            || Read("sys/module/apparmor/parameters/enabled") != "Y")
        {
            return null;
        }

        string profile = $"timesuite-{name}", file = Path.Combine("/etc/apparmor.d", profile);
        return File.Exists(Path.Combine(root, file[1..]))
            ? $"NOT CONFINED by AppArmor: {file} is there, but not in force; `apparmor_parser -r {file}` loads it or says why not, then restart {profile}"
            : null;

        string? Read(string path)
        {
            try
            {
                return File.ReadAllText(Path.Combine(root, path)).Trim('\n', '\0');
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return null; // no AppArmor, or a kernel before 5.8
            }
        }
    }
}
