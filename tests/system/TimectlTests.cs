using System.Text.Json;
using System.Text.Json.Nodes;
using TimeSuite.System.Tests.Suite;
using Xunit.Abstractions;

namespace TimeSuite.System.Tests;

/// <summary>timectl, as an administrator types it, against daemons that run.</summary>
public sealed class TimectlTests(ITestOutputHelper output) : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly Scene _scene = new(output);
    private Station _client = null!;
    private int _port;

    public async Task InitializeAsync()
    {
        _scene.AddReference(out _port);
        _client = _scene.Add("client", Scene.Source(_port), "--shadow-offset", "50ms", "--shadow-frequency", "30ppm");
        _client.Start();
        await Wait.UntilAsync(async () => await _client.TrackingAsync() is not null, s_limit, "ntpd answers");
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task Waitsync_tells_by_its_exit_code()
    {
        Assert.Equal(0, (await _client.TimectlAsync("waitsync", "--timeout", "30s")).ExitCode);
        Assert.Equal(0, (await _client.TimectlAsync("waitsync", "--timeout", "30s", "--max-offset", "1ms")).ExitCode);
        var late = await _client.TimectlAsync("waitsync", "--timeout", "0.3s", "--max-offset", "1ps");
        Assert.NotEqual(0, late.ExitCode);
        Assert.Equal(2, (await _client.TimectlAsync("waitsync", "--timeout", "soon")).ExitCode);
    }

    [Fact]
    public async Task Reading_as_text_and_as_JSON()
    {
        Assert.Equal(0, (await _client.TimectlAsync("waitsync", "--timeout", "30s", "--max-offset", "1ms")).ExitCode);
        foreach (string command in new[] { "status", "sources", "sourcestats", "selection", "clock" })
        {
            var text = await _client.TimectlAsync(command);
            Assert.True(text.ExitCode == 0 && text.Output.Length > 0 && text.Errors.Length == 0, $"{command}: {text}");
            Assert.IsType<JsonObject>(await JsonAsync(command));
        }

        var status = await JsonAsync("status");
        Assert.True((bool)status["synchronized"]!);
        Assert.Equal("shadow", (string)status["clock_kind"]!);
        Assert.True((bool)status["clockd_connected"]!);
        Assert.InRange((double)status["offset_s"]!, -1e-3, 1e-3);
        Assert.InRange((double)status["bound_s"]!, 1e-9, 1);
        var source = Assert.Single((await JsonAsync("sources"))["sources"]!.AsArray())!;
        Assert.Equal(("127.0.0.1", "selected"), ((string)source["name"]!, (string)source["verdict"]!));
        var clock = await JsonAsync("clock", "--events", "1000");
        Assert.Equal(1, (int)clock["counters"]!["steps"]!);
        Assert.Contains(clock["recent"]!.AsArray(), entry => (string)entry!["kind"]! == "step");
    }

    [Fact]
    public async Task Watch_shows_snapshots_until_its_time_is_over()
    {
        var watched = await _client.TimectlAsync("--json", "watch", "--seconds", "2");
        Assert.Equal(0, watched.ExitCode);
        Assert.All(watched.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.NotNull(JsonNode.Parse(line)!["tracking"]));
    }

    [Fact]
    public async Task Reload_leaves_what_is_unchanged_alone_and_a_mistake_changes_nothing()
    {
        await _client.IsSynchronizedAsync(s_limit);
        uint samples = (await _client.SourcesAsync())![0].Samples;
        ulong received = (await _client.SourcesAsync())![0].Received;
        _client.Configure($"""
            {Scene.Source(_port)}
            [[source]]
            server = "127.0.0.2"
            port = {Scene.FreePort()}
            """);
        Assert.Equal("""{"added":1,"removed":0,"changed":0,"kept":1,"unserved":[]}""", (await JsonAsync("reload")).ToJsonString());
        var sources = (await _client.SourcesAsync())!;
        Assert.Equal(2, sources.Count);
        Assert.True(sources[0].Samples >= samples && sources[0].Received >= received, "the samples go on");
        Assert.True((await _client.TrackingAsync())!.Synchronized);

        _client.Configure("[[source]]\nsrever = \"127.0.0.1\"\n");
        var wrong = await _client.TimectlAsync("reload");
        IsSentences(wrong, code: 1, count: 2); // the missing key and the unknown one, a line each
        Assert.Contains("timesuite.toml(2,1)", wrong.Errors, StringComparison.Ordinal);
        Assert.Contains("server", wrong.Errors, StringComparison.Ordinal);
        Assert.Equal(2, (await _client.SourcesAsync())!.Count);

        _client.Configure(Scene.Source(_port));
        _client.Ntpd.Send(Signal.HangUp); // the other way to say reload
        await Wait.UntilAsync(async () => (await _client.SourcesAsync())!.Count == 1, s_limit, "the second source is gone");
        Assert.True((await _client.SourcesAsync())![0].Received >= received);
    }

    [Fact]
    public async Task Sources_come_and_go_at_run_time()
    {
        var added = await _client.TimectlAsync("add", "server", "127.0.0.3", "--port", $"{_port}", "--noselect");
        Assert.True(added.ExitCode == 0, added.ToString());
        Assert.Equal(2, (await _client.SourcesAsync())!.Count);
        IsOneSentence(await _client.TimectlAsync("add", "server", "127.0.0.3", "--port", $"{_port}"), 1);
        Assert.Equal(0, (await _client.TimectlAsync("delete", "127.0.0.3")).ExitCode);
        Assert.Single((await _client.SourcesAsync())!);
        IsOneSentence(await _client.TimectlAsync("delete", "127.0.0.3"), 1);
    }

    [Fact]
    public async Task A_source_can_be_silenced_and_asked_again()
    {
        await _client.IsSynchronizedAsync(s_limit);
        Assert.Equal(0, (await _client.TimectlAsync("offline", "127.0.0.1")).ExitCode);
        var source = Assert.Single((await _client.SourcesAsync())!);
        Assert.False(source.Online);
        await Task.Delay(1_500); // longer than its poll interval: nothing is under way any more
        ulong sent = (await _client.SourcesAsync())![0].Sent;
        await Task.Delay(1_500);
        Assert.Equal(sent, (await _client.SourcesAsync())![0].Sent);

        Assert.Equal(0, (await _client.TimectlAsync("online")).ExitCode);
        await Wait.UntilAsync(async () => (await _client.SourcesAsync())![0].Sent > sent, s_limit, "it is asked again");
        ulong received = (await _client.SourcesAsync())![0].Received;
        Assert.Equal(0, (await _client.TimectlAsync("burst", "--good", "4")).ExitCode);
        await Wait.UntilAsync(async () => (await _client.SourcesAsync())![0].Received >= received + 4, s_limit, "the burst is answered");
        IsOneSentence(await _client.TimectlAsync("offline", "no.such.source"), 1);
    }

    [Fact]
    public async Task Step_asks_for_a_permit_and_makes_one_step()
    {
        await _client.IsSynchronizedAsync(s_limit);
        ulong steps = (await _client.RelayedAsync())!.Clocks[0].StepGeneration;
        var stepped = await _client.TimectlAsync("step");
        Assert.True(stepped.ExitCode == 0, stepped.ToString());
        Assert.Contains("the clock was set ", stepped.Output, StringComparison.Ordinal);
        Assert.Equal(steps + 1, (await _client.RelayedAsync())!.Clocks[0].StepGeneration);
        Assert.Contains("permits a step", _client.LogOf("clockd"), StringComparison.Ordinal);
        Assert.True((await _client.TrackingAsync())!.Synchronized);
    }

    [Fact]
    public async Task A_daemon_that_is_down_is_a_sentence_and_exit_code_1()
    {
        _client.Clockd.Kill();
        IsOneSentence(await _client.TimectlAsync("clock"), 1);
        IsOneSentence(await _client.TimectlAsync("step"), 1);
        await Wait.UntilAsync(async () => await _client.TrackingAsync() is { ClockdConnected: false }, s_limit, "ntpd notices");
        var status = await _client.TimectlAsync("status");
        Assert.Equal(0, status.ExitCode);
        Assert.Contains("clockd", status.Output, StringComparison.Ordinal);

        _client.Ntpd.Kill();
        foreach (string command in new[] { "status", "sources", "sourcestats", "selection", "clock", "reload", "step", "online", "burst", "watch" })
        {
            IsOneSentence(await _client.TimectlAsync(command), 1);
        }

        Assert.Equal(1, (await _client.TimectlAsync("waitsync", "--timeout", "0s")).ExitCode);
    }

    private async Task<JsonNode> JsonAsync(params string[] arguments)
    {
        var (code, text, errors) = await _client.TimectlAsync(["--json", .. arguments]);
        Assert.True(code == 0, $"timectl {string.Join(' ', arguments)}: {code} {errors}");
        try
        {
            return JsonNode.Parse(text)!;
        }
        catch (JsonException wrong)
        {
            throw new InvalidOperationException($"timectl {string.Join(' ', arguments)} says {text}", wrong);
        }
    }

    private static void IsOneSentence((int ExitCode, string Output, string Errors) result, int code) => IsSentences(result, code, count: 1);

    private static void IsSentences((int ExitCode, string Output, string Errors) result, int code, int count)
    {
        Assert.True(result.ExitCode == code, result.ToString());
        Assert.Equal("", result.Output);
        Assert.DoesNotContain("   at ", result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", result.Errors, StringComparison.Ordinal);
        string[] lines = result.Errors.TrimEnd('\n').Split('\n');
        Assert.True(lines.Length == count, result.Errors);
        Assert.All(lines, line => Assert.StartsWith("timectl: ", line, StringComparison.Ordinal));
    }
}
