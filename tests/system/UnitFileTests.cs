using System.Diagnostics;
using System.Globalization;
using TimeSuite.System.Tests.Suite;

namespace TimeSuite.System.Tests;

/// <summary>The units as they are installed, judged by systemd's own tools.</summary>
public sealed class UnitFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("timesuite-units-").FullName;

    public UnitFileTests()
    {
        foreach (string file in Directory.EnumerateFiles(Repository.File("systemd"), "timesuite*.*").Where(file => Path.GetExtension(file) is ".service" or ".socket" or ".target"))
        {
            string text = File.ReadAllText(file).Replace("@BINDIR@/timectl", "/bin/true", StringComparison.Ordinal);
            foreach (string daemon in new[] { "clockd", "ntpd", "ntskeyd", "ptpd", "lookupd" })
            {
                text = text.Replace($"@LIBDIR@/{daemon}", "/bin/true", StringComparison.Ordinal);
            }

            File.WriteAllText(Path.Combine(_folder, Path.GetFileName(file)), text);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("clockd", 1.3)]
    [InlineData("ntskeyd", 1.2)]
    [InlineData("ntpd", 1.3)]
    [InlineData("ptpd", 2.0)]
    [InlineData("lookupd", 1.3)]
    [InlineData("hardware-stamps", 1.3)]
    [InlineData("waitsync", 1.0)]
    [InlineData("ptpd", 2.0, "[ptp]\ninterfaces = [\"eth0\"]\ntransport = \"ethernet\"\n")]
    [InlineData("ntpd", 1.5, "[ntp]\nhw-timestamp = \"all\"\n")] // it reads hardware clocks: decision 0013
    public async Task Each_service_is_exposed_no_more_than_it_must_be(string daemon, double most, string config = "")
    {
        string written = Path.Combine(_folder, "timesuite.toml");
        await File.WriteAllTextAsync(written, config);
        using var timectl = Child.Start("timectl", ["config", "sockets", _folder, "--config", written]);
        Assert.Equal(0, await timectl.EndAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal(config.Length > 0, Directory.Exists(Path.Combine(_folder, $"timesuite-{daemon}.service.d")));

        string report = Analyze("security", "--offline=true", $"./timesuite-{daemon}.service");

        string line = report.Split('\n').Single(text => text.Contains("Overall exposure level", StringComparison.Ordinal));
        double score = double.Parse(line.Split(':')[1].Trim().Split(' ')[0], CultureInfo.InvariantCulture);
        Assert.True(score <= most, report);
    }

    [Fact]
    public void The_service_manager_finds_nothing_wrong_with_any_unit()
    {
        var units = Directory.EnumerateFiles(_folder).Select(file => "./" + Path.GetFileName(file)).Order();

        var complaints = Analyze(["verify", "--man=no", .. units]).Split('\n').Where(line => line.Contains("timesuite", StringComparison.Ordinal));

        Assert.Empty(complaints);
    }

    [Fact]
    public void No_daemon_is_in_the_group_of_those_who_control_the_suite()
    {
        foreach (string unit in Directory.EnumerateFiles(_folder, "*.service"))
        {
            var lines = File.ReadAllLines(unit);

            Assert.DoesNotContain(lines, line => line.Contains("Group", StringComparison.Ordinal) && line.Split('=', ' ').Contains("timesuite"));
        }
    }

    [Fact]
    public void Other_time_daemons_are_stopped_before_clockd_starts_and_the_package_knows_the_same_ones()
    {
        string[] Names(string file, string key) => [.. File.ReadAllLines(Path.Combine(_folder, file)).Where(line => line.StartsWith(key, StringComparison.Ordinal)).SelectMany(line => line[key.Length..].Split(' '))];
        var known = File.ReadAllLines(Repository.File("packaging/debian/postinst")).Single(line => line.StartsWith("others=", StringComparison.Ordinal)).Split('"')[1].Split(' ').Select(name => name + ".service").ToList();

        Assert.Equal(known, Names("timesuite-clockd.service", "Conflicts="));
        Assert.Equal(known, Names("timesuite.target", "Conflicts="));
        Assert.Empty(Names("timesuite-clockd.service", "Conflicts=").Except(Names("timesuite-clockd.service", "After=")));
    }

    /// <summary>A unit that fails lets go of what it holds back.</summary>
    [Fact]
    public void What_holds_back_services_until_the_clock_is_right_never_gives_up()
    {
        var lines = File.ReadAllLines(Repository.File("systemd/timesuite-waitsync.service"));

        Assert.Contains("ExecStart=@BINDIR@/timectl waitsync", lines);
        Assert.Contains("TimeoutStartSec=infinity", lines);
        Assert.Contains("Before=time-sync.target", lines);
        Assert.DoesNotContain(lines, line => line.StartsWith("Requires=", StringComparison.Ordinal) || line.StartsWith("BindsTo=", StringComparison.Ordinal));
        // Nor does it start any of the suite, whose clockd would stop the daemon that keeps the time; where that is not started there is nothing to wait for.
        Assert.Contains("Requisite=timesuite.target", lines);
        Assert.Equal(["Wants=time-sync.target"], lines.Where(line => line.StartsWith("Wants=", StringComparison.Ordinal)));
    }

    /// <summary>By SIGHUP, which ptpd does not heed: it reads its configuration at the start only.</summary>
    [Fact]
    public void Only_what_reads_its_configuration_again_can_be_reloaded()
    {
        var reloaded = Directory.EnumerateFiles(_folder, "*.service").Where(file => File.ReadAllText(file).Contains("\nExecReload=", StringComparison.Ordinal)).Select(file => Path.GetFileName(file)!);

        Assert.Equal(["timesuite-clockd.service", "timesuite-ntpd.service", "timesuite-ntskeyd.service"], reloaded.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_daemon_says_when_it_is_ready_and_is_watched_and_restarted()
    {
        foreach (string daemon in new[] { "clockd", "ntpd", "ntskeyd", "ptpd", "lookupd" })
        {
            var lines = File.ReadAllLines(Path.Combine(_folder, $"timesuite-{daemon}.service"));

            Assert.Contains("Type=notify", lines);
            Assert.Contains(lines, line => line.StartsWith("WatchdogSec=", StringComparison.Ordinal));
            Assert.Contains("Restart=always", lines);
            Assert.Contains("StartLimitIntervalSec=0", lines); // else whoever uses up its starts keeps the administrator from it
        }
    }

    private string Analyze(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("systemd-analyze", arguments) { WorkingDirectory = _folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output + error.Result;
    }
}
