using TimeSuite.Discipline;
using TimeSuite.Simulation;
using TimeSuite.Time;

namespace TimeSuite.Scenarios.Tests;

/// <summary>Every row with delays of other shapes: never worse than the <see cref="Yardstick"/>, which is fed the same exchanges. `bench/simulate shapes` makes the table of it.</summary>
public sealed class ShapeTests
{
    private const int Quick = 5;

    private static readonly DelayShape[] s_shapes = [DelayShape.Exponential, DelayShape.Lognormal, DelayShape.Weibull, DelayShape.Bimodal, DelayShape.Quantised];
    private static readonly string[] s_quick = ["C", "E"]; // the others take longer: in `make scenarios` only
    private static readonly string[] s_long = ["D", "F", "HWTS"]; // with few seeds there too: `bench/simulate shapes` plays all

    public static TheoryData<string, DelayShape> Rows
    {
        get
        {
            var rows = new TheoryData<string, DelayShape>();
            foreach (string name in TableRow.All.Select(row => row.Name).Distinct().Where(name => Seeds.Count > Quick ? name != "G" : s_quick.Contains(name)))
            {
                foreach (var shape in s_shapes)
                {
                    rows.Add(name, shape);
                }
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Time_is_kept_no_worse_than_by_the_best_minimum_delay_regression(string name, DelayShape shape)
    {
        var scenario = Simulation.Scenarios.Find(name)!;
        scenario = scenario with { Setup = scenario.Setup with { Delay = shape } };
        var played = Seeds.Play(s_long.Contains(name) ? Quick : Math.Max(Seeds.Count, Quick), seed => Beside.Play(scenario, seed)).ToList();

        foreach (var row in TableRow.All.Where(row => row.Name == name))
        {
            Assert.InRange(Statistic.Of(played.Select(seed => seed.Ours), row.Judged).Median, 0, Beside.Best(played, row.Judged).Median);
        }
    }

    [Fact]
    public void The_yardstick_sees_what_the_discipline_sees()
    {
        var setup = new Setup { Jitter = 0, Base = 1e-4, Wander = 0, Servers = 3, Falsetickers = 1, FalseOffset = 0.2 };
        var played = Beside.Play(new Scenario("test", "a test") { Setup = setup with { From = 3000 } }, 1);

        Assert.All(played.Theirs, theirs => Assert.InRange(theirs.Max, 0, 1e-7)); // no noise: the line is exact, and the liar is not in it
    }

    [Fact]
    public void The_yardsticks_clock_is_slewed_as_fast_as_policy_allows_and_no_faster()
    {
        var line = new Step();
        var follower = new Follower(line);
        Assert.False(follower.TryShow(At(0), out _));
        follower.Add(default, 0, At(1));
        Assert.True(follower.TryShow(At(2), out var set));
        Assert.Equal(0, (set - line.At(At(2))).Seconds); // the first time it is set
        line.Offset = 1e-3;
        follower.Add(default, 0, At(3));
        Assert.Equal(-0.5e-3, Off(4), 1e-9); // 500 ppm
        Assert.Equal(0, Off(6), 1e-9);

        double Off(double at) => follower.TryShow(At(at), out var time) ? (time - line.At(At(at))).Seconds : double.NaN;
    }

    [Fact]
    public void Until_the_clock_is_first_set_the_yardsticks_is_not_either()
    {
        var played = Beside.Play(Simulation.Scenarios.Find("cold-start")!, 1);

        Assert.All(played.Theirs, theirs => Assert.InRange(theirs.Max, 9.9, 10.1));
        Assert.All(played.Theirs, theirs => Assert.InRange(theirs.Below1Ms, 1, 20));
    }

    private static Instant<Raw> At(double seconds) => new(Duration.FromSeconds(seconds));

    /// <summary>A line that goes up and down with what is set.</summary>
    private sealed class Step : IBystander
    {
        private double _offset;

        public double Offset { get; set; }

        public bool HasBegun { get; private set; }

        public void Add(in Sample sample, int source) => (HasBegun, _offset) = (true, Offset);

        public Instant<Utc> At(Instant<Raw> at) => new(at.SinceEpoch + Duration.FromSeconds(_offset));
    }
}
