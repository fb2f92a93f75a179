using TimeSuite.Time;

namespace TimeSuite.Discipline.Tests;

public class CommonErrorsTests
{
    private const double Wander = 1e-18; // 1/s

    private static readonly SourceId s_first = new(1), s_second = new(2);

    [Fact]
    public void What_the_oscillator_has_wandered_since_both_knew_it_is_in_both_errors()
    {
        var common = new CommonErrors();
        common.OnSample(s_first, At(0), default, s_second, Wander);
        var cross = common.Between(s_first, s_second, At(1000), Wander);
        Assert.Equal(1e-18 * 1e9 / 3, cross.Offsets, 1e-15); // q t^3 / 3
        Assert.Equal(1e-15, cross.Rates, 1e-20); // q t
    }

    [Fact]
    public void A_sample_of_one_takes_off_what_its_filter_learns_and_only_in_its_own_error()
    {
        var common = new CommonErrors();
        common.OnSample(s_first, At(0), default, s_second, Wander);
        var before = common.Between(s_second, s_first, At(1000), Wander);
        common.OnSample(s_second, At(1000), new(0.25, 0, 0, 0.5), s_first, Wander);
        var after = common.Between(s_second, s_first, At(1000), Wander);
        Assert.Equal(0.25 * before.Offsets, after.Offsets, before.Offsets * 1e-9);
        Assert.Equal(0.25 * before.OffsetRate, after.OffsetRate, before.OffsetRate * 1e-9);
        Assert.Equal(0.5 * before.RateOffset, after.RateOffset, before.RateOffset * 1e-9);
        Assert.Equal(after.Turned, common.Between(s_first, s_second, At(1000), Wander));
    }

    [Fact]
    public void A_filter_keeps_of_its_errors_what_its_covariances_say()
    {
        // A measurement of the offset with noise r: kept is 1 - P00/(P00 + r) of the offset, and of the rate's error -P01/(P00 + r) of the offset's goes off.
        var before = new Covariance(4, 1, 3);
        const double r = 12;
        var after = new Covariance(4 - (16 / (4 + r)), 1 - (4 / (4 + r)), 3 - (1 / (4 + r)));
        var kept = ErrorKept.Of(before, after);
        Assert.Equal(0.75, kept.OffsetOfOffset, 1e-12);
        Assert.Equal(0, kept.OffsetOfRate, 1e-12);
        Assert.Equal(-1 / (4 + r), kept.RateOfOffset, 1e-12);
        Assert.Equal(1, kept.RateOfRate, 1e-12);
    }

    [Fact]
    public void Nothing_is_left_of_a_source_that_is_gone()
    {
        var common = new CommonErrors();
        common.OnSample(s_first, At(0), default, s_second, Wander);
        common.Remove(s_second);
        Assert.Equal(default, common.Between(s_first, s_second, At(1000), Wander));
    }

    /// <summary>Two Kalman filters of one random walk, each with its own measurements, and their errors' product over many runs.</summary>
    [Fact]
    public void Two_filters_of_one_oscillator_are_as_alike_as_it_says()
    {
        const double q = 1e-18, r = 1e-9, step = 250; // 1/s, s^2, s
        var dice = new Simulation.Dice(7);
        double product = 0;
        double said = 0;
        double own = 0;
        const int runs = 3000;
        for (int run = 0; run < runs; run++)
        {
            var common = new CommonErrors();
            var state = new double[2, 2]; // errors of both: offset, rate
            Covariance[] p = [new(1e-9, 0, 1e-15), new(1e-9, 0, 1e-15)];
            for (int k = 1; k <= 20; k++)
            {
                double z1 = dice.Normal(), z2 = dice.Normal();
                double walk = Math.Sqrt(q * step);
                for (int s = 0; s < 2; s++)
                {
                    state[s, 0] += (state[s, 1] * step) + (walk * step * ((z1 / 2) + (z2 / Math.Sqrt(12))));
                    state[s, 1] += walk * z1;
                    p[s] = p[s].After(Duration.FromSeconds(step), q);
                }

                int asked = k % 2; // in turn
                var before = p[asked];
                double gain0 = before.Offset / (before.Offset + r), gain1 = before.OffsetRate / (before.Offset + r);
                double innovation = state[asked, 0] + (Math.Sqrt(r) * dice.Normal());
                state[asked, 0] -= gain0 * innovation;
                state[asked, 1] -= gain1 * innovation;
                p[asked] = new(before.Offset * (1 - gain0), before.OffsetRate * (1 - gain0), before.Rate - (gain1 * before.OffsetRate));
                common.OnSample(new(asked), At(k * step), ErrorKept.Of(before, p[asked]), new(1 - asked), q);
            }

            product += state[0, 0] * state[1, 0] / runs;
            said += common.Between(new(0), new(1), At(20 * step), q).Offsets / runs;
            own += Math.Sqrt(p[0].Offset * p[1].Offset) / runs;
        }

        Assert.InRange(said / own, 0.1, 0.9);
        Assert.InRange(product / own, (said / own) - 0.06, (said / own) + 0.06); // one in sqrt(3000) is 0.02
    }

    private static Instant<Raw> At(double seconds) => new(Duration.FromSeconds(seconds));
}
