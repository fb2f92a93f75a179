using Grpc.Core;
using TimeSuite.Policy;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Time;

namespace TimeSuite.Clockd.Tests;

/// <summary>SIGHUP: other limits, the same clock, lease and counters.</summary>
public sealed class ReloadTests
{
    private readonly MemoryHost _host = new();

    [Fact]
    public async Task The_running_daemon_reads_its_limits_again_and_keeps_lease_and_clock()
    {
        using var clockd = new RunningClockd();
        using var holder = await clockd.SteerAsync();
        Assert.Equal(0, (await holder.AskAsync(new() { Adjust = new() { FrequencyPpb = 400_000 } })).Code);
        await clockd.ReloadAsync("[clock]\npolicy = \"strict\"\nmax-frequency = \"100ppm\"\n", "from now on the limits of policy strict");

        Assert.Equal((int)StatusCode.OutOfRange, (await holder.AskAsync(new() { Adjust = new() { FrequencyPpb = 100_001 } })).Code);
        Assert.Equal(0, (await holder.AskAsync(new() { Adjust = new() { FrequencyPpb = 99_999 } })).Code);
        var description = await clockd.Client.DescribeAsync(new());
        Assert.Equal(("strict", 100_000.0, 2UL), (description.Policy.Name, Math.Round(description.Policy.MaxFrequencyPpb), description.Counters.Adjustments));
    }

    [Fact]
    public async Task A_wrong_file_changes_nothing_and_says_where()
    {
        using var clockd = new RunningClockd();
        await clockd.ReloadAsync("[clock]\nboot-steps = 1\nmax-frequenzy = \"100ppm\"\n", "nothing is changed");

        Assert.Contains("timesuite.toml(3,", clockd.Errors, StringComparison.Ordinal);
        Assert.Contains("max-frequency", clockd.Errors, StringComparison.Ordinal);
        Assert.Equal((3u, 500_000.0), ((await clockd.Client.DescribeAsync(new())).Policy.BootSteps, (await clockd.Client.DescribeAsync(new())).Policy.MaxFrequencyPpb));
    }

    [Fact]
    public async Task What_is_read_at_the_start_only_is_named()
    {
        using var clockd = new RunningClockd();
        await clockd.ReloadAsync("[clock]\nreaders = [\"root\"]\n", "rtc-sync, steerers and readers are read at the start only");
    }

    /// <summary>An hour of phase was allowed, ten minutes were used; now it is a second a day.</summary>
    [Fact]
    public void A_budget_that_shrinks_below_what_was_used_is_used_up_and_a_slew_can_still_be_taken_back()
    {
        var host = new MemoryHost(limits: PolicyLimits.ChronyLike);
        using var call = host.Open();
        host.Answer(call, new() { Announce = new() { Synchronized = true, Bound = Seconds(1), Interval = Seconds(64) } });
        host.Answer(call, new() { Adjust = new() { Phase = Seconds(5) } });
        for (int second = 0; second < 30; second++)
        {
            host.Pass(1);
            host.Answer(call, new() { Renew = new() });
        }

        host.Session.Adopt(new(PolicyLimits.Default, leaps: null, Host.BuildDate));
        Assert.Equal(Duration.Zero, host.Answer(call, new() { Renew = new() }).Accepted.SlewBudgetLeft.ToDomain());
        Assert.Equal((int)StatusCode.FailedPrecondition, host.Answer(call, new() { Adjust = new() { Phase = Seconds(1e-6) } }).Code);
        Assert.Equal(0, host.Answer(call, new() { Adjust = new() { Phase = Seconds(0) } }).Code);
        Assert.Equal(0, host.Answer(call, new() { Adjust = new() { FrequencyPpb = 5 } }).Code);
    }

    [Fact]
    public void Steps_that_were_used_stay_used_when_fewer_or_more_are_allowed()
    {
        using var call = _host.Open();
        Assert.Equal(0, Step());
        Assert.Equal(0, Step());
        _host.Session.Adopt(new(PolicyLimits.Strict, leaps: null, Host.BuildDate));
        Assert.Equal((int)StatusCode.FailedPrecondition, Step());
        _host.Session.Adopt(new(PolicyLimits.Default, leaps: null, Host.BuildDate));
        Assert.Equal(0, Step());
        Assert.Equal((int)StatusCode.FailedPrecondition, Step());

        int Step() => _host.Answer(call, new() { Step = new() { Offset = Seconds(1) } }).Code;
    }

    [Fact]
    public void The_change_is_in_the_audit_trail()
    {
        _host.Session.Adopt(new(PolicyLimits.Strict, leaps: null, Host.BuildDate));

        Assert.Equal(Event.Types.Kind.Policy, _host.Audit.Since(0, out _, out _)[^1].Kind);
    }

    private static Rpc.Time.V1.Duration Seconds(double seconds) => Duration.FromSeconds(seconds).ToWire();
}
