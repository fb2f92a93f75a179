using TimeSuite.System.Tests.Suite;
using TimeSuite.Time;
using Xunit.Abstractions;

namespace TimeSuite.System.Tests;

/// <summary>What the daemons keep on disk is broken, or cannot be kept.</summary>
public sealed class StateTests(ITestOutputHelper output) : IDisposable
{
    private const UnixFileMode ReadOnly = UnixFileMode.UserRead | UnixFileMode.UserExecute, ReadWrite = ReadOnly | UnixFileMode.UserWrite;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);
    private static readonly Duration s_right = Duration.FromNanoseconds(1_000_000); // others run beside this

    private readonly Scene _scene = new(output);

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task A_drift_file_that_makes_no_sense_is_set_aside_and_named()
    {
        _scene.AddReference(out int port);
        var client = _scene.Add("client", Scene.Source(port));
        string drift = Write(client.State, "ntpd/drift", "timesuite-drift 1 NaN 1e300\n");
        client.Start();
        await client.IsSynchronizedAsync(s_limit);

        Assert.Contains(drift, client.LogOf("ntpd"), StringComparison.Ordinal);
        string aside = Assert.Single(Directory.GetFiles(Path.GetDirectoryName(drift)!, "drift?*"));
        Assert.Contains(aside, client.LogOf("ntpd"), StringComparison.Ordinal);
        Assert.Equal("timesuite-drift 1 NaN 1e300\n", await File.ReadAllTextAsync(aside));
    }

    [Fact]
    public async Task A_state_of_clockd_that_makes_no_sense_is_set_aside_and_hands_out_nothing()
    {
        var station = _scene.Add("station", "");
        string disk = Write(station.State, "clockd/shadow.state", "timesuite clockd state 1\nboot nonsense\nend\n");
        string runtime = Write(station.Runtime, "clockd/shadow.state", "\0\0\0");
        station.StartClockd();
        var described = await station.DescribedAsync();

        Assert.Equal(0U, described.Counters.BootStepsLeft); // a broken count is a used up one
        Assert.Equal(1, described.Counters.SlewedLastDay.Seconds);
        foreach (string file in new[] { disk, runtime })
        {
            Assert.Contains($"{file} makes no sense", station.LogOf("clockd"), StringComparison.Ordinal);
            Assert.NotEmpty(Directory.GetFiles(Path.GetDirectoryName(file)!, "shadow.state?*"));
        }
    }

    [RootFact]
    public async Task Where_nothing_can_be_saved_time_is_kept_and_the_log_says_so_once()
    {
        var reference = _scene.AddReference(out int port);
        var client = _scene.Add("client", Scene.Source(port), "--shadow-offset", "50ms");
        client.Without = ["dac_override"]; // root itself would write anywhere
        string[] folders = [Path.Combine(client.State, "clockd"), Path.Combine(client.State, "ntpd")];
        foreach (string folder in folders)
        {
            Directory.CreateDirectory(folder);
            File.SetUnixFileMode(folder, ReadOnly);
        }

        client.Start();
        await client.IsSynchronizedAsync(s_limit); // by a step, after which clockd saves its state
        await Wait.UntilAsync(() => client.LogOf("clockd").Contains("not saved", StringComparison.Ordinal), s_limit, "clockd says that it cannot save");
        Assert.True(TrueError.Now(client, reference).Magnitude < s_right);
        client.Ntpd.Send(Signal.Terminate);
        Assert.Equal(0, await client.Ntpd.EndAsync(s_limit));

        Assert.Single(client.LogOf("clockd").Split('\n'), line => line.Contains("not saved", StringComparison.Ordinal));
        foreach (string file in new[] { "drift", "history" })
        {
            Assert.Single(client.LogOf("ntpd").Split('\n'), line => line.Contains($"ntpd/{file} cannot be written", StringComparison.Ordinal));
        }

        Array.ForEach(folders, folder => File.SetUnixFileMode(folder, ReadWrite));
    }

    private static string Write(string folder, string file, string content)
    {
        string path = Path.Combine(folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }
}
