using System.Net;
using TimeSuite.Rpc;
using TimeSuite.Simulation;
using Xunit.Abstractions;

namespace TimeSuite.Interop.Tests;

/// <summary>The daemons over two veth pairs and a stretch of network of known delays, with chronyd at its end: error and bound as in simulation.</summary>
/// <remarks>The simulation is of the same code on the same network; where the two part, one of them is wrong.</remarks>
[Collection(Alone.Name)]
public sealed class LiveAccuracyTests(ITestOutputHelper report)
{
    private const double Base = 1e-3, Jitter = 1e-3; // s, each way
    private const double Room = 3; // both are chances: some 20 samples on a machine that does other things too
    private const int Settling = 20, Watching = 18; // s

    [RootFact]
    public async Task Error_and_bound_over_a_jittery_path_are_those_of_the_simulation()
    {
        var simulated = Simulate();
        using var stage = new Stage();
        using var client = new Namespace("10.123.1");
        using var server = new Namespace("10.123.2");
        string folder = stage.Folder("chronyd");
        File.WriteAllLines(Path.Combine(folder, "chrony.conf"), ["port 11323", "cmdport 0", "bindcmdaddress /", $"pidfile {folder}/pid", "allow", "local stratum 1"]);
        stage.Start(
            "chronyd",
            [.. server.Enter, Installation.Peer("root/usr/sbin/chronyd"), "-x", "-d", "-u", "root", "-f", Path.Combine(folder, "chrony.conf")],
            new Dictionary<string, string> { ["LD_LIBRARY_PATH"] = Installation.PeerLibraries });
        using var relay = new DelayingRelay(new(client.Outside, 11323), new(server.Inside, 11323), Base, Jitter, seed: 1);
        using var suite = new Suite(stage, "suite", "50ms", $"""
            [[source]]
            server = "{client.Outside}"
            port = 11323
            min-poll = 0
            max-poll = 0
            iburst = true
            """, client.Enter);

        await stage.UntilAsync(() => Task.FromResult<object?>(stage.Elapsed.TotalSeconds > Settling ? stage : null), "time passes");
        double squares = 0, bounds = 0;
        int count = 0;
        for (; stage.Elapsed.TotalSeconds < Settling + Watching; await Task.Delay(100))
        {
            var reading = suite.Read();
            stage.Require(reading is { IsSynchronized: true, IsHonest: true }, $"synchronised, and within what is claimed: {reading}");
            squares += reading!.Value.Error.Seconds * reading.Value.Error.Seconds;
            bounds += reading.Value.Bound.Seconds;
            count++;
        }

        double rms = Math.Sqrt(squares / count), bound = bounds / count;
        var tracking = await suite.TrackingAsync();
        report.WriteLine($"RMS error {rms * 1e6:F0} us, bound {bound * 1e6:F0} us; simulated {simulated.Rms * 1e6:F0} us (worst seed {simulated.Worst * 1e6:F0} us), bound {simulated.Bound * 1e6:F0} us; claimed sigma {tracking.Sigma.ToDomain().Seconds * 1e6:F0} us");
        Assert.InRange(rms, 0, Room * simulated.Worst);
        Assert.InRange(bound, simulated.Bound / Room, simulated.Bound * Room);
        Assert.InRange(tracking.PacketsPerHour, 3599, 3601);
    }

    private static (double Rms, double Worst, double Bound) Simulate()
    {
        var setup = new Setup { Limit = Settling + Watching, From = Settling, Offset = 0.05, Frequency = 0, Base = Base, Jitter = Jitter, Keys = ConfigKeys.Chrony.WithPolls(0, 0).With("source.iburst", "true") };
        var figures = Enumerable.Range(1, 15).Select(seed =>
        {
            var world = new World(setup, (ulong)seed);
            var score = new Score(setup);
            world.Second = _ => score.See(world);
            world.RunTo(setup.Limit);
            return score.Finish((ulong)seed, world);
        }).ToList();
        return (figures.Select(f => f.Rms).Order().ElementAt(7), figures.Max(f => f.Rms), figures.Select(f => f.MedianBound).Order().ElementAt(7));
    }
}
