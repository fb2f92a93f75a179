using System.Diagnostics;
using Grpc.Core;
using Grpc.Net.Client;
using TimeSuite.Linux;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Time;
using Wire = TimeSuite.Rpc.Clock.V1;

namespace TimeSuite.Clockd.Tests;

/// <summary>The real daemon with a shadow clock, without the right to set the machine's clock. Only what was started here is ended here.</summary>
internal sealed class RunningClockd : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("clockd");
    private readonly string[] _options;
    private Process _process;

    public RunningClockd(params string[] options)
    {
        // Others must be able to reach the socket, or it is not clockd that turns them away.
        File.SetUnixFileMode(_folder.FullName, (UnixFileMode)0x1ED); // rwxr-xr-x
        _options = options;
        _process = Start();
        Channel = UnixChannel.Open(SocketPath);
    }

    public GrpcChannel Channel { get; }

    public Wire.Clock.ClockClient Client => new(Channel);

    public string Folder => _folder.FullName;

    public string SocketPath => Path.Combine(_folder.FullName, "run/clockd/clockd.sock");

    public string PagePath => Path.Combine(_folder.FullName, "run/clockd/clock");

    public string Errors { get; private set; } = "";

    /// <summary>Starts a process that has lost CAP_SYS_TIME for good.</summary>
    public static Process StartWithoutPower(string program, params string[] arguments)
    {
        // Only root has the capability; an ordinary user needs no setpriv and may not drop from the bounding set.
        string[] prefix = Users.Own == 0 ? ["setpriv", "--bounding-set=-sys_time", "--inh-caps=-sys_time", "--"] : ["setpriv", "--no-new-privs", "--"];
        string[] all = [.. prefix, program, .. arguments];
        return Process.Start(new ProcessStartInfo(all[0], all[1..]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
    }

    public void Kill()
    {
        _process.Kill(); // SIGKILL
        _process.WaitForExit();
    }

    public void Restart() => _process = Start();

    /// <summary>SIGHUP with another configuration; waits for the line in the log that says what came of it.</summary>
    public async Task ReloadAsync(string config, string line)
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "timesuite.toml"), config);
        Signal("HUP");
        for (int attempt = 0; attempt < 400 && !Errors.Contains(line, StringComparison.Ordinal); attempt++)
        {
            await Task.Delay(50);
        }

        Assert.Contains(line, Errors, StringComparison.Ordinal);
    }

    /// <summary>clockd --end-slews, as the service manager does it after a clockd has ended.</summary>
    public int EndSlews()
    {
        using var process = StartWithoutPower("dotnet", [.. Arguments(), "--end-slews"]);
        process.WaitForExit();
        return process.ExitCode;
    }

    /// <summary>SIGTERM.</summary>
    public int Stop()
    {
        using var kill = Process.Start("kill", ["-TERM", FormattableString.Invariant($"{_process.Id}")]);
        Assert.True(_process.WaitForExit(20_000));
        return _process.ExitCode;
    }

    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", FormattableString.Invariant($"{_process.Id}")]);
        kill.WaitForExit();
        if (name == "STOP")
        {
            // The signal is sent; each thread stops when it next comes by, and until then it works on.
            Assert.True(SpinWait.SpinUntil(() => Directory.EnumerateDirectories($"/proc/{_process.Id}/task").All(IsStopped), TimeSpan.FromSeconds(10)));
        }

        static bool IsStopped(string thread) => File.ReadAllText(Path.Combine(thread, "stat")) is var line && line[line.LastIndexOf(')')..].StartsWith(") T", StringComparison.Ordinal);
    }

    public TimePage OpenPage()
    {
        Assert.True(TimePage.TryOpen(PagePath, out var page));
        return page;
    }

    /// <summary>Opens a Steer call and takes the lease.</summary>
    public async Task<Holder> SteerAsync()
    {
        var holder = new Holder(Client.Steer());
        var reply = await holder.AskAsync(new() { Open = new() { ClockId = "system", Client = "test" } });
        Assert.Equal(0, reply.Code);
        return holder;
    }

    public void Dispose()
    {
        Channel.Dispose();
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private string[] Arguments() =>
    [
        Path.Combine(AppContext.BaseDirectory, "clockd.dll"), "--clock", "shadow", "--same-uid-roles", "--runtime-dir", Path.Combine(_folder.FullName, "run"),
        "--state-dir", Path.Combine(_folder.FullName, "state"), "--config", WriteConfig(), .. _options,
    ];

    private Process Start()
    {
        var process = StartWithoutPower("dotnet", Arguments());
        process.ErrorDataReceived += (_, line) => Errors += line.Data + "\n";
        process.BeginErrorReadLine();
        for (int attempt = 0; attempt < 600 && !process.HasExited; attempt++)
        {
            using var probe = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, 0);
            try
            {
                probe.Connect(new System.Net.Sockets.UnixDomainSocketEndPoint(SocketPath));
                return process;
            }
            catch (System.Net.Sockets.SocketException)
            {
                Thread.Sleep(50); // starting
            }
        }

        throw new InvalidOperationException($"clockd does not start: {Errors}");
    }

    private string WriteConfig()
    {
        string file = Path.Combine(_folder.FullName, "timesuite.toml");
        File.WriteAllText(file, "");
        return file;
    }
}

/// <summary>A client's end of a Steer call.</summary>
internal sealed class Holder(AsyncDuplexStreamingCall<SteerRequest, SteerReply> call) : IDisposable
{
    private ulong _sequence;

    public static Rpc.Time.V1.Duration InTime => (Clocks.Boot() + Duration.FromSeconds(30L)).ToWire();

    public AsyncDuplexStreamingCall<SteerRequest, SteerReply> Call => call;

    public async Task<SteerReply> AskAsync(SteerRequest request)
    {
        await SendAsync(request);
        Assert.True(await call.ResponseStream.MoveNext());
        Assert.Equal(_sequence, call.ResponseStream.Current.Sequence);
        return call.ResponseStream.Current;
    }

    public Task SendAsync(SteerRequest request)
    {
        request.Sequence = ++_sequence;
        request.NotAfter ??= InTime;
        return call.RequestStream.WriteAsync(request);
    }

    /// <summary>How the call ended.</summary>
    public async Task<Status> EndAsync()
    {
        try
        {
            while (await call.ResponseStream.MoveNext())
            {
            }

            return call.GetStatus();
        }
        catch (RpcException exception)
        {
            return exception.Status;
        }
    }

    public void Dispose() => call.Dispose();
}
