using TimeSuite.Rpc.Ntp.V1;
using TimeSuite.System.Tests.Suite;
using Xunit.Abstractions;

namespace TimeSuite.System.Tests.Net;

/// <summary>A server without error at one end of a cable, a client 50 ms off at the other, and what the tests ask of the client.</summary>
internal sealed class CabledScene : IDisposable
{
    /// <summary>Share of one processor that a daemon with hardly anything to do may use. One that spins takes a whole one.</summary>
    private const double Quiet = 0.05;

    private static readonly TimeSpan s_answers = TimeSpan.FromSeconds(20);

    private readonly Scene _scene;

    public CabledScene(ITestOutputHelper output)
    {
        _scene = new(output);
        Server = _scene.Add("server", Serving("\"0.0.0.0:123\", \"[::]:123\""));
        Server.Enter = Cable.EnterServer;
        Server.Start();
    }

    public Cable Cable { get; } = new();

    public Names Names { get; } = new();

    public Station Server { get; }

    public Station Client { get; private set; } = null!;

    /// <summary>The configuration of a server without error.</summary>
    /// <param name="listen">Where it serves, as in the file.</param>
    public static string Serving(string listen) => $"""
        [serve]
        listen = [{listen}]
        threads = 2
        [local]
        stratum = 1
        """;

    /// <summary>Starts the client.</summary>
    /// <param name="source">The keys of its one source.</param>
    public async Task StartClientAsync(string source)
    {
        Client = _scene.Add("client", $"[[source]]\n{source}\n", "--shadow-offset", "50ms");
        Client.Enter = [.. Cable.EnterClient, .. Names.Enter];
        Client.Start();
        await Wait.UntilAsync(async () => await Client.TrackingAsync() is { ClockdConnected: true }, s_answers, "ntpd answers");
    }

    /// <summary>The client's ntpd is not asked anything for so long, and does not keep the processor busy.</summary>
    public async Task IsQuietForAsync(TimeSpan length)
    {
        var before = Client.Ntpd.Cpu;
        await Task.Delay(length);
        double share = (Client.Ntpd.Cpu - before) / length;
        _scene.Say($"ntpd used {share:P2} of a processor over {length.TotalSeconds:F0} s");
        Assert.True(share < Quiet, $"ntpd used {share:P1} of a processor");
    }

    /// <summary>One of the client's sources is followed; with an address, the one that has it.</summary>
    public async Task FollowsAsync(TimeSpan limit, string? address = null)
    {
        var took = await Wait.UntilAsync(async () => (await SourcesAsync()).Any(source => source.Verdict == Verdict.Selected && source.Reach != 0 && (address ?? source.Address) == source.Address),
            limit, $"the client follows {address ?? "somebody"}");
        _scene.Say($"follows {address ?? "somebody"} after {took.TotalSeconds:F2} s");
    }

    /// <summary>The client's sources.</summary>
    public async Task<IReadOnlyList<Source>> SourcesAsync() => await Client.SourcesAsync() ?? [];

    /// <summary>The client's one source.</summary>
    public async Task<Source> SourceAsync()
    {
        Source? source = null;
        await Wait.UntilAsync(async () => (source = await SourcesAsync() is [var first, ..] ? first : null) is not null, s_answers, "there is a source");
        return source!;
    }

    /// <summary>What timectl prints of the client.</summary>
    public async Task<string> TimectlAsync(string command)
    {
        var (code, text, errors) = await Client.TimectlAsync(command);
        Assert.True(code == 0, $"timectl {command}: {errors}");
        _scene.Say($"--- timectl {command}\n{text}");
        return string.Join(' ', text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries)); // however the table was folded
    }

    public void Say(string line) => _scene.Say(line);

    public void Dispose()
    {
        _scene.Dispose();
        Cable.Dispose();
        Names.Dispose();
    }
}
