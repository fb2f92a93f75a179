using TimeSuite.Time;

namespace TimeSuite.Policy.Tests;

/// <summary>The file that is not written at each adjustment: going on from it never grants more than living on would, nor much less.</summary>
public sealed class SavingTests
{
    private readonly ClockPolicy _policy = new(PolicyLimits.Default, leaps: null, A.BuildDate);
    private PolicyState _saved = new() { Boot = Guid.Empty, FirstSynchronized = true };
    private PolicyState _state = new() { Boot = Guid.Empty, FirstSynchronized = true };
    private Duration _pending;
    private int _saves;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_kill_at_any_moment_of_three_days_gives_nothing_back_and_takes_little(int seed)
    {
        var random = new Random(seed);
        double second = 1000;
        for (int message = 0; message < 3000; message++)
        {
            second += random.NextDouble() * 170;
            WorkOff(random.NextDouble(), second);
            Adjust((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-8, 0)), second);
            WorkOff(random.NextDouble(), second += random.NextDouble() * 10);
            if (random.Next(20) == 0)
            {
                (_saved, _saves) = (ClockPolicy.UpToDate(_saved, _state), _saves + 1);
            }

            foreach (double later in (double[])[0, 600, 10_000, 80_000, 86_400])
            {
                var at = At(second + later);
                var lived = _policy.SlewBudgetLeft(ClockPolicy.Account(_state, _pending, At(second)), at);
                var killed = _policy.SlewBudgetLeft(ClockPolicy.Account(_saved, _pending, At(second)), at);
                Assert.InRange(later == 0 ? (lived - killed).Seconds : 0, 0, 0.001 + 1e-9);
                Assert.True(killed <= lived, $"message {message}, {later} s later: {killed} after a kill, {lived} without");
            }
        }
    }

    [Fact]
    public void Small_adjustments_need_few_files()
    {
        for (int message = 0; message < 1000; message++)
        {
            Adjust(message % 2 == 0 ? 10e-6 : -10e-6, 1000 + (16 * message));
            WorkOff(1, 1008 + (16 * message));
        }

        Assert.InRange(_saves, 10, 30); // 10 ms of phase, 0.5 ms reserved at a time
    }

    [Fact]
    public void A_rate_alone_needs_no_file() => Assert.True(_policy.Covers(_saved, _state with { Adjustments = 7, Refusals = 8, Leases = 9, LeasesExpired = 10, Interferences = 11 }));

    public static TheoryData<string> Changes => ["synchronized", "boot steps", "later steps", "leap", "leap at", "tai", "saved time", "steps", "stepped", "boot"];

    [Theory]
    [MemberData(nameof(Changes))]
    public void All_else_that_policy_looks_at_does(string change) => Assert.False(_policy.Covers(_saved, change switch
    {
        "synchronized" => _state with { FirstSynchronized = false },
        "boot steps" => _state with { BootStepsUsed = 1 },
        "later steps" => _state with { LaterSteps = [At(1)] },
        "leap" => _state with { Leap = LeapSecond.Insert },
        "leap at" => _state with { LeapAt = A.Noon },
        "tai" => _state with { TaiOffset = 37 },
        "saved time" => _state with { SavedTime = A.Noon },
        "steps" => _state with { Steps = 1 },
        "stepped" => _state with { TotalStepped = Duration.FromSeconds(1L) },
        _ => _state with { Boot = Guid.NewGuid() },
    }));

    [Fact]
    public void Before_the_first_synchronisation_no_phase_needs_a_file()
    {
        var fresh = _state with { FirstSynchronized = false };

        Assert.True(_policy.Covers(fresh, fresh with { Reserved = Duration.FromSeconds(3600L) }));
        Assert.Equal(fresh, _policy.InAdvance(fresh, At(0)));
    }

    [Fact]
    public void No_more_is_reserved_than_the_day_has_left()
    {
        var nearly = _state with { Spent = [new(1, Duration.FromSeconds(0.9999))] };

        Assert.Equal(0.0001, _policy.InAdvance(nearly, At(700)).Reserved.Seconds, precision: 9);
    }

    private static Instant<Boot> At(double seconds) => new(Duration.FromSeconds(seconds));

    private void Adjust(double phase, double at)
    {
        var verdict = _policy.Adjust(_state, default, default, (Duration.FromSeconds(phase), Duration.Zero), _pending, At(at));
        if (!verdict.IsAllowed)
        {
            return;
        }

        if (!_policy.Covers(_saved, verdict.State))
        {
            (_saved, _saves) = (_policy.InAdvance(verdict.State, At(at)), _saves + 1);
        }

        (_state, _pending) = (verdict.State, Duration.FromSeconds(phase));
    }

    private void WorkOff(double share, double at)
    {
        _pending = _pending.Times(1 - share);
        _state = ClockPolicy.Account(_state, _pending, At(at));
    }
}
