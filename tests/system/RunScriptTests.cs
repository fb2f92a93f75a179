using System.Net;
using System.Net.Sockets;
using TimeSuite.System.Tests.Suite;

namespace TimeSuite.System.Tests;

/// <summary>What <c>make run</c> does where it cannot do its job, and how it ends.</summary>
public sealed class RunScriptTests : IDisposable
{
    private const int Daemons = 8;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly string _directory = Directory.CreateTempSubdirectory("run-").FullName;

    private string Base => Path.Combine(_directory, "run");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_port_that_is_taken_is_said_with_its_owner_and_nothing_is_started()
    {
        using var taken = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        int port = ((IPEndPoint)taken.Client.LocalEndPoint!).Port;
        using var script = new RunScript(Base, port, "15");

        Assert.Equal(1, await script.EndAsync(s_limit));
        Assert.Contains($"port {port} is taken by ", script.Errors, StringComparison.Ordinal);
        Assert.Contains($"process {Environment.ProcessId}: end it", script.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Base));
    }

    [Fact]
    public async Task A_configuration_with_a_mistake_is_said_with_its_line_and_nothing_is_started()
    {
        string file = Path.Combine(_directory, "mistake.toml");
        await File.WriteAllTextAsync(file, "[[source]]\nserver = \"127.0.0.1\"\nmin-pol = 0\n");
        using var script = new RunScript(Base, Scene.FreePort(), "15", file);

        Assert.Equal(2, await script.EndAsync(s_limit));
        Assert.Contains("mistake.toml(3,1): [[source]]: unknown key \"min-pol\"", script.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Base));
    }

    /// <summary>The signal goes to the shell alone, as from a service manager or kill(1), not to all of them as from a terminal.</summary>
    [Theory]
    [InlineData(15)]
    [InlineData(9)]
    public async Task Told_to_end_it_ends_with_all_its_children(int signal)
    {
        using var script = new RunScript(Base, Scene.FreePort());
        await Wait.UntilAsync(() => script.Watches(Daemons), s_limit, "all daemons and a watch");
        int[] children = script.Children;

        script.Send((Signal)signal);
        Assert.NotNull(await script.EndAsync(s_limit));
        await Wait.UntilAsync(() => !children.Any(child => Directory.Exists($"/proc/{child}")), s_limit, "the children are gone");
    }

    [Fact]
    public async Task A_second_run_in_the_same_directory_names_the_first_and_leaves_it_alone()
    {
        using var first = new RunScript(Base, Scene.FreePort());
        await Wait.UntilAsync(() => first.Watches(Daemons), s_limit, "all daemons and a watch");
        int[] children = first.Children;
        using var second = new RunScript(Base, Scene.FreePort());

        Assert.Equal(1, await second.EndAsync(s_limit));
        Assert.Contains($"process {first.Pid} runs the suite in {Base} already", second.Errors, StringComparison.Ordinal);
        Assert.Equal(children.Take(Daemons), first.Children.Take(Daemons));
        await Wait.UntilAsync(() => File.Exists(Path.Combine(Base, "client/run/clockd/clock")), s_limit, "the first goes on");
    }

    /// <summary>A compiler that leaves the instructions out makes a server that does all it should, ten times as slowly.</summary>
    [Fact]
    public async Task Where_the_processor_has_instructions_for_AES_the_published_server_uses_them()
    {
        string[] processor = File.ReadLines("/proc/cpuinfo").First(line => line.StartsWith("flags", StringComparison.Ordinal) || line.StartsWith("Features", StringComparison.Ordinal)).Split(' ');
        string expected = processor.Contains("aes") && (processor.Contains("pclmulqdq") || processor.Contains("pmull")) ? "Serving NTS; AES by the processor's instructions" : "Serving NTS; AES in software";
        using var script = new RunScript(Base, Scene.FreePort());
        string log = Path.Combine(Base, "reference/ntpd.log");

        await Wait.UntilAsync(() => File.Exists(log) && File.ReadAllText(log).Contains("Serving NTS", StringComparison.Ordinal), s_limit, "it says that it serves NTS");
        Assert.Contains(expected, await File.ReadAllTextAsync(log), StringComparison.Ordinal);
    }
}
