using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Grpc.Core;
using Xunit.Sdk;

namespace TimeSuite.Interop.Tests;

/// <summary>One test's machine room: a folder, the processes started in it, and a failure that shows what each of them had to say.</summary>
internal sealed class Stage : IDisposable
{
    /// <summary>No test takes longer.</summary>
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(45), s_pause = TimeSpan.FromMilliseconds(100);

    private const int LogTail = 3000; // characters

    private readonly string _folder = Directory.CreateTempSubdirectory("timesuite-interop-").FullName;
    private readonly List<(string Name, Child Process, bool MayEnd)> _children = [];
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    /// <summary>What the tests run is there before the first test's time begins: the peers may have to be fetched.</summary>
    static Stage() => Installation.Peer("");

    /// <summary>Since the test began.</summary>
    public TimeSpan Elapsed => _clock.Elapsed;

    /// <summary>A folder of its own for one of the actors.</summary>
    public string Folder(string name) => Directory.CreateDirectory(
        Path.Combine(_folder, name), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName; // chronyd insists

    /// <summary>Starts a process that ends with the test.</summary>
    /// <param name="name">For its log; unique among those that run.</param>
    /// <param name="command">Program and arguments.</param>
    /// <param name="environment">Added to ours.</param>
    /// <param name="mayEnd">Not a daemon: its end is no failure.</param>
    public Child Start(string name, IEnumerable<string> command, IReadOnlyDictionary<string, string>? environment = null, bool mayEnd = false)
    {
        _children.RemoveAll(old => old.Name == name && old.Process.HasEnded); // the last of many questions is enough for a log
        var child = new Child(Path.Combine(_folder, name + ".log"), command, environment);
        _children.Add((name, child, mayEnd));
        return child;
    }

    /// <summary>Ends one before the others.</summary>
    public void Stop(Child child)
    {
        _children.RemoveAll(entry => entry.Process == child);
        child.Dispose();
    }

    /// <summary>Runs a command to its end.</summary>
    /// <returns>What it wrote; fails the test if it does not end well.</returns>
    public async Task<string> RunAsync(string name, IEnumerable<string> command, IReadOnlyDictionary<string, string>? environment = null)
    {
        var child = Start(name, command, environment, mayEnd: true);
        int? exitCode = await child.EndAsync(s_limit - Elapsed);
        Require(exitCode is not null, $"{name} does not end");
        Require(exitCode == 0, $"{name} ended with {exitCode}");
        return child.Output;
    }

    /// <summary>What each process has said so far.</summary>
    public IReadOnlyList<(string Name, string Text)> Logs => [.. _children.Select(child => (child.Name, child.Process.Output))];

    /// <summary>Waits until <paramref name="probe"/> has found something that is not null.</summary>
    /// <param name="probe">Asked ten times a second. A daemon that does not answer yet is no failure.</param>
    /// <param name="what">For the failure: what did not come about.</param>
    /// <param name="within">Default: until the test's time is over.</param>
    public async Task<T> UntilAsync<T>(Func<Task<T?>> probe, string what, TimeSpan? within = null)
    {
        var end = within is { } time && Elapsed + time < s_limit ? Elapsed + time : s_limit;
        string last = "";
        while (Elapsed < end)
        {
            try
            {
                if (await probe() is { } found)
                {
                    return found;
                }
            }
            catch (RpcException failure)
            {
                last = $" (the last call failed: {failure.Status})";
            }

            foreach (var child in _children)
            {
                Require(child.MayEnd || !child.Process.HasEnded, $"{child.Name} has ended by itself");
            }

            await Task.Delay(s_pause);
        }

        throw Failure($"not within {end.TotalSeconds:F0} s: {what}{last}");
    }

    /// <summary>An assertion whose failure shows the logs.</summary>
    public void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw Failure(what);
        }
    }

    /// <summary>A UDP port that is free on all addresses, below those that the kernel hands out by itself.</summary>
    public static int FreePort()
    {
        if (!Socket.OSSupportsIPv6)
        {
            throw new InvalidOperationException("these tests need IPv6 on the loopback interface, and this machine's kernel has it off");
        }

        for (int attempt = 0; attempt < 100; attempt++)
        {
            int port = Random.Shared.Next(20_000, 32_000);
            using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp) { DualMode = true };
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
                return port;
            }
            catch (SocketException)
            {
                // Taken: the next one.
            }
        }

        throw new InvalidOperationException("no UDP port between 20000 and 32000 is free");
    }

    public void Dispose()
    {
        for (int index = _children.Count - 1; index >= 0; index--)
        {
            _children[index].Process.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private XunitException Failure(string what)
    {
        var text = new StringBuilder(what);
        foreach (var (name, process, _) in _children)
        {
            string output = process.Output;
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"\n--- {name}{(process.HasEnded ? " (ended)" : "")}:\n").Append(output.Length <= LogTail ? output : output[^LogTail..]);
        }

        return new XunitException(text.ToString());
    }
}
