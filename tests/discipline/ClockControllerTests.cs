using TimeSuite.Time;

namespace TimeSuite.Discipline.Tests;

public class ClockControllerTests
{
    private static readonly Instant<Utc> Epoch = new(Duration.FromSeconds(1_800_000_000L));

    private readonly ClockController _controller = new();

    [Theory]
    [InlineData(1.5, 3, true)]
    [InlineData(-1.5, 3, true)]
    [InlineData(0.05, 3, true)] // would be slewed for 100 s
    [InlineData(0.004, 3, false)] // 8 s
    [InlineData(1.5, 0, false)]
    public void The_first_errors_are_stepped_where_a_slew_would_be_long(double error, int limit, bool stepped)
    {
        var correction = Steer(0, error, new() { StepLimit = limit })!;
        Assert.Equal(stepped, correction.Step is not null);
        Assert.Equal(error, (correction.Step ?? correction.Phase!.Value).Seconds, 1e-9);
    }

    [Fact]
    public void After_so_many_updates_nothing_is_stepped_and_a_negative_limit_means_always()
    {
        for (int i = 0; i < 3; i++)
        {
            Steer(i * 16, 0, new());
        }

        var slewed = Steer(64, 100, new())!;
        Assert.Null(slewed.Step);
        Assert.Equal(100 / 500e-6, slewed.PhaseDuration.Seconds, 1);
        Assert.NotNull(Steer(80, 100, new() { StepLimit = -1 })!.Step);
        _controller.Restart();
        Assert.NotNull(Steer(96, 100, new())!.Step);
    }

    [Theory]
    [InlineData(0.5, 0.4, 0.3, true)] // it may be all noise, and less of that is to be expected
    [InlineData(0.5, 0.2, 0.3, false)] // more than half of it is beyond doubt
    [InlineData(0.5, 0.4, 0.05, false)] // a long way that varies little: better samples are not to be expected
    [InlineData(0, 0.4, 0.3, true)] // so much noise may hide an error that has to be stepped
    [InlineData(0, 0.4, 0.004, false)] // what that may hide can be slewed
    public void The_first_step_waits_while_it_may_be_noise_of_the_path_and_not_for_ever(double error, double bound, double jitter, bool waits)
    {
        var noisy = Line(0, error, 0) with { MaxError = Duration.FromSeconds(bound), Jitter = Duration.FromSeconds(jitter) };
        int waited = 0;
        while (_controller.Steer(noisy, Reading(0, 0), Duration.FromSeconds(2L), fresh: true, new()) is null && _controller.IsWaiting)
        {
            waited++;
        }

        Assert.Equal(waits ? 5 : 0, waited);
    }

    [Fact]
    public void The_rate_stays_within_its_limit()
    {
        Assert.Equal(500, Steer(0, 0, new(), ppm: 700)!.Frequency.Ppm, 1e-9);
        Assert.Equal(-20, Steer(1, 0, new() { MaxFrequency = FrequencyOffset.FromPpm(20) }, ppm: -30)!.Frequency.Ppm, 1e-9);
    }

    [Fact]
    public void Noise_is_worked_off_slowly_and_a_real_error_as_fast_as_allowed()
    {
        Assert.Equal(8, Steer(0, 1e-5, new())!.PhaseDuration.Seconds, 0.1); // sigma is 10 us, 64 s to the next sample
        Assert.Equal(2, Steer(1, 1e-3, new())!.PhaseDuration.Seconds, 0.1); // 500 ppm
    }

    [Fact]
    public void A_clock_that_does_what_it_should_is_left_alone()
    {
        Assert.NotNull(Steer(0, 1e-5, new()));
        var settled = Reading(1, 0) with { PendingPhase = Duration.FromSeconds(1e-5) };
        Assert.Null(_controller.Steer(Line(1, 1e-5, 0), settled, Duration.FromSeconds(64L), fresh: false, new()));
        Assert.Null(_controller.Steer(Line(1, 1.1e-5, 0), settled, Duration.FromSeconds(64L), fresh: true, new())); // a tenth of a sigma
        Assert.NotNull(_controller.Steer(Line(1, 1.5e-5, 0), settled, Duration.FromSeconds(64L), fresh: true, new()));
        Assert.NotNull(_controller.Steer(Line(1, 1e-4, 0), settled, Duration.FromSeconds(64L), fresh: false, new()));
    }

    [Theory]
    [InlineData(0.125, true, 1.5, false)]
    [InlineData(0.125, true, 1.7, true)]
    [InlineData(1, true, 0.5, true)]
    [InlineData(1, true, 0.3, false)]
    [InlineData(4, true, 0.3, true)]
    [InlineData(16, true, 0.3, true)]
    [InlineData(16, false, 0.1, true)] // the clock did not do what it should
    [InlineData(1, false, 0.1, false)] // the next sample will tell
    public void Frequent_samples_are_not_worth_a_correction_each(double interval, bool fresh, double sigmas, bool corrected)
    {
        for (int i = 0; i < 64; i++)
        {
            Steer(-64 + i, 0, new());
        }

        var correction = _controller.Steer(
            Line(1, sigmas * 1e-5, 0), Reading(1, 0), Duration.FromSeconds(interval), fresh, new());
        Assert.Equal(corrected, correction is not null);
    }

    [Fact]
    public void A_constant_excess_of_the_clock_over_its_command_is_learnt_and_taken_off()
    {
        const double Excess = 5e-8;
        double clock = 0;
        for (int i = 1; i <= 600; i++)
        {
            var reading = Reading(i * 16, clock);
            _controller.Observe(reading);
            var correction = _controller.Steer(Line(i * 16, 0, 0), reading, Duration.FromSeconds(64L), fresh: true, new());
            _last = correction?.Frequency ?? _last;
            clock += (correction?.Phase ?? Duration.Zero).Seconds + (16 * (_last.Fraction + Excess));
        }

        Assert.Equal(50, _controller.Bias.Ppb, 5.0);
        Assert.Equal(Duration.Zero, _controller.Interference);
    }

    [Fact]
    public void A_foreign_hand_is_noticed_and_not_learnt_from()
    {
        _controller.Observe(Reading(0, 0));
        _controller.Observe(Reading(64, 0.25));
        Assert.Equal(0.25, _controller.Interference.Seconds, 1e-9);
        Assert.Equal(0, _controller.Bias.Ppb);
        _controller.Observe(Reading(128, 0.25));
        Assert.Equal(Duration.Zero, _controller.Interference);
    }

    [Fact]
    public void A_correction_that_was_never_made_is_not_taken_for_a_foreign_hand()
    {
        Steer(0, 1e-3, new());
        _controller.Forget();
        _controller.Observe(Reading(64, 0));
        Assert.Equal(Duration.Zero, _controller.Interference);
    }

    [Fact]
    public void A_rate_that_somebody_else_turned_is_expected_to_be_turned_again_for_an_hour()
    {
        _controller.Observe(Reading(0, 0));
        _last = FrequencyOffset.FromPpm(20);
        _controller.Observe(Reading(64, 64 * 20e-6));
        Assert.Equal(64 * 20e-6, _controller.Interference.Seconds, 1e-9);
        Assert.Equal(0, _controller.Bias.Ppb);
        _controller.Observe(Reading(3600, 3600 * 20e-6));
        Assert.True(_controller.IsMeddledWith);
        Assert.Equal(40, _controller.Meddling.Fraction * 1e6, 1e-6);
        _controller.Observe(Reading(64 + 3600, 3664 * 20e-6));
        Assert.False(_controller.IsMeddledWith);
        Assert.Equal(FrequencyOffset.Zero, _controller.Meddling);
    }

    [Fact]
    public void A_rate_that_stayed_as_it_was_shows_a_lost_command_and_no_foreign_hand()
    {
        Steer(0, 1e-3, new(), ppm: 20);
        _controller.Observe(Reading(64, 0));
        Assert.False(_controller.IsMeddledWith);
        Assert.Equal(FrequencyOffset.Zero, _controller.Meddling);
    }

    private FrequencyOffset _last;

    private LocalClock Reading(double at, double error) => new()
    {
        At = new(Duration.FromSeconds(at)),
        Reading = Epoch + Duration.FromSeconds(at) + Duration.FromSeconds(error),
        Frequency = _last,
    };

    private static SourceEstimate Line(double at, double offset, double ppm) => new()
    {
        At = new(Duration.FromSeconds(at)),
        Utc = Epoch + Duration.FromSeconds(at) + Duration.FromSeconds(offset),
        Rate = FrequencyOffset.FromPpm(ppm),
        Covariance = new(1e-10, 0, 1e-16),
        WanderVariance = 1e-18,
        MaxError = Duration.FromSeconds(1e-3),
    };

    private Correction? Steer(double at, double error, DisciplineSettings settings, double ppm = 0) =>
        _controller.Steer(Line(at, error, ppm), Reading(at, 0), Duration.FromSeconds(64L), fresh: true, settings);
}
