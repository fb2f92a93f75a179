using System.ComponentModel;
using TimeSuite.Linux;
using TimeSuite.Time;
using static TimeSuite.Linux.Timex;

namespace TimeSuite.Clockd.Tests;

/// <summary>The kernel's clock against a model of the kernel: each trap of adjtimex(2), sprung and avoided.</summary>
public sealed class KernelClockTests
{
    private static readonly FrequencyOffset s_limit = FrequencyOffset.FromPpm(500);

    private readonly KernelModel _kernel = new(Host.Noon.SinceEpoch.WholeSeconds);
    private readonly KernelClock _clock;

    public KernelClockTests() => _clock = new(_kernel, setsRtc: true);

    /// <summary>Half a second after the kernel's last full one.</summary>
    private Moment Now => At(0.5);

    /// <summary>Reads the running kernel, sets nothing: a wrong layout cannot pass.</summary>
    [Fact]
    public void The_layout_of_timex_is_the_kernels()
    {
        var timex = default(Timex);
        new KernelAdjtimex().Adjust(ref timex);

        Assert.Equal(208, System.Runtime.InteropServices.Marshal.SizeOf<Timex>());
        Assert.Equal(500L << 16, timex.tolerance);
        Assert.InRange(timex.tick, 9_000, 11_000);
        Assert.InRange(timex.tai, 0, 60);
    }

    [Fact]
    public void A_slew_starts_at_the_next_second_and_takes_a_quarter_each_second_at_tc_0()
    {
        _clock.Adopt();
        Slew(0.001);

        _kernel.Second();
        Assert.Equal(0, _kernel.Slewed); // asked for within this second
        _kernel.Second();
        Assert.Equal(250_000, _kernel.Slewed, tolerance: 1);
        _kernel.Second();
        Assert.Equal(250_000 + 187_500, _kernel.Slewed, tolerance: 1);
    }

    [Theory]
    [InlineData(0.000001)]
    [InlineData(-0.0019)]
    [InlineData(0.05)]
    [InlineData(-0.3)]
    [InlineData(1.7)]
    [InlineData(-40)]
    public void A_slew_goes_all_the_way_and_never_faster_than_the_limit(double phase)
    {
        _clock.Adopt();
        Slew(phase);
        Run(seconds: 25_000 + (int)(Math.Abs(phase) * 2_100));

        Assert.Equal(phase * 1e9, _kernel.Slewed, tolerance: 10 + (Math.Abs(phase) * 2_100)); // each renewal may lose a nanosecond
        Assert.InRange(_kernel.FastestSecond, 0, 500_001);
        Assert.InRange(_clock.Read(Now).PendingPhase.Magnitude.Nanoseconds, 0, 10);
    }

    [Fact]
    public void Ninety_five_percent_are_gone_after_the_wanted_duration_and_not_long_before()
    {
        _clock.Adopt();
        Slew(0.01, duration: 400);

        Assert.Equal(5, _clock.Read(Now).TimeConstant); // 3 * 2^(2+5) = 384 s
        Run(200);
        Assert.InRange(_kernel.Slewed, 0.70 * 1e7, 0.85 * 1e7);
        Run(200);
        Assert.InRange(_kernel.Slewed, 0.94 * 1e7, 0.97 * 1e7);
    }

    /// <summary>30 ms at 500 ppm are a minute; the loop alone, slowed down so that it begins within the limit, would take six.</summary>
    [Theory]
    [InlineData(0.03)]
    [InlineData(-0.03)]
    public void A_slew_that_the_limit_made_slow_is_quickened_as_it_goes(double phase)
    {
        _clock.Adopt();
        Slew(phase);
        Run(110);

        Assert.InRange(_clock.Read(Now).PendingPhase.Magnitude.Nanoseconds, 0, 1_000);
        Assert.InRange(_kernel.FastestSecond, 0, 500_001);
        Assert.Equal(phase * 1e9, _kernel.Slewed, tolerance: 1_100);
    }

    [Fact]
    public void A_killed_clockd_stops_at_the_end_of_the_part_that_the_kernel_has()
    {
        _clock.Adopt();
        Slew(1.7); // more than the kernel takes at a time
        Run(10);
        double before = _kernel.Slewed;
        for (int second = 0; second < 200_000; second++)
        {
            _kernel.Second(); // nobody renews
        }

        Assert.InRange(_kernel.Slewed - before, 0, 0.5e9 + 500_000); // and the second that was running
        Assert.InRange(_kernel.Slewed, 0, 1.7e9);
    }

    /// <summary>The running second's part goes on whatever is said now; it must not come on top.</summary>
    [Theory]
    [InlineData(0.001)]
    [InlineData(-0.001)]
    [InlineData(0)]
    public void A_new_slew_takes_the_place_of_the_old_one_from_the_moment_that_it_is_asked_for(double phase)
    {
        _clock.Adopt();
        Slew(0.1);
        Run(20);
        double until = _kernel.Slewed; // the last full second
        var running = _clock.Read(At(0.75));
        _clock.Steer(FrequencyOffset.Zero, new(Duration.FromSeconds(phase), Duration.Zero, s_limit), At(0.75));
        var asked = _clock.Read(At(0.75));
        _kernel.Second();
        double part = _kernel.Slewed - until;
        Run(3000);

        Assert.Equal(part / 4, running.Running.Nanoseconds, tolerance: 5);
        Assert.Equal(running.Running, asked.Running);
        Assert.Equal(phase, (asked.PendingPhase + asked.Running).Seconds, tolerance: 2e-9);
        Assert.Equal(until + (part * 3 / 4) + (phase * 1e9), _kernel.Slewed, tolerance: 20);
        Assert.InRange(asked.Unfinished.Seconds, Math.Abs(phase), Math.Abs(phase) + (part / 1e9));
    }

    [Theory]
    [InlineData(0.03)] // quickened on its way
    [InlineData(-1.7)] // in parts
    public void What_the_running_second_still_does_is_known_in_each_second(double phase)
    {
        _clock.Adopt();
        Slew(phase);
        for (int second = 0; second < 120; second++)
        {
            Run(1);
            var (left, before) = (_clock.Read(At(0.75)).Running, _kernel.Slewed);
            _kernel.Second();
            Assert.Equal((_kernel.Slewed - before) / 4e9, left.Seconds, tolerance: 2e-9);
            _clock.Tick(Now);
        }
    }

    [Fact]
    public void Within_a_tick_of_a_full_second_nobody_knows_whose_part_is_running()
    {
        _clock.Adopt();
        Slew(0.1);
        Run(20);
        var (new_, old) = (_clock.Read(At(0.001)), _clock.Read(At(0.02)));

        Assert.Equal(Duration.FromSeconds(0.1 / 256).Seconds, (new_.Doubt - old.Doubt).Seconds, tolerance: 0.1 / 256 / 10);
    }

    [Theory]
    [InlineData(0.75, 0.262)]
    [InlineData(0.011, 1.001)]
    [InlineData(0.009, 0.003)]
    public void It_is_ticked_when_the_kernel_has_noticed_a_full_second(double now, double wait) =>
        Assert.Equal(wait, KernelClock.UntilTick(At(now)).TotalSeconds, precision: 6);

    [Fact]
    public void A_cancelled_slew_stops_at_the_next_second()
    {
        _clock.Adopt();
        Slew(0.1);
        Run(20);
        double before = _kernel.Slewed;
        _clock.EndSlew(Now);
        Run(100);

        Assert.InRange(_kernel.Slewed - before, 0, 500_001);
        Assert.Equal(Duration.Zero, _clock.Read(Now).PendingPhase);
    }

    [Fact]
    public void Cancelling_works_even_after_another_program_has_switched_the_pll_off()
    {
        _clock.Adopt();
        Slew(0.1);
        Run(5);
        _kernel.Foreign(new() { modes = ADJ_STATUS, status = STA_UNSYNC });
        _kernel.Foreign(new() { modes = ADJ_OFFSET, offset = 0 }); // the trap: success, and nothing happens
        Assert.NotEqual(Duration.Zero, _clock.Read(Now).PendingPhase);

        Assert.False(_clock.Tick(Now));

        Run(1);
        double before = _kernel.Slewed;
        Run(100);
        Assert.Equal(before, _kernel.Slewed);
        Assert.Equal(STA_PLL | STA_FREQHOLD | STA_NANO, _kernel.Status & (STA_PLL | STA_FREQHOLD | STA_NANO));
    }

    [Fact]
    public void Pending_phase_is_read_right_while_the_kernel_counts_in_microseconds()
    {
        _clock.Adopt();
        Slew(0.1);
        _kernel.Foreign(new() { modes = ADJ_MICRO });

        Assert.Equal(0.1, _clock.Read(Now).PendingPhase.Seconds, precision: 5);
    }

    [Fact]
    public void Every_write_has_nano_and_none_sets_tai_and_time_constant_together()
    {
        _clock.Adopt();
        Slew(1.7);
        Run(5);
        _clock.Announce(Announced(LeapSecond.Insert, tai: 37));
        _clock.StepBy(Duration.FromSeconds(-2.5), 1, Now);
        _clock.EndSlew(Now);

        Assert.All(_kernel.Writes, modes => Assert.NotEqual(0u, modes & ADJ_NANO));
        Assert.All(_kernel.Writes, modes => Assert.NotEqual(ADJ_TAI | ADJ_TIMECONST, modes & (ADJ_TAI | ADJ_TIMECONST)));
        Assert.Equal(37, _kernel.Tai);
    }

    [Fact]
    public void The_frequency_is_ours_alone_the_loop_does_not_pull_it()
    {
        _clock.Adopt();
        _clock.Steer(FrequencyOffset.FromPpm(-12.5), new(Duration.FromSeconds(0.1), Duration.Zero, s_limit), Now);
        Run(100);

        Assert.Equal((long)(-12.5 * 65_536), _kernel.Freq);
        Assert.Equal(-12.5, _clock.Read(Now).Frequency.Ppm, precision: 4);
    }

    [Fact]
    public void A_frequency_alone_leaves_the_slew_running()
    {
        _clock.Adopt();
        Slew(0.001);
        _clock.Steer(FrequencyOffset.FromPpm(3), slew: null, Now);
        Run(300);

        Assert.Equal(1_000_000, _kernel.Slewed, tolerance: 10);
    }

    [Fact]
    public void After_a_step_the_kernel_is_as_synchronised_as_before()
    {
        _clock.Adopt();
        _clock.Announce(Announced(LeapSecond.None, tai: 37));
        Slew(0.1);
        Run(1);
        _clock.StepBy(Duration.FromSeconds(-0.25), 1, Now);

        Assert.Equal(0, _kernel.Status & STA_UNSYNC);
        Assert.InRange(_kernel.MaxError, 1000, 3000);
        Assert.Equal(Duration.Zero, _clock.Read(Now).PendingPhase); // a step drops the slew
    }

    [Fact]
    public void A_leap_second_survives_a_step()
    {
        var kernel = new KernelModel(Host.At("2027-06-30T23:00:00Z").SinceEpoch.WholeSeconds);
        var clock = new KernelClock(kernel, setsRtc: true);
        clock.Adopt();
        clock.Announce(Announced(LeapSecond.Insert, tai: 37));
        kernel.Second();
        Assert.Equal(1, kernel.State);
        clock.StepBy(Duration.FromSeconds(-10L), 1, Now);
        for (int second = 0; second < 3700; second++)
        {
            kernel.Second();
        }

        Assert.Equal(38, kernel.Tai); // the kernel counted 23:59:60
    }

    [Fact]
    public void Unsynchronised_means_STA_UNSYNC_and_so_no_setting_of_the_rtc()
    {
        _clock.Adopt();
        _clock.Announce(Announced(LeapSecond.None, tai: 0));
        Assert.Equal(0, _kernel.Status & STA_UNSYNC);
        _clock.Announce(new() { Synchronized = false, Bound = Duration.FromSeconds(1L << 32) });
        Assert.Equal(STA_UNSYNC, _kernel.Status & STA_UNSYNC);
        Assert.Equal(16_000_000, _kernel.MaxError);

        var withoutRtc = new KernelClock(_kernel, setsRtc: false);
        withoutRtc.Announce(Announced(LeapSecond.None, tai: 0));
        Assert.Equal(STA_UNSYNC, _kernel.Status & STA_UNSYNC);
    }

    [Fact]
    public void A_tick_that_another_daemon_left_is_put_right()
    {
        _kernel.SetTick(10_010);
        _clock.Adopt();

        Assert.Equal(10_000, _kernel.Tick);
    }

    [Fact]
    public void A_running_slew_survives_adoption()
    {
        _clock.Adopt();
        Slew(0.001);
        new KernelClock(_kernel, setsRtc: true).Adopt();
        Run(300);

        Assert.Equal(1_000_000, _kernel.Slewed, tolerance: 10);
    }

    [Fact]
    public void The_kernels_refusal_is_an_exception()
    {
        _kernel.IsForbidden = true;

        Assert.Throws<Win32Exception>(_clock.Adopt);
    }

    [Theory]
    [InlineData(0.002, 0, 500, 0)] // 2 ms / 2^2 s is the limit
    [InlineData(0.0021, 0, 500, 1)]
    [InlineData(-0.5, 0, 500, 8)] // 0.5 s / 2^10 s
    [InlineData(0.001, 11.9, 500, 0)] // 3 * 2^2 s = 12 s
    [InlineData(0.001, 24, 500, 1)]
    [InlineData(0.001, 1e9, 500, 10)]
    [InlineData(1e6, 0, 500, 8)] // by parts of 0.5 s
    [InlineData(1e6, 0, 1, 10)]
    [InlineData(100, 1200, 83_333, 1)] // the fastest there is for parts of 0.5 s: 2^2 s would be too fast
    [InlineData(1, 1200, 83_333, 7)] // 0.5 s / 2^9 s
    public void The_time_constant_is_the_smallest_that_limit_and_duration_allow(double phase, double duration, double ppm, int tc) =>
        Assert.Equal(tc, SlewPlan.For(Duration.FromSeconds(phase), Duration.FromSeconds(duration), FrequencyOffset.FromPpm(ppm)).TimeConstant);

    private void Slew(double phase, double duration = 0) =>
        _clock.Steer(FrequencyOffset.Zero, new(Duration.FromSeconds(phase), Duration.FromSeconds(duration), s_limit), Now);

    /// <summary>So many seconds after the kernel's last full one.</summary>
    private Moment At(double fraction) => new(default, default, new(Duration.FromSeconds(_kernel.Seconds) + Duration.FromSeconds(fraction)), default);

    private void Run(int seconds)
    {
        for (int second = 0; second < seconds; second++)
        {
            _kernel.Second();
            _clock.Tick(Now);
        }
    }

    private static Announcement Announced(LeapSecond leap, int tai) => new()
    {
        Synchronized = true,
        Bound = Duration.FromSeconds(0.001),
        Sigma = Duration.FromSeconds(0.0001),
        Interval = Duration.FromSeconds(64L),
        Leap = leap,
        TaiOffset = tai,
    };
}
