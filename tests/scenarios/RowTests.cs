using TimeSuite.Simulation;

namespace TimeSuite.Scenarios.Tests;

/// <summary>The rows of the table, in medians: not worse than chrony was, and what is claimed of the error is right and no more than that.</summary>
public sealed class RowTests
{
    private const int Quick = 5, Fair = 25; // medians of fewer seeds go up and down with them

    /// <summary>The published bound grows in a straight line and sigma does not: to a hundredth.</summary>
    private const double Straight = 1.01;

    private static readonly string[] s_quick = ["A", "B", "C", "E"]; // the others take longer: in `make scenarios` only

    public static TheoryData<string, Actuator> Rows => Of(row => row.What.Length == 0);

    /// <summary>In G the only server tells the wrong time: no bound holds that.</summary>
    public static TheoryData<string, Actuator> WithoutAdversary => Of(row => row.Name != "G");

    [Theory]
    [MemberData(nameof(Rows))]
    public void Time_is_kept_no_worse_than_chrony_does(string name, Actuator actuator) =>
        Assert.InRange(Statistic.Of(Played(name, actuator), run => run.Rms).Median, 0, TableRow.All.First(row => row.Name == name).Chrony);

    [Theory]
    [MemberData(nameof(WithoutAdversary))]
    public void The_error_is_within_the_claimed_bound_in_every_run(string name, Actuator actuator) =>
        Assert.All(Played(name, actuator), run => Assert.InRange(run.InsideBound, 0.999, 1));

    [Theory]
    [MemberData(nameof(WithoutAdversary))]
    public void The_claimed_bound_is_no_wider_than_half_the_least_round_trip_and_four_sigmas(string name, Actuator actuator)
    {
        var figures = Played(name, actuator);

        Assert.InRange(Statistic.Of(figures, run => run.MedianBound).Median, 0, Straight * Statistic.Of(figures, run => run.BoundLimit).Median);
    }

    [Theory]
    [MemberData(nameof(WithoutAdversary))]
    public void The_claimed_sigma_is_the_error_s_own(string name, Actuator actuator)
    {
        var figures = Played(name, actuator);

        Assert.InRange(Math.Sqrt(figures.Sum(run => run.TrueSquare) / figures.Sum(run => run.ClaimedSquare)), 0.5, 2);
    }

    private static IReadOnlyList<Figures> Played(string name, Actuator actuator) => Seeds.Figures(name, actuator, Math.Max(Seeds.Count, Fair));

    private static TheoryData<string, Actuator> Of(Func<TableRow, bool> wanted)
    {
        var rows = new TheoryData<string, Actuator>();
        foreach (string name in TableRow.All.Where(row => wanted(row) && (Seeds.Count > Quick || s_quick.Contains(row.Name))).Select(row => row.Name).Distinct())
        {
            rows.Add(name, Actuator.Ideal);
            rows.Add(name, Actuator.Kernel);
        }

        return rows;
    }
}
