using TimeSuite.Rpc.Ntp.V1;
using TimeSuite.Time;
using Xunit.Abstractions;

namespace TimeSuite.Interop.Tests;

/// <summary>Our ntpd follows Debian's chronyd, which serves CLOCK_REALTIME: so the true error of our shadow clock is known.</summary>
public abstract class ClientOfChronyTests(ITestOutputHelper report)
{
    private static readonly Duration s_accuracy = Duration.FromNanoseconds(200_000);
    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(5), s_startUp = TimeSpan.FromSeconds(30);

    /// <summary>From 50 ms off to synchronised, good and honest.</summary>
    private protected async Task<Source> SynchronizesAsync(string address, string options)
    {
        using var stage = new Stage();
        var chronyd = Chronyd.Serve(stage);
        using var suite = Suite.Follow(stage, Suite.Source(address, chronyd.Port, options));

        await stage.UntilAsync(async () => await suite.TrackingAsync() is { Synchronized: true } found ? found : null, "ntpd is synchronised", s_startUp);
        var synchronized = stage.Elapsed;
        var worst = await suite.SettleAsync(s_accuracy, s_window);
        report.WriteLine($"synchronised after {synchronized.TotalSeconds:F1} s; at worst off by {worst.Error.Seconds * 1e6:F1} us where {worst.Bound.Seconds * 1e6:F1} us are claimed and {worst.Doubt.Seconds * 1e6:F1} us are this test's own");

        var tracking = await suite.TrackingAsync();
        var source = Assert.Single(await suite.SourcesAsync());
        stage.Require(tracking.Synchronized && tracking.Stratum == 2, $"synchronised at stratum 2, not {tracking}");
        stage.Require(source.Verdict == Verdict.Selected, $"the source is selected, not {source}");
        stage.Require(source.Stamps == "kernel", $"stamps are the kernel's, not {source}");
        stage.Require(source.Refused == 0, $"no reply is refused: {source}");
        stage.Require(source.Stratum == 1 && source.ReferenceId == 0x7F7F_0101, $"stratum 1, reference 127.127.1.1, not {source}");
        return source;
    }
}

/// <summary>Basic mode.</summary>
public sealed class BasicModeTests(ITestOutputHelper report) : ClientOfChronyTests(report)
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task Synchronizes_to_chronyd(string address)
    {
        var source = await SynchronizesAsync(address, "");

        Assert.False(source.Interleaved);
        Assert.Equal(address, source.Address);
    }
}

/// <summary>Interleaved mode, RFC 9769.</summary>
public sealed class InterleavedModeTests(ITestOutputHelper report) : ClientOfChronyTests(report)
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task Synchronizes_to_chronyd(string address)
    {
        var source = await SynchronizesAsync(address, "interleaved = true");

        Assert.True(source.Interleaved, "the last reply was an interleaved one: " + source);
        Assert.Equal(address, source.Address);
    }
}
