using TimeSuite.Linux;
using TimeSuite.Simulation;

namespace TimeSuite.Scenarios.Tests;

/// <summary>When the kernel of a simulated machine acts.</summary>
public sealed class VirtualHostTests
{
    private static readonly Setup s_setup = new() { Offset = 0.3, Frequency = 0, Wander = 0 };

    [Theory]
    [InlineData(false, 0.7)]
    [InlineData(true, 1)]
    public void The_loop_begins_at_a_full_second_of_its_own_clock_or_as_clknetsim_s_of_true_time(bool isTrue, double begins)
    {
        var host = Slewing(isTrue);

        RunTo(host, begins - 0.01);
        Assert.Equal(0.3, host.RealError, 1e-12);

        RunTo(host, begins + 0.01);
        Assert.InRange(host.RealError, 0.3 + (0.009 * 1e-3 / 4), 0.3 + (0.011 * 1e-3 / 4));
    }

    [Fact]
    public void A_step_does_not_make_it_act_twice_in_a_second()
    {
        var host = Slewing(isTrue: false);
        RunTo(host, 0.9); // its second 1 is over
        double slew = host.Kernel.Slew;
        host.SetBy(-0.5);

        RunTo(host, 1.19);
        Assert.Equal(slew, host.Kernel.Slew);

        RunTo(host, 1.21); // it shows 1 s again
        Assert.Equal(slew * 3 / 4, host.Kernel.Slew, 1e-12);
    }

    private static VirtualHost Slewing(bool isTrue)
    {
        var host = new VirtualHost(s_setup, 1, "host") { ActsOnTrueSeconds = isTrue };
        var timex = new Timex { modes = Timex.ADJ_STATUS | Timex.ADJ_NANO, status = Timex.STA_PLL | Timex.STA_FREQHOLD };
        host.Kernel.Adjust(ref timex);
        timex = new() { modes = Timex.ADJ_OFFSET | Timex.ADJ_TIMECONST | Timex.ADJ_NANO, offset = 1_000_000 };
        host.Kernel.Adjust(ref timex);
        return host;
    }

    private static void RunTo(VirtualHost host, double time)
    {
        while (host.Now < time)
        {
            double next = Math.Min(Math.Floor(host.Now) + 1, time);
            host.AdvanceTo(next);
            if (next == Math.Floor(next))
            {
                host.Second();
            }
        }
    }
}
