using TimeSuite.System.Tests.Suite;
using TimeSuite.Time;
using Xunit.Abstractions;

namespace TimeSuite.System.Tests;

/// <summary>A reference, and a client that starts wrong: the suite's main job.</summary>
[Collection(Alone.Name)]
public sealed class MainJobTests(ITestOutputHelper output) : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30), s_look = TimeSpan.FromSeconds(5);

    private readonly Scene _scene = new(output);

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task A_clock_that_is_50_ms_and_30_ppm_wrong_is_right_within_30_s_and_stays_inside_its_bound()
    {
        var reference = _scene.AddReference(out int port);
        var client = _scene.Add("client", Scene.Source(port), "--shadow-offset", "50ms", "--shadow-frequency", "30ppm");
        await reference.ClockdIsUpAsync();
        client.StartClockd();
        await client.ClockdIsUpAsync();
        Assert.InRange(TrueError.Now(client, reference).Seconds, 0.045, 0.055);

        client.StartNtpd();
        var took = await client.IsSynchronizedAsync(s_limit);
        var first = await TrueError.OverAsync(client, reference, s_look);
        var error = await TrueError.OverAsync(client, reference, s_look);

        _scene.Say($"synchronised after {took.TotalSeconds:F1} s; {first}; then at most {error.Largest} wrong, {error.Outside} of {error.Readings} readings outside of the bound");
        Assert.True(first.Largest < Duration.FromNanoseconds(100_000), $"true error {first.Largest} at first");
        Assert.True(error.Largest < Duration.FromNanoseconds(100_000), $"true error {error.Largest}");
        Assert.True(error.Readings > 50, $"{error.Readings} readings");
        Assert.Equal(0, error.Outside);
    }
}
