using Grpc.Core;
using Grpc.Net.Client;
using TimeSuite.Linux;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Rpc.Ntp.V1;
using ClockClient = TimeSuite.Rpc.Clock.V1.Clock.ClockClient;
using StatusClient = TimeSuite.Rpc.Ntp.V1.Status.StatusClient;

namespace TimeSuite.System.Tests.Suite;

/// <summary>One host: a clockd with a shadow clock and an ntpd, the real programs, in a folder of their own.</summary>
internal sealed class Station(string name, string folder, string[] clockdArguments) : IDisposable
{
    private const int LinesShown = 40;
    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(10), s_patience = TimeSpan.FromSeconds(2), s_silence = TimeSpan.FromMilliseconds(500);

    private readonly List<(string Name, Child Child)> _children = [];
    private TimePage? _page;

    public string ConfigFile { get; } = Path.Combine(folder, "timesuite.toml");

    public string Runtime { get; } = Path.Combine(folder, "run");

    public string State { get; } = Path.Combine(folder, "state");

    public string ClockdSocket => Path.Combine(Runtime, "clockd/clockd.sock");

    /// <summary>Capabilities that the daemons do not get, beside the one to set the clock.</summary>
    public string[] Without { get; set; } = [];

    /// <summary>What stands before the daemons' command lines, to run them somewhere else.</summary>
    public IReadOnlyList<string> Enter { get; set; } = [];

    public Child Clockd => Running("clockd");

    public Child Lookupd => Running("lookupd");

    public Child Ntpd => Running("ntpd");

    public TimePage Page => _page ??= TimePage.TryOpen(Path.Combine(Runtime, "clockd/clock"), out var page) ? page : throw new FileNotFoundException("no time page");

    /// <summary>What every daemon of this station has logged, those that are gone included.</summary>
    public string LogOf(string daemon) => string.Concat(_children.Where(child => child.Name == daemon).Select(child => child.Child.Log));

    /// <summary>The end of the logs, for people.</summary>
    public string Logs => string.Join('\n', new[] { "lookupd", "clockd", "ntpd" }.Select(daemon =>
        $"--- {name} {daemon}\n{string.Join('\n', LogOf(daemon).Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(LinesShown))}"));

    public void Configure(string toml) => File.WriteAllText(ConfigFile, toml);

    public void Start()
    {
        StartLookupd();
        StartClockd();
        StartNtpd();
    }

    public void StartClockd() => Start("clockd", ["--clock", "shadow", "--same-uid-roles", .. clockdArguments]);

    public void StartLookupd() => _children.Add(("lookupd", Child.StartWithin(Enter, "lookupd", ["--runtime-dir", Runtime], Without)));

    public void StartNtpd() => Start("ntpd", []);

    public void StartNtskeyd() => Start("ntskeyd", []);

    /// <summary>clockd answers.</summary>
    public Task ClockdIsUpAsync() => DescribedAsync();

    /// <summary>ntpd says that the clock is synchronised.</summary>
    /// <returns>How long it took.</returns>
    public Task<TimeSpan> IsSynchronizedAsync(TimeSpan limit) => Wait.UntilAsync(
        async () => await TrackingAsync() is { Synchronized: true } && Page.TryRead(out var page) && page.IsSynchronizedAt(Clocks.Raw(), Clocks.Suspended()),
        limit, $"{name} is synchronised");

    /// <summary>Both daemons answer, and the present ntpd holds the lease of the present clockd.</summary>
    /// <returns>How long it took.</returns>
    public Task<TimeSpan> IsSteeredAsync(TimeSpan limit)
    {
        string holder = FormattableString.Invariant($"pid {Ntpd.Pid} ");
        return Wait.UntilAsync(
            async () => await RelayedAsync() is { } seen && seen.Clocks[0].Holder.Contains(holder, StringComparison.Ordinal), limit, $"ntpd of {name} answers and steers");
    }

    /// <summary>What ntpd says; null if it does not answer.</summary>
    public Task<Tracking?> TrackingAsync() => AskAsync("ntpd/status.sock", async channel =>
        await new StatusClient(channel).GetTrackingAsync(new(), deadline: DateTime.UtcNow + s_patience));

    /// <summary>ntpd's sources; null if it does not answer.</summary>
    public Task<IReadOnlyList<Source>?> SourcesAsync() => AskAsync<IReadOnlyList<Source>>("ntpd/status.sock", async channel =>
        (await new StatusClient(channel).ListSourcesAsync(new(), deadline: DateTime.UtcNow + s_patience)).Sources);

    /// <summary>What became of the requests to ntpd; null if it does not answer.</summary>
    public Task<ServerStatistics?> ServedAsync() => AskAsync("ntpd/status.sock", async channel =>
        await new StatusClient(channel).GetServerStatisticsAsync(new(), deadline: DateTime.UtcNow + s_patience));

    /// <summary>What clockd says through ntpd; null if one of them does not answer.</summary>
    public Task<DescribeReply?> RelayedAsync() => AskAsync("ntpd/status.sock", async channel =>
        (await new StatusClient(channel).GetClockAsync(new(), deadline: DateTime.UtcNow + s_patience)).Description);

    /// <summary>What clockd says now: it has to answer, but the connection before this one need not be closed yet.</summary>
    public async Task<DescribeReply> DescribedAsync()
    {
        DescribeReply? reply = null;
        await Wait.UntilAsync(async () => (reply = await DescribeAsync()) is not null, s_startLimit, $"clockd of {name} answers");
        return reply!;
    }

    /// <summary>What clockd says; null if it does not answer.</summary>
    public Task<DescribeReply?> DescribeAsync() => AskAsync("clockd/clockd.sock", async channel =>
        await new ClockClient(channel).DescribeAsync(new(), deadline: DateTime.UtcNow + s_patience));

    /// <summary>clockd's audit trail, oldest first.</summary>
    public async Task<IReadOnlyList<Event>> TrailAsync()
    {
        IReadOnlyList<Event>? events = null;
        await Wait.UntilAsync(async () => (events = await AskAsync("clockd/clockd.sock", ReadTrailAsync)) is not null, s_startLimit, $"clockd of {name} shows its trail");
        return events!;
    }

    /// <summary>Runs timectl to its end.</summary>
    public async Task<(int ExitCode, string Output, string Errors)> TimectlAsync(params string[] arguments)
    {
        using var child = Child.Start("timectl", ["--runtime-dir", Runtime, .. arguments]);
        var code = await child.EndAsync(TimeSpan.FromSeconds(30));
        Assert.True(code is not null, $"timectl {string.Join(' ', arguments)} does not end");
        return (code.Value, child.Output, child.Log);
    }

    public void Dispose()
    {
        foreach (var (_, child) in _children)
        {
            child.Dispose();
        }

        _page?.Dispose();
    }

    private static async Task<IReadOnlyList<Event>> ReadTrailAsync(GrpcChannel channel)
    {
        var events = new List<Event>();
        using var call = new ClockClient(channel).Watch(new WatchRequest { Backlog = 1024 });
        try
        {
            while (true)
            {
                using var silence = new CancellationTokenSource(s_silence); // it goes on with what is to come
                if (!await call.ResponseStream.MoveNext(silence.Token))
                {
                    return events;
                }

                events.Add(call.ResponseStream.Current);
            }
        }
        catch (Exception cancelled) when (events.Count > 0 && cancelled is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled })
        {
            return events;
        }
    }

    private void Start(string daemon, string[] arguments) => _children.Add(
        (daemon, Child.StartWithin(Enter, daemon, ["--config", ConfigFile, "--runtime-dir", Runtime, "--state-dir", State, .. arguments], Without)));

    private Child Running(string daemon) => _children.Last(child => child.Name == daemon).Child;

    /// <summary>A new connection each time: nothing of an earlier failure, a pause before reconnecting least of all, is left in it.</summary>
    private async Task<T?> AskAsync<T>(string socket, Func<GrpcChannel, Task<T>> question)
        where T : class
    {
        using var channel = UnixChannel.Open(Path.Combine(Runtime, socket));
        try
        {
            return await question(channel);
        }
        catch (RpcException)
        {
            return null;
        }
    }
}
