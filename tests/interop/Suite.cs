using TimeSuite.Linux;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Ntp.V1;
using TimeSuite.Time;

namespace TimeSuite.Interop.Tests;

/// <summary>Our clockd on a shadow clock and our ntpd, and what can be learned of both from outside: the status socket and the time page.</summary>
internal sealed class Suite : IDisposable
{
    private readonly Stage _stage;
    private readonly string _folder, _name;
    private readonly string[] _common;
    private readonly Grpc.Net.Client.GrpcChannel _channel;
    private readonly string[] _enter;
    private TimePage? _page;
    private Child _ntpd;

    /// <param name="stage">Where.</param>
    /// <param name="name">Of its logs.</param>
    /// <param name="shadowOffset">How far ahead of CLOCK_REALTIME the shadow starts, as clockd reads it: 50ms.</param>
    /// <param name="configuration">timesuite.toml.</param>
    /// <param name="enter">Stands before each command, e.g. to run it in another network namespace.</param>
    public Suite(Stage stage, string name, string shadowOffset, string configuration, IReadOnlyList<string>? enter = null)
    {
        (_stage, _name) = (stage, name);
        _folder = stage.Folder(name);
        string file = Path.Combine(_folder, "timesuite.toml");
        File.WriteAllText(file, configuration);
        string[] common = _common = ["--config", file, "--runtime-dir", Path.Combine(_folder, "run"), "--state-dir", Path.Combine(_folder, "state")];
        stage.Start($"{name}-lookupd", [.. enter ?? [], Installation.Suite("lookupd"), "--runtime-dir", Path.Combine(_folder, "run")]);
        stage.Start($"{name}-clockd", [.. enter ?? [], Installation.Suite("clockd"), .. common, "--clock", "shadow", "--same-uid-roles", "--shadow-offset", shadowOffset]);
        _enter = [.. enter ?? []];
        _ntpd = StartNtpd();
        _channel = UnixChannel.Open(Path.Combine(_folder, "run", "ntpd", "status.sock"));
        Status = new(_channel);
    }

    public Status.StatusClient Status { get; }

    public string StateDirectory => Path.Combine(_folder, "state");

    /// <summary>Once more.</summary>
    public Child StartNtpd() => _ntpd = _stage.Start($"{_name}-ntpd", [.. _enter, Installation.Suite("ntpd"), .. _common, "--log-level", "debug"]);

    public void StopNtpd() => _stage.Stop(_ntpd);

    /// <summary>A reference: serves its shadow at stratum 1.</summary>
    /// <param name="stage">Where.</param>
    /// <param name="name">Of its logs.</param>
    /// <param name="shadowOffset">What it is wrong by.</param>
    /// <param name="port">Where it serves, on both loopback addresses.</param>
    /// <param name="more">Keys of [serve], and then perhaps tables.</param>
    public static async Task<Suite> ServeAsync(Stage stage, string name, string shadowOffset, int port, string more = "")
    {
        var suite = new Suite(stage, name, shadowOffset, $"""
            [serve]
            listen = ["127.0.0.1:{port}", "[::1]:{port}"]
            {more}

            [local]
            stratum = 1
            """);
        await stage.UntilAsync(async () => await suite.TrackingAsync() is { ClockdConnected: true } tracking ? tracking : null, $"{name} serves");
        return suite;
    }

    /// <summary>A client whose shadow starts 50 ms ahead.</summary>
    /// <param name="stage">Where.</param>
    /// <param name="sources">[[source]] tables.</param>
    public static Suite Follow(Stage stage, params string[] sources) => new(stage, "suite", "50ms", string.Join('\n', sources));

    /// <summary>A [[source]] that is asked often.</summary>
    public static string Source(string address, int port, string options = "") => $"""
        [[source]]
        server = "{address}"
        port = {port}
        min-poll = -2
        max-poll = 0
        {options}

        """;

    /// <summary>ntskeyd, with the same configuration.</summary>
    /// <param name="enter">Stands before the command.</param>
    public void StartKeyService(IReadOnlyList<string>? enter = null) => KeyService = _stage.Start($"{_name}-ntskeyd", [.. enter ?? [], Installation.Suite("ntskeyd"), .. _common, "--log-level", "debug"]);

    /// <summary>ptpd, with the same configuration.</summary>
    public Child StartPtp(IReadOnlyList<string>? enter = null) => _stage.Start($"{_name}-ptpd", [.. enter ?? [], Installation.Suite("ptpd"), .. _common, "--log-level", "debug"]);

    /// <summary>To ptpd's control.</summary>
    public Grpc.Net.Client.GrpcChannel OpenPtpControl() => UnixChannel.Open(Path.Combine(_folder, "run", "ptpd", "ptpd.sock"));

    /// <summary>To what everybody may ask ptpd.</summary>
    public Grpc.Net.Client.GrpcChannel OpenPtpStatus() => UnixChannel.Open(Path.Combine(_folder, "run", "ptpd", "status.sock"));

    /// <summary>Once it is started.</summary>
    public Child? KeyService { get; private set; }

    /// <summary>To what everybody may ask ntskeyd.</summary>
    public Grpc.Net.Client.GrpcChannel OpenKeyServiceStatus() => UnixChannel.Open(Path.Combine(_folder, "run", "ntskeyd", "status.sock"));

    public async Task<Tracking> TrackingAsync() => await Status.GetTrackingAsync(new(), deadline: DateTime.UtcNow.AddSeconds(5));

    public async Task<IReadOnlyList<Source>> SourcesAsync() => (await Status.ListSourcesAsync(new(), deadline: DateTime.UtcNow.AddSeconds(5))).Sources;

    /// <summary>The clock as a local program sees it, now; null while there is none.</summary>
    public ShadowReading? Read()
    {
        if (_page is null && !TimePage.TryOpen(Path.Combine(_folder, "run", "clockd", "clock"), out _page))
        {
            return null;
        }

        var suspended = Clocks.Suspended();
        var now = Clocks.Read();
        return _page.TryRead(out var reading) && reading.TryMap(now.Raw, suspended, out var time, out _)
            ? new(time - now.Realtime, reading.BoundAt(now.Raw), now.HalfWidth, reading.IsSynchronizedAt(now.Raw, suspended), reading.StepGeneration)
            : null;
    }

    /// <summary>Watches the time page until the clock is good and stays so; fails the test at once when the clock claims more than is true.</summary>
    /// <param name="within">What is good.</param>
    /// <param name="window">For so long without a break all readings must be no further from CLOCK_REALTIME.</param>
    /// <returns>The reading of that window that comes nearest to its bound.</returns>
    public async Task<ShadowReading> SettleAsync(Duration within, TimeSpan window)
    {
        ShadowReading? worst = null;
        TimeSpan? since = null;
        return (await _stage.UntilAsync<ShadowReading?>(
            () =>
            {
                if (Read() is { IsSynchronized: true } reading)
                {
                    _stage.Require(reading.IsHonest, $"the clock is {reading.Error} from CLOCK_REALTIME and claims {reading.Bound}");
                    bool isGood = reading.Error.Magnitude <= within + reading.Doubt;
                    since = isGood ? since ?? _stage.Elapsed : null;
                    worst = !isGood ? null : worst is { } other && other.ShareOfBound >= reading.ShareOfBound ? other : reading;
                }
                else
                {
                    (since, worst) = (null, null);
                }

                return Task.FromResult(since is { } start && _stage.Elapsed - start >= window ? worst : null);
            },
            $"synchronised and within {within} of CLOCK_REALTIME for {window.TotalSeconds:F0} s; now {Read()}"))!.Value;
    }

    public void Dispose()
    {
        _page?.Dispose();
        _channel.Dispose();
    }
}

/// <summary>One look at a shadow clock.</summary>
/// <param name="Error">Shadow minus CLOCK_REALTIME.</param>
/// <param name="Bound">What the page claims of it: half-width.</param>
/// <param name="Doubt">How wrong this very measurement may be.</param>
/// <param name="IsSynchronized">Whether the page says so.</param>
/// <param name="StepGeneration">Steps since boot.</param>
internal readonly record struct ShadowReading(Duration Error, Duration Bound, Duration Doubt, bool IsSynchronized, ulong StepGeneration)
{
    /// <summary>0: right; 1: as wrong as it may be.</summary>
    public double ShareOfBound => Error.Magnitude.Seconds / Bound.Seconds;

    public bool IsHonest => Error.Magnitude <= Bound + Doubt;
}
