using System.ComponentModel;
using TimeSuite.Linux;
using TimeSuite.Simulation;
using static TimeSuite.Linux.Timex;

namespace TimeSuite.Scenarios.Tests;

/// <summary>The kernel's model against what CLOCK.md section 3 and clknetsim say.</summary>
public sealed class KernelTimexTests
{
    private readonly KernelTimex _kernel = new(shiftPll: 2);
    private double _stepped;

    public KernelTimexTests() => _kernel.Stepped = step => _stepped += step;

    [Theory]
    [InlineData(0, 4)]
    [InlineData(3, 32)]
    [InlineData(10, 4096)]
    public void The_loop_works_off_one_part_in_2_to_the_2_plus_tc_each_second(int tc, double divisor)
    {
        Set(new() { modes = ADJ_STATUS | ADJ_NANO, status = STA_PLL | STA_FREQHOLD });
        Set(new() { modes = ADJ_OFFSET | ADJ_TIMECONST | ADJ_NANO, offset = 1_000_000, constant = tc });
        Assert.Equal(0, _kernel.Slew); // it starts at the next second

        _kernel.Second(0);
        Assert.Equal(1e-3 / divisor, _kernel.Slew, 12);
        Assert.Equal(1_000_000 * (1 - (1 / divisor)), Set(default).offset, 0.5); // what is read back excludes the present second

        _kernel.Second(1);
        Assert.Equal(1e-3 / divisor * (1 - (1 / divisor)), _kernel.Slew, 12);
    }

    [Fact]
    public void Frequency_is_ppm_with_16_fraction_bits_and_at_most_500_of_them()
    {
        Set(new() { modes = ADJ_FREQUENCY, freq = 100 << 16 });
        Assert.Equal(1 + 1e-4, _kernel.Factor, 12);

        Set(new() { modes = ADJ_FREQUENCY, freq = 900 << 16 });
        Assert.Equal(1 + 5e-4, _kernel.Factor, 12);
    }

    [Fact]
    public void A_tick_is_a_hundredth_of_a_second_and_stays_within_a_tenth_of_it()
    {
        Set(new() { modes = ADJ_TICK, tick = 10_001 });
        Assert.Equal(1.0001, _kernel.Factor, 12);
        Assert.Throws<Win32Exception>(() => Set(new() { modes = ADJ_TICK, tick = 8_999 }));
    }

    [Fact]
    public void Without_the_loop_an_offset_is_accepted_and_forgotten()
    {
        Set(new() { modes = ADJ_OFFSET | ADJ_NANO, offset = 1_000_000 });
        _kernel.Second(0);

        Assert.Equal(0, _kernel.Slew);
    }

    [Fact]
    public void Frequency_is_held_if_asked_for_and_else_pulled_along()
    {
        Set(new() { modes = ADJ_STATUS | ADJ_NANO, status = STA_PLL | STA_FREQHOLD });
        Pass(100);
        Set(new() { modes = ADJ_OFFSET | ADJ_NANO, offset = 1_000_000 });
        Assert.Equal(0, _kernel.Freq);

        Set(new() { modes = ADJ_STATUS, status = STA_PLL });
        Set(new() { modes = ADJ_OFFSET | ADJ_TIMECONST | ADJ_NANO, offset = 1_000_000, constant = 2 });
        Pass(100);
        Set(new() { modes = ADJ_OFFSET | ADJ_NANO, offset = 1_000_000 });
        Assert.Equal(1e-3 * 100 / (64 * 64) * 65536e6, _kernel.Freq, 1.0); // offset * interval / t^2 with t = 4 * 2^2 * 2^2
    }

    [Fact]
    public void A_step_drops_the_slew_and_the_claim_of_being_synchronised()
    {
        Set(new() { modes = ADJ_STATUS | ADJ_NANO | ADJ_MAXERROR, status = STA_PLL, maxerror = 1000 });
        Set(new() { modes = ADJ_OFFSET | ADJ_NANO, offset = 1_000_000 });
        var after = Set(new() { modes = ADJ_SETOFFSET | ADJ_NANO, seconds = -2, subseconds = 750_000_000 });
        _kernel.Second(0);

        Assert.Equal(-1.25, _stepped, 9);
        Assert.Equal(0, _kernel.Slew);
        Assert.Equal((16_000_000, STA_UNSYNC), (after.maxerror, after.status & STA_UNSYNC));
    }

    [Fact]
    public void A_status_without_the_loop_drops_the_nanoseconds_too()
    {
        Set(new() { modes = ADJ_STATUS | ADJ_NANO, status = STA_PLL });
        Set(new() { modes = ADJ_STATUS, status = STA_UNSYNC });

        Assert.Equal(0, _kernel.Status & STA_NANO);
    }

    [Fact]
    public void The_error_grows_by_500_us_a_second_until_nobody_believes_it()
    {
        Set(new() { modes = ADJ_STATUS | ADJ_MAXERROR, status = STA_PLL, maxerror = 15_999_000 });
        _kernel.Second(0);
        Assert.Equal((15_999_500, 0), (Set(default).maxerror, _kernel.Status & STA_UNSYNC));

        _kernel.Second(1);
        Assert.Equal((16_000_000, STA_UNSYNC), (Set(default).maxerror, _kernel.Status & STA_UNSYNC));
    }

    [Theory]
    [InlineData(STA_INS, -1, 1)]
    [InlineData(STA_DEL, 1, -1)]
    public void A_leap_second_comes_once_at_midnight(int flag, int step, int tai)
    {
        Set(new() { modes = ADJ_STATUS, status = STA_PLL | flag });
        double time = 86_390;
        int steps = 0;
        for (int second = 0; second < 30; second++)
        {
            int leap = _kernel.Second(time);
            steps += leap;
            time += 1 + leap;
        }

        Assert.Equal((step, tai), (steps, _kernel.Tai));
    }

    [Fact]
    public void A_single_shot_is_worked_off_at_500_us_a_second_beside_the_loop()
    {
        Assert.Equal(0, Set(new() { modes = KernelTimex.AdjOffsetSingleshot, offset = -1_200 }).offset);
        Assert.Equal(1, _kernel.Factor); // it starts at the next second
        double[] rates = [.. Enumerable.Range(0, 4).Select(second =>
        {
            _kernel.Second(second);
            return _kernel.Factor - 1;
        })];

        Assert.Equal([-500e-6, -500e-6, -200e-6, 0], rates.Select(rate => Math.Round(rate, 9)));
        Assert.Equal((0, 0L), (_kernel.Slew, Set(default).offset)); // the loop's own offset is another
    }

    [Fact]
    public void A_single_shot_replaces_what_is_left_of_the_last_one_and_tells_it()
    {
        Set(new() { modes = KernelTimex.AdjOffsetSingleshot, offset = 2_000 });
        _kernel.Second(0);

        Assert.Equal(1_500, Set(new() { modes = KernelTimex.AdjOffsetSingleshot, offset = 100 }).offset);
        Assert.Equal(100, Set(new() { modes = KernelTimex.AdjOffsetSingleshotRead, offset = 7 }).offset);
        Assert.Equal(100, Set(new() { modes = KernelTimex.AdjOffsetSingleshotRead }).offset); // it was only read
        Assert.Equal(0, _kernel.Status & STA_NANO); // whose bit is in that of the read
    }

    [Fact]
    public void Where_the_leap_second_is_comes_back_with_each_call()
    {
        Assert.Equal(0, State());
        Set(new() { modes = ADJ_STATUS, status = STA_PLL | STA_INS });
        Assert.Equal(0, State()); // until the next second
        _kernel.Second(86_390);
        Assert.Equal(1, State()); // TIME_INS
        Assert.Equal(-1, _kernel.Second(86_400));
        Assert.Equal(3, State()); // TIME_OOP
        _kernel.Second(86_400);
        Assert.Equal(4, State()); // TIME_WAIT
        Set(new() { modes = ADJ_STATUS, status = STA_PLL });
        _kernel.Second(86_401);
        Assert.Equal(0, State());

        Set(new() { modes = ADJ_STATUS, status = STA_PLL | STA_DEL });
        _kernel.Second(172_700);
        Assert.Equal(2, State()); // TIME_DEL
    }

    [Fact]
    public void Without_the_right_nothing_is_set()
    {
        _kernel.IsForbidden = true;

        Assert.Throws<Win32Exception>(() => Set(new() { modes = ADJ_FREQUENCY }));
        Assert.Throws<Win32Exception>(() => Set(new() { modes = KernelTimex.AdjOffsetSingleshot }));
        Set(default);
        Set(new() { modes = KernelTimex.AdjOffsetSingleshotRead });
    }

    private void Pass(int seconds)
    {
        for (int second = 0; second < seconds; second++)
        {
            _kernel.Second(1000 + second);
        }
    }

    private int State()
    {
        var timex = default(Timex);
        return _kernel.Adjust(ref timex);
    }

    private Timex Set(Timex timex)
    {
        _kernel.Adjust(ref timex);
        return timex;
    }
}
