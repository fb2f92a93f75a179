using System.Diagnostics;
using System.Globalization;
using TimeSuite.Linux;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Time;

namespace TimeSuite.System.VmGuest;

/// <summary>A real clockd with the system clock, as root.</summary>
internal sealed class ClockdProcess : IDisposable
{
    public const string Socket = "/run/timesuite/clockd/clockd.sock", Page = "/run/timesuite/clockd/clock";
    private static readonly Duration Patience = Duration.FromSeconds(30L);

    private readonly Child _child;

    private ClockdProcess(params string[] arguments) => _child = new(user: 0, ["/bin/clockd", .. arguments]);

    public int Id => _child.Id;

    /// <summary>What it logged so far.</summary>
    public string Log => _child.Log;

    /// <summary>The first clockd of this boot, as far as it can know.</summary>
    public static ClockdProcess StartFresh()
    {
        foreach (string directory in (string[])["/run/timesuite", "/var/lib/timesuite"])
        {
            if (Directory.Exists(directory))
            {
                Directory.Delete(directory, recursive: true);
            }
        }

        return Start();
    }

    /// <summary>Starts one and waits until it answers.</summary>
    public static ClockdProcess Start()
    {
        var clockd = new ClockdProcess();
        var end = Clocks.Raw() + Patience;
        while (true)
        {
            try
            {
                Describe();
                return clockd;
            }
            catch (Exception failure) when (failure is Grpc.Core.RpcException && Clocks.Raw() < end && !clockd._child.HasEnded)
            {
                GuestClock.Sleep(Duration.FromSeconds(0.05));
            }
            catch (Exception failure)
            {
                throw new CheckFailedException($"clockd does not answer: {failure.Message}; its log: {clockd.Log}");
            }
        }
    }

    /// <summary>What the unit's ExecStopPost= does.</summary>
    public static void EndSlews()
    {
        using var clockd = new ClockdProcess("--end-slews");
        clockd._child.EndsWell();
    }

    public static DescribeReply Describe()
    {
        using var channel = PeerChannel.Open(Socket, user: 0);
        return new Clock.ClockClient(channel).DescribeAsync(new()).ResponseAsync.WaitAsync(TimeSpan.FromSeconds(20)).GetAwaiter().GetResult();
    }

    /// <summary>kill -9.</summary>
    public void Kill() => _child.Kill();

    /// <summary>SIGTERM, as the service manager stops it.</summary>
    public void Stop()
    {
        using var kill = Process.Start("/bin/busybox", ["kill", "-TERM", _child.Id.ToString(CultureInfo.InvariantCulture)]);
        _child.EndsWell();
    }

    public void Dispose() => _child.Dispose();
}
