using TimeSuite.Linux;
using TimeSuite.Time;

namespace TimeSuite.System.Tests.Suite;

/// <summary>Watches a shadow clock, hundreds of times a second, for anything that is not a slew within policy.</summary>
internal sealed class Continuity : IDisposable
{
    /// <summary>Slew of at most 500 ppm, a rate that is learned anew, and an oscillator that is wrong by 30 ppm.</summary>
    private static readonly FrequencyOffset s_rate = FrequencyOffset.FromPpm(600);

    private static readonly Duration s_grain = Duration.FromNanoseconds(3_000);

    private readonly TimePage _page;
    private readonly Thread _thread;
    private volatile bool _isOver;

    public Continuity(TimePage page)
    {
        _page = page;
        _thread = new(Watch) { Name = "continuity", IsBackground = true };
        _thread.Start();
    }

    public int Readings { get; private set; }

    /// <summary>What was seen that should not be; null if all is well. After <see cref="Dispose"/>.</summary>
    public string? Complaint { get; private set; }

    public void Dispose()
    {
        _isOver = true;
        _thread.Join();
    }

    private void Watch()
    {
        Instant<Raw>? lastAt = null;
        Instant<Utc> lastTime = default;
        ulong lastGeneration = 0;
        while (!_isOver)
        {
            Thread.Sleep(2);
            var at = Clocks.Raw(); // before the page is read: its past is exact
            if (!_page.TryRead(out var page) || !page.TryMap(at, Clocks.Suspended(), out var time, out ulong generation))
            {
                continue; // clockd was killed in the middle of a write
            }

            if (lastAt is { } last)
            {
                var gained = time - lastTime - (at - last);
                if (gained.Magnitude > (at - last).At(s_rate) + s_grain || generation != lastGeneration)
                {
                    Complaint ??= $"in {at - last} the clock gained {gained}; steps before {lastGeneration}, after {generation}";
                }
            }

            (lastAt, lastTime, lastGeneration) = (at, time, generation);
            Readings++;
        }
    }
}
