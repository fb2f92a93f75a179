using Xunit.Abstractions;

namespace TimeSuite.Debian.Tests;

/// <summary>The package in a Debian with systemd and AppArmor: the quick part of <c>make vm-test</c>, whose table is this test's output.</summary>
public sealed class DebianTests(ITestOutputHelper output)
{
    private const int Rows = 40; // fewer, and a part of it was not tried
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(25); // four on an idle machine, the image's making included; but it runs beside all other tests, last in the queue

    [DebianFact]
    public void The_package_is_installed_keeps_time_is_confined_and_goes_away()
    {
        var (exitCode, seen) = BoundedRun.Of("/bin/bash", [Repository.File("tests/debian/run.sh"), "quick"], Repository.Root, s_limit);
        output.WriteLine(seen);
        Assert.True(exitCode == 0, seen);
        Assert.True(seen.Split('\n').Count(line => line.StartsWith("ok ", StringComparison.Ordinal)) >= Rows, seen);
    }

    /// <summary>Where what it takes is not there, it is skipped.</summary>
    private sealed class DebianFactAttribute : FactAttribute
    {
        private static readonly string[] s_programs = ["qemu-system-x86_64", "mmdebstrap", "pandoc", "openssl", "mke2fs"];

        public DebianFactAttribute()
        {
            string path = Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin";
            var missing = s_programs.Where(program => !path.Split(':').Any(folder => File.Exists(Path.Combine(folder, program)))).ToList();
            Skip = !Environment.IsPrivilegedProcess ? "needs root, to make the virtual machine's disk" : missing.Count > 0 ? $"needs {string.Join(", ", missing)}: see build/require.sh" : null;
        }
    }
}
