using TimeSuite.Time;

namespace TimeSuite.Linux.Tests;

/// <summary>A simulated CLOCK_REALTIME that somebody slews and steps, and packets that it stamps.</summary>
public sealed class StampBracketTests
{
    private static readonly Duration HalfWidth = Duration.FromNanoseconds(40);

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.08, 2)]
    [InlineData(-0.08, 3)]
    [InlineData(0.0005, 4)]
    public void The_error_holds_the_truth_however_the_clock_is_slewed(double rate, int seed)
    {
        var random = new Random(seed);
        int mapped = 0;
        for (int trial = 0; trial < 2000; trial++)
        {
            // A slew that begins and ends anywhere, in a bracket of up to 2 ms.
            double length = random.NextDouble() * 2e-3;
            var clock = new SimulatedClock(SlewFrom: random.NextDouble() * length, SlewTo: random.NextDouble() * length, rate);
            var bracket = new StampBracket(clock.Read(0, random), clock.Read(length, random));
            double truth = random.NextDouble() * length;

            if (bracket.Map(clock.At(truth), out var stamp) == StampRefusal.None)
            {
                mapped++;
                var error = (stamp.At - SimulatedClock.RawAt(truth)).Magnitude;
                Assert.True(error <= stamp.Error + Duration.FromNanoseconds(1), $"{error} is more than the {stamp.Error} that was claimed");
                Assert.True(stamp.Error >= HalfWidth);
                Assert.True(stamp.Error <= HalfWidth + HalfWidth + HalfWidth + StampBracket.MaxMovement);
            }
        }

        Assert.InRange(mapped, 400, 2000);
    }

    [Fact]
    public void Without_a_slew_only_the_readings_own_width_is_left()
    {
        var clock = new SimulatedClock(0, 0, 0);
        var bracket = new StampBracket(clock.Read(0, null), clock.Read(1, null));

        Assert.Equal(StampRefusal.None, bracket.Map(clock.At(0.5), out var stamp));
        Assert.Equal(HalfWidth, stamp.Error);
        Assert.True((stamp.At - SimulatedClock.RawAt(0.5)).Magnitude < Duration.FromNanoseconds(1));
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(-0.5)]
    [InlineData(60e-6)]
    [InlineData(-60e-6)]
    public void A_step_inside_the_bracket_is_refused(double step)
    {
        var clock = new SimulatedClock(0, 0, 0);
        var before = clock.Read(0, null);
        var after = clock.Read(1e-3, null);
        var stepped = after with { Realtime = after.Realtime + Duration.FromSeconds(step) };

        Assert.Equal(StampRefusal.Moved, new StampBracket(before, stepped).Map(clock.At(0.5e-3), out _));
    }

    [Fact]
    public void A_slew_of_8_percent_over_a_millisecond_moves_too_far()
    {
        var clock = new SimulatedClock(0, 1, 0.08);
        var bracket = new StampBracket(clock.Read(0, null), clock.Read(1e-3, null)); // 80 us

        Assert.Equal(StampRefusal.Moved, bracket.Map(clock.At(0.5e-3), out _));
        Assert.Equal(80e-6, bracket.Movement.Seconds, 9);
    }

    [Theory]
    [InlineData(-1e-6)]
    [InlineData(1.000001e-3)]
    public void A_stamp_from_outside_is_refused(double at)
    {
        var clock = new SimulatedClock(0, 0, 0);
        var bracket = new StampBracket(clock.Read(0, null), clock.Read(1e-3, null));

        Assert.Equal(StampRefusal.Outside, bracket.Map(clock.At(at), out _));
        Assert.Equal(StampRefusal.None, bracket.Map(clock.At(0), out _));
        Assert.Equal(StampRefusal.None, bracket.Map(clock.At(1e-3), out _));
    }

    [Fact]
    public void A_rate_that_is_known_costs_neither_refusal_nor_error()
    {
        var clock = new SimulatedClock(0, 10, 200e-6); // 200 ppm over 2 s: 400 us
        var bracket = new StampBracket(clock.Read(0, null), clock.Read(2, null));

        Assert.Equal(StampRefusal.Moved, bracket.Map(clock.At(1), out _));

        Assert.Equal(StampRefusal.None, (bracket with { SteadyRate = FrequencyOffset.FromPpm(200) }).Map(clock.At(1), out var stamp));
        Assert.True(stamp.Error < HalfWidth + Duration.FromNanoseconds(1));
        Assert.True((stamp.At - SimulatedClock.RawAt(1)).Magnitude < Duration.FromNanoseconds(1));
    }

    [Fact]
    public void Readings_in_the_wrong_order_are_refused()
    {
        var clock = new SimulatedClock(0, 0, 0);
        var bracket = new StampBracket(clock.Read(1e-3, null), clock.Read(0, null));

        Assert.Equal(StampRefusal.Moved, bracket.Map(clock.At(0.5e-3), out _));
    }

    /// <param name="SlewFrom">Raw seconds at which the slew begins.</param>
    /// <param name="SlewTo">Raw seconds at which it ends; no slew if not after the beginning.</param>
    /// <param name="Rate">How much faster it runs in between, s/s.</param>
    private sealed record SimulatedClock(double SlewFrom, double SlewTo, double Rate)
    {
        private static readonly Instant<Raw> RawStart = new(Duration.FromSeconds(1000L));
        private static readonly Instant<Utc> UtcStart = new(Duration.FromSeconds(1_800_000_000L));

        public static Instant<Raw> RawAt(double elapsed) => RawStart + Duration.FromSeconds(elapsed);

        public Instant<Utc> At(double elapsed)
        {
            double slewed = Rate * Math.Max(0, Math.Min(elapsed, SlewTo) - Math.Min(elapsed, SlewFrom));
            return UtcStart + Duration.FromSeconds(elapsed) + Duration.FromSeconds(slewed);
        }

        /// <summary>A triple whose middle is off by anything up to its half-width.</summary>
        public ClockTriple Read(double elapsed, Random? random)
        {
            double off = random is null ? 0 : (random.NextDouble() * 2) - 1;
            return new(RawAt(elapsed) + HalfWidth.Times(off), At(elapsed), HalfWidth);
        }
    }
}
