using System.Globalization;
using System.Text.RegularExpressions;
using TimeSuite.System.Tests.Suite;
using Xunit.Abstractions;

namespace TimeSuite.System.Tests.Net;

/// <summary>ntpd opens port 123 by itself, as root in a network of its own, and then has no right to any such port.</summary>
public sealed partial class PrivilegeTests(ITestOutputHelper output) : IDisposable
{
    private const int SysTime = 25, NetBindService = 10;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    private readonly CabledScene _scene = new(output);

    public void Dispose() => _scene.Dispose();

    [RootFact]
    public async Task No_thread_keeps_the_right_to_bind_once_all_is_bound()
    {
        _scene.Cable.PlugIn();
        await IsServingAsync("0.0.0.0:123");
        await _scene.StartClientAsync($"server = \"{Cable.Ip(1)}\"\nmin-poll = 0\nmax-poll = 0");
        await _scene.FollowsAsync(s_limit);

        string[] statuses = [.. ThreadsOf(_scene.Server.Ntpd.Pid)];

        Assert.True(statuses.Length >= 5, $"{statuses.Length} threads"); // the main one, the finalizer's, the loop, two that serve
        Assert.DoesNotContain(statuses, status => Has(status, NetBindService) || Has(status, SysTime));
    }

    [RootFact]
    public async Task A_reload_that_wants_another_low_port_says_what_to_do_and_leaves_the_others_served()
    {
        _scene.Cable.PlugIn();
        _scene.Cable.AddServer(11);
        await IsServingAsync("[::]:123");
        await Wait.UntilAsync(async () => await _scene.Server.TrackingAsync() is not null, s_limit, "ntpd answers, which comes after serving");
        _scene.Server.Configure(CabledScene.Serving("\"0.0.0.0:123\", \"[::]:123\", \"0.0.0.0:124\", \"0.0.0.0:1123\""));

        var (code, told, errors) = await _scene.Server.TimectlAsync("reload");

        Assert.True(code == 0, errors);
        const string remedy = "ntpd can bind ports below 1024 at its start only, with CAP_NET_BIND_SERVICE: restart it; under systemd: systemctl daemon-reload && systemctl restart timesuite.target, so that timesuite-ntpd.socket, made anew, hands the port over";
        Assert.Contains($"\ncannot serve on 0.0.0.0:124 (bind: Permission denied; {remedy})", told, StringComparison.Ordinal);
        Assert.Contains($"Cannot serve on 0.0.0.0:124: bind: Permission denied; {remedy}", _scene.Server.LogOf("ntpd"), StringComparison.Ordinal);
        await IsServingAsync("0.0.0.0:1123");
        await _scene.StartClientAsync($"server = \"{Cable.Ip(1)}\"\nmin-poll = 0\nmax-poll = 0\n[[source]]\nserver = \"{Cable.Ip(11)}\"\nport = 1123\nmin-poll = 0\nmax-poll = 0");
        await Wait.UntilAsync(async () => (await _scene.SourcesAsync()).Count(source => source.Received >= 3) == 2, s_limit, "the old port and the new one answer");
    }

    [RootFact]
    public async Task Another_number_of_threads_is_served_by_the_sockets_that_are_there()
    {
        _scene.Cable.PlugIn();
        await _scene.StartClientAsync($"server = \"{Cable.Ip(1)}\"\nmin-poll = 0\nmax-poll = 0");
        await _scene.FollowsAsync(s_limit);
        foreach (int threads in new[] { 4, 1 })
        {
            _scene.Server.Configure(CabledScene.Serving("\"0.0.0.0:123\", \"[::]:123\"").Replace("threads = 2", $"threads = {threads}", StringComparison.Ordinal));
            var (code, _, errors) = await _scene.Server.TimectlAsync("reload");
            Assert.True(code == 0, errors);
            ulong received = (await _scene.SourceAsync()).Received;
            await Wait.UntilAsync(async () => (await _scene.SourceAsync()).Received >= received + 3, s_limit, $"three answers of {threads} threads");
        }

        Assert.Contains("0.0.0.0:123: 4 threads share 2 sockets, and rates count for each thread apart, until ntpd is restarted", _scene.Server.LogOf("ntpd"), StringComparison.Ordinal);
        Assert.DoesNotContain("1 threads share", _scene.Server.LogOf("ntpd"), StringComparison.Ordinal);
    }

    [RootFact]
    public async Task An_address_that_comes_after_the_start_is_served_when_it_comes()
    {
        _scene.Cable.PlugIn();
        _scene.Server.Ntpd.Kill();
        _scene.Server.Configure(CabledScene.Serving($"\"{Cable.Ip(11)}:123\", \"[fd00:71::11]:123\""));
        _scene.Server.StartNtpd();
        await IsServingAsync("[fd00:71::11]:123");
        Assert.Contains($"This machine does not have the address of {Cable.Ip(11)}:123 yet; it is served as soon as it does", _scene.Server.LogOf("ntpd"), StringComparison.Ordinal);

        _scene.Cable.AtClient("addr add fd00:71::2/64 dev eth nodad");
        _scene.Cable.AddServer(11);
        _scene.Cable.AtServer("addr add fd00:71::11/64 dev eth nodad");

        await _scene.StartClientAsync($"server = \"{Cable.Ip(11)}\"\nmin-poll = 0\nmax-poll = 0\n[[source]]\nserver = \"fd00:71::11\"\nmin-poll = 0\nmax-poll = 0");
        await Wait.UntilAsync(async () => (await _scene.SourcesAsync()).Count(source => source.Received >= 3) == 2, s_limit, "both have answered three times");
    }

    private Task<TimeSpan> IsServingAsync(string endpoint) => Wait.UntilAsync(
        () => Task.FromResult(_scene.Server.LogOf("ntpd").Contains($"Serving time on {endpoint}\n", StringComparison.Ordinal)), s_limit, $"{endpoint} is served");

    private static IEnumerable<string> ThreadsOf(int process)
    {
        foreach (string thread in Directory.GetDirectories($"/proc/{process}/task"))
        {
            string status;
            try
            {
                status = File.ReadAllText(Path.Combine(thread, "status"));
            }
            catch (IOException)
            {
                continue; // it has ended meanwhile
            }

            yield return status;
        }
    }

    private static bool Has(string status, int capability)
    {
        var sets = Sets().Matches(status);
        Assert.Equal(4, sets.Count);
        return sets.Any(set => (ulong.Parse(set.Groups[1].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture) >> capability & 1) == 1);
    }

    [GeneratedRegex(@"^Cap(?:Inh|Prm|Eff|Amb):\s+([0-9a-f]+)$", RegexOptions.Multiline)]
    private static partial Regex Sets();
}
