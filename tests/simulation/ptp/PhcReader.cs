using TimeSuite.Ntpd.Ptp;
using TimeSuite.Time;

namespace TimeSuite.Simulation;

/// <summary>
/// Reads a PHC between two looks at the machine's oscillator for its ntpd: the narrowest of as many readings as PTP_SYS_OFFSET_EXTENDED gives at once. One that somebody else keeps four times a
/// second, one that follows a master once a second, as ptpd does.
/// </summary>
/// <remarks>clknetsim's model: on each side of the PHC's reading lie steps of half the jitter, five on average, Poisson distributed. A reading of the first kind is what a Delay_Req and a Sync with no time between them would be.</remarks>
internal sealed class PhcReader
{
    private const int Readings = 25; // PTP_MAX_SAMPLES
    private const double Period = 0.25, FollowersPeriod = 1; // s
    private const double MeanSteps = 5;

    private readonly World _world;
    private readonly Machine _machine;
    private readonly VirtualPhc _phc;
    private readonly PtpNode? _follower;
    private readonly double _step; // s
    private readonly Dice _dice;

    /// <param name="world">The world.</param>
    /// <param name="machine">Whose ntpd hears of it.</param>
    /// <param name="phc">What is read.</param>
    /// <param name="jitter">Of reading it, s.</param>
    /// <param name="seed">Of the readings.</param>
    /// <param name="follower">By which it follows a master, and says how wrong it may be; null: it is somebody else's.</param>
    public PhcReader(World world, Machine machine, VirtualPhc phc, double jitter, ulong seed, PtpNode? follower = null)
    {
        (_world, _machine, _phc, _step, _follower) = (world, machine, phc, jitter / 2, follower);
        _dice = new(seed, "phc readings");
        world.At(1, () => Tell(new PtpNews.Changed(1, new("phc", "phc", 1, IsTai: true, Duration.FromSeconds(37L), LeapSecond.None, Duration.FromNanoseconds(25)))));
        world.Every(follower is null ? Period : FollowersPeriod, 2, Read);
    }

    private void Read()
    {
        var (before, after) = (double.PositiveInfinity, double.PositiveInfinity);
        for (int i = 0; i < Readings; i++)
        {
            double b = _step * Steps();
            double a = _step * Steps();
            (before, after) = b + a < before + after ? (b, a) : (before, after);
        }

        var shown = new Instant<Tai>(_world.Quantised(_phc.Shown).SinceEpoch);
        var (first, last) = (_world.Quantised(_machine.Host.RawAt(_world.Now - before)), _world.Quantised(_machine.Host.RawAt(_world.Now + after)));
        if (_follower is not null)
        {
            var error = (last - first).Half();
            Tell(new PtpNews.Phc(1, shown, first + error, error, _follower.Bound is { } bound ? Duration.FromSeconds(bound) : null));
            return;
        }

        Tell(new PtpNews.Delay(1, first, shown, Duration.Zero));
        Tell(new PtpNews.Sync(1, shown, last, Duration.Zero));
    }

    private void Tell(PtpNews news) => _machine.Take(() => _machine.Keeper.OnPtp([news]));

    /// <summary>Knuth's: uniform numbers are multiplied until the product is below exp(-mean).</summary>
    private int Steps()
    {
        int steps = -1;
        for (double product = 1; product > Math.Exp(-MeanSteps); steps++)
        {
            product *= _dice.Uniform();
        }

        return steps;
    }
}
