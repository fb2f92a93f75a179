using TimeSuite.Time;

namespace TimeSuite.Policy.Tests;

/// <summary>What policy says to each request, as a table. After a refusal nothing has changed.</summary>
public sealed class ClockPolicyTests
{
    private static readonly PolicyState s_fresh = new() { Boot = Guid.Empty };
    private static readonly PolicyState s_synchronized = s_fresh with { FirstSynchronized = true };
    private static readonly Instant<Boot> s_now = new(Duration.FromSeconds(1000L));

    private readonly ClockPolicy _policy = new(PolicyLimits.Default, leaps: null, A.BuildDate);

    [Theory]
    [InlineData(0, 0.0, 0.0, Ruling.Allowed)]
    [InlineData(500, 0.5, 0.0, Ruling.Allowed)]
    [InlineData(-500, -1.0, 1e6, Ruling.Allowed)]
    [InlineData(500.001, 0.0, 0.0, Ruling.BeyondLimit)]
    [InlineData(1e300, 0.0, 0.0, Ruling.BeyondLimit)]
    [InlineData(double.NaN, 0.0, 0.0, Ruling.Malformed)]
    [InlineData(double.PositiveInfinity, 0.0, 0.0, Ruling.Malformed)]
    [InlineData(double.NegativeInfinity, 0.0, 0.0, Ruling.Malformed)]
    [InlineData(0, 0.1, -1.0, Ruling.Malformed)]
    [InlineData(0, 1.001, 0.0, Ruling.NotPermitted)]
    [InlineData(0, -1e9, 0.0, Ruling.NotPermitted)]
    public void Rate_and_phase(double ppm, double phase, double duration, Ruling ruling)
    {
        var frequency = FrequencyOffset.FromPpm(ppm);
        var verdict = _policy.Adjust(s_synchronized, frequency, frequency, (Duration.FromSeconds(phase), Duration.FromSeconds(duration)), Duration.Zero, s_now);

        Assert.Equal(ruling, verdict.Ruling);
        Assert.Equal(ruling == Ruling.Allowed, verdict.Message.Length == 0);
        Assert.True(ruling == Ruling.Allowed || verdict.State == s_synchronized);
    }

    [Fact]
    public void Every_limit_of_whole_ppm_allows_what_was_clamped_to_it_on_its_way_over_the_wire()
    {
        for (int ppm = 1; ppm <= 1000; ppm++)
        {
            var limit = FrequencyOffset.FromPpm(ppm);
            var policy = new ClockPolicy(PolicyLimits.Default with { MaxFrequency = limit }, leaps: null, A.BuildDate);
            var clamped = FrequencyOffset.FromPpb(FrequencyOffset.FromPpb(limit.Ppb).Ppb);

            Assert.Equal(Ruling.Allowed, policy.Adjust(s_synchronized, clamped, clamped, null, Duration.Zero, s_now).Ruling);
        }
    }

    [Fact]
    public void A_pulse_is_not_for_this_clock() => Assert.Equal(
        Ruling.Malformed,
        _policy.Adjust(s_fresh, FrequencyOffset.FromPpm(10), FrequencyOffset.Zero, null, Duration.Zero, s_now).Ruling);

    [Fact]
    public void Before_the_first_synchronisation_any_phase_up_to_a_day_may_be_slewed()
    {
        Assert.Equal(Ruling.Allowed, Slew(-3000));
        Assert.Equal(Ruling.Allowed, Slew(86_400));
        Assert.Equal(Ruling.BeyondLimit, Slew(-86_401)); // more could not be kept on file

        Ruling Slew(long phase) => _policy.Adjust(s_fresh, default, default, (Duration.FromSeconds(phase), Duration.Zero), Duration.Zero, s_now).Ruling;
    }

    [Fact]
    public void What_was_worked_off_is_charged_what_was_replaced_is_not()
    {
        var state = Granted(s_synchronized, 0.6, pending: 0, at: 0);
        Assert.Equal(0.4, Left(state, 0), precision: 9);
        state = Granted(state, 0.7, pending: 0.5, at: 100); // 0.1 worked off, 0.5 given back
        Assert.Equal(0.2, Left(state, 100), precision: 9);
        Assert.Equal(Ruling.NotPermitted, Adjust(state, 0.91, pending: 0.7, at: 101).Ruling);
        state = Granted(state, -0.9, pending: 0.7, at: 101);
        Assert.Equal(0, Left(state, 101), precision: 9);
        state = ClockPolicy.Account(state, Duration.Zero, At(5000));
        Assert.Equal(Ruling.NotPermitted, Adjust(state, 0.001, pending: 0, at: 80_000).Ruling);
    }

    [Fact]
    public void The_budget_comes_back_after_a_day_and_not_before()
    {
        var state = ClockPolicy.Account(Granted(s_synchronized, 1, pending: 0, at: 1000), Duration.Zero, At(3000));

        Assert.Equal(0, Left(state, 3000 + 86_399), precision: 9);
        Assert.Equal(1, Left(state, 3000 + 86_400 + 601), precision: 9);
    }

    [Theory]
    [InlineData(false, 0, 1e6, Ruling.Allowed)]
    [InlineData(false, 2, -1e6, Ruling.Allowed)]
    [InlineData(false, 3, 1.0, Ruling.NotPermitted)] // three were made
    [InlineData(false, 0, -1e9, Ruling.BeyondLimit)] // before the build date
    [InlineData(false, 0, 2e10, Ruling.BeyondLimit)] // beyond year 2500
    [InlineData(false, 0, -8e9, Ruling.BeyondLimit)]
    [InlineData(true, 0, 0.001, Ruling.NotPermitted)]
    public void Steps(bool synchronized, int used, double offset, Ruling ruling)
    {
        var state = s_fresh with { FirstSynchronized = synchronized, BootStepsUsed = used };
        var verdict = _policy.Step(state, Duration.FromSeconds(offset), null, A.Noon, Duration.Zero, s_now);

        Assert.Equal(ruling, verdict.Ruling);
        Assert.True(ruling == Ruling.Allowed || verdict.State == state);
    }

    [Fact]
    public void Later_steps_are_counted_over_24_h_and_limited_in_size()
    {
        var policy = new ClockPolicy(new() { LaterStepsPerDay = 2, MaxLaterStep = Duration.FromSeconds(5L) }, null, A.BuildDate);
        var state = Step(s_synchronized, 5, at: 0, Ruling.Allowed);
        Step(state, 5.001, at: 10, Ruling.BeyondLimit);
        state = Step(state, -5, at: 20, Ruling.Allowed);
        Step(state, 1, at: 86_400, Ruling.NotPermitted);
        state = Step(state, 1, at: 86_401, Ruling.Allowed);
        Step(state, 1, at: 86_402, Ruling.NotPermitted);
        Assert.Equal((3UL, Duration.FromSeconds(11L)), (state.Steps, state.TotalStepped));

        PolicyState Step(PolicyState before, double offset, double at, Ruling ruling)
        {
            var verdict = policy.Step(before, Duration.FromSeconds(offset), null, A.Noon, Duration.Zero, At(at));
            Assert.Equal(ruling, verdict.Ruling);
            return verdict.State;
        }
    }

    [Theory]
    [InlineData(9.9, 50, Ruling.Allowed, true)]
    [InlineData(10.1, 50, Ruling.BeyondLimit, false)]
    [InlineData(9.9, 101, Ruling.NotPermitted, false)]
    [InlineData(-1e8, 50, Ruling.BeyondLimit, false)]
    public void An_administrators_permit_has_a_size_and_an_end(double offset, double at, Ruling ruling, bool uses)
    {
        var permit = new StepPermit(Duration.FromSeconds(10L), At(100));
        var verdict = _policy.Step(s_synchronized, Duration.FromSeconds(offset), permit, A.Noon, Duration.Zero, At(at));

        Assert.Equal((ruling, uses), (verdict.Ruling, verdict.UsesPermit));
    }

    [Fact]
    public void A_wrong_boot_does_not_ratchet_but_a_later_step_keeps_above_the_saved_time()
    {
        var saved = s_fresh with { SavedTime = A.At("2300-01-01T00:00:00Z") }; // once believed for 24 h
        Assert.Equal(Ruling.Allowed, _policy.Step(saved, Duration.FromSeconds(-10L), null, A.Noon, Duration.Zero, s_now).Ruling);

        var policy = new ClockPolicy(new() { LaterStepsPerDay = 1, MaxLaterStep = Duration.FromSeconds(100L) }, null, A.BuildDate);
        saved = s_synchronized with { SavedTime = A.Noon - Duration.FromSeconds(50L) };
        Assert.Equal(Ruling.BeyondLimit, policy.Step(saved, Duration.FromSeconds(-51L), null, A.Noon, Duration.Zero, s_now).Ruling);
        Assert.Equal(Ruling.Allowed, policy.Step(saved, Duration.FromSeconds(-49L), null, A.Noon, Duration.Zero, s_now).Ruling);
    }

    [Theory]
    [InlineData("2027-03-15T12:00:00Z", LeapSecond.Insert, Ruling.NotPermitted)]
    [InlineData("2027-06-29T23:59:59Z", LeapSecond.Insert, Ruling.NotPermitted)]
    [InlineData("2027-06-30T00:00:00Z", LeapSecond.Insert, Ruling.Allowed)]
    [InlineData("2027-12-31T23:59:59Z", LeapSecond.Delete, Ruling.Allowed)]
    [InlineData("2028-01-01T00:00:00Z", LeapSecond.Delete, Ruling.NotPermitted)]
    [InlineData("2027-03-15T12:00:00Z", LeapSecond.None, Ruling.Allowed)]
    public void Leap_flags_without_a_table(string clock, LeapSecond leap, Ruling ruling)
    {
        var verdict = Announce(_policy, s_synchronized, A.At(clock), leap: leap);

        Assert.Equal(ruling, verdict.Ruling);
        Assert.Equal(ruling == Ruling.Allowed ? leap : LeapSecond.None, verdict.State.Leap);
    }

    [Fact]
    public void Without_a_table_one_leap_second_in_180_days_that_counts_as_a_step()
    {
        var june = Announce(_policy, s_synchronized, A.At("2027-06-30T10:00:00Z"), leap: LeapSecond.Insert).State;
        Assert.Equal(Duration.FromSeconds(1L), june.TotalStepped);
        var again = Announce(_policy, june, A.At("2027-06-30T11:00:00Z"), leap: LeapSecond.Insert).State;
        Assert.Equal(Duration.FromSeconds(1L), again.TotalStepped); // the same leap second
        var taken = Announce(_policy, again, A.At("2027-06-30T12:00:00Z")).State;
        Assert.Equal(LeapSecond.None, taken.Leap);

        Assert.Equal(Ruling.Allowed, Announce(_policy, taken, A.At("2027-12-31T10:00:00Z"), leap: LeapSecond.Insert).Ruling);
        var back = Announce(_policy, s_synchronized, A.At("2027-12-31T10:00:00Z"), leap: LeapSecond.Insert).State;
        Assert.Equal(Ruling.NotPermitted, Announce(_policy, back, A.At("2027-06-30T10:00:00Z") + Duration.FromSeconds(365 * 86_400L / 2), leap: LeapSecond.Insert).Ruling);
    }

    [Theory]
    [InlineData("2027-06-30T10:00:00Z", LeapSecond.Insert, Ruling.Allowed)]
    [InlineData("2027-06-30T10:00:00Z", LeapSecond.Delete, Ruling.NotPermitted)]
    [InlineData("2027-12-31T10:00:00Z", LeapSecond.Insert, Ruling.NotPermitted)]
    public void The_table_has_the_last_word(string clock, LeapSecond leap, Ruling ruling) =>
        Assert.Equal(ruling, Announce(new(PolicyLimits.Default, Table(), A.BuildDate), s_synchronized, A.At(clock), leap: leap).Ruling);

    [Theory]
    [InlineData(null, 37, Ruling.Allowed)]
    [InlineData(null, 30, Ruling.Allowed)]
    [InlineData(null, 60, Ruling.Allowed)]
    [InlineData(null, 29, Ruling.BeyondLimit)]
    [InlineData(null, 61, Ruling.BeyondLimit)]
    [InlineData(null, 100_000, Ruling.BeyondLimit)]
    [InlineData(null, -1, Ruling.BeyondLimit)]
    [InlineData(37, 37, Ruling.Allowed)]
    [InlineData(37, 38, Ruling.NotPermitted)] // changes at a leap second, by clockd
    public void Tai_without_a_table(int? before, int wanted, Ruling ruling)
    {
        var verdict = Announce(_policy, s_synchronized with { TaiOffset = before }, A.Noon, tai: wanted);

        Assert.Equal((ruling, ruling == Ruling.Allowed ? wanted : before), (verdict.Ruling, verdict.State.TaiOffset));
    }

    [Fact]
    public void Tai_comes_from_the_table_if_there_is_one()
    {
        var policy = new ClockPolicy(PolicyLimits.Default, Table(), A.BuildDate);

        Assert.Equal(37, Announce(policy, s_synchronized, A.Noon).State.TaiOffset);
        Assert.Equal(Ruling.NotPermitted, Announce(policy, s_synchronized, A.Noon, tai: 38).Ruling);
        Assert.Equal(38, Announce(policy, s_synchronized, A.At("2027-07-01T00:00:01Z")).State.TaiOffset);
    }

    [Theory]
    [InlineData(-0.001, 0.0, 64, Ruling.Malformed)]
    [InlineData(0.001, double.NaN, 64, Ruling.Malformed)]
    [InlineData(0.001, -1.0, 64, Ruling.Malformed)]
    [InlineData(0.001, 1e300, 64, Ruling.BeyondLimit)]
    [InlineData(0.001, 1.0, 0, Ruling.Malformed)]
    [InlineData(0.001, 1.0, -64, Ruling.Malformed)]
    [InlineData(0.001, 1.0, 1e6, Ruling.BeyondLimit)]
    [InlineData(8e9, 1.0, 64, Ruling.BeyondLimit)]
    [InlineData(0.0, 0.0, 131_072, Ruling.Allowed)]
    public void Numbers_of_an_announcement(double bound, double growthPpm, double interval, Ruling ruling)
    {
        var wanted = new Announcement
        {
            Synchronized = true,
            Bound = Duration.FromSeconds(bound),
            Growth = FrequencyOffset.FromPpm(growthPpm),
            Interval = Duration.FromSeconds(interval),
        };

        Assert.Equal(ruling, _policy.Announce(s_fresh, wanted, A.Noon, Duration.Zero, s_now).Ruling);
    }

    [Fact]
    public void The_first_synchronisation_cannot_be_claimed_over_a_pending_phase_beyond_the_budget()
    {
        var wanted = new Announcement { Synchronized = true, Interval = Duration.FromSeconds(64L) };

        Assert.Equal(Ruling.NotPermitted, _policy.Announce(s_fresh, wanted, A.Noon, Duration.FromSeconds(-1.5), s_now).Ruling);
        Assert.True(_policy.Announce(s_fresh, wanted, A.Noon, Duration.FromSeconds(-0.5), s_now).State.FirstSynchronized);
    }

    private static Instant<Boot> At(double seconds) => new(Duration.FromSeconds(seconds));

    private static LeapSeconds Table()
    {
        // 37 s since 2017, 38 s from 2027-07-01 on; expires in 2029.
        static long Ntp(string at) => DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeSeconds() + (((70L * 365) + 17) * 86_400);
        string text = $"#@ {Ntp("2029-01-01T00:00:00Z")}\n{Ntp("2017-01-01T00:00:00Z")} 37\n{Ntp("2027-07-01T00:00:00Z")} 38\n";
        Assert.True(LeapSeconds.TryParse(text, out var table, out _));
        return table!;
    }

    private static Decision Announce(ClockPolicy policy, PolicyState state, Instant<Utc> clock, LeapSecond leap = LeapSecond.None, int? tai = null) => policy.Announce(
        state, new() { Interval = Duration.FromSeconds(64L), Leap = leap, TaiOffset = tai }, clock, Duration.Zero, s_now);

    private Decision Adjust(PolicyState state, double phase, double pending, double at) =>
        _policy.Adjust(state, default, default, (Duration.FromSeconds(phase), Duration.Zero), Duration.FromSeconds(pending), At(at));

    private PolicyState Granted(PolicyState state, double phase, double pending, double at)
    {
        var verdict = Adjust(state, phase, pending, at);
        Assert.Equal(Ruling.Allowed, verdict.Ruling);
        return verdict.State;
    }

    private double Left(PolicyState state, double at) => _policy.SlewBudgetLeft(state, At(at)).Seconds;
}
