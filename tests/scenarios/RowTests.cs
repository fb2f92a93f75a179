using TimeSuite.Simulation;

namespace TimeSuite.Scenarios.Tests;

/// <summary>The rows of the table, in medians: not worse than chrony was, and what is claimed of the error is right.</summary>
public sealed class RowTests
{
    private const int Quick = 5;

    private static readonly string[] s_quick = ["A", "B", "C", "E"]; // the others take longer: in `make scenarios` only

    public static TheoryData<string, Actuator> Rows
    {
        get
        {
            var rows = new TheoryData<string, Actuator>();
            foreach (var row in TableRow.All.Where(row => row.What.Length == 0 && (Seeds.Count > Quick || s_quick.Contains(row.Name))))
            {
                rows.Add(row.Name, Actuator.Ideal);
                rows.Add(row.Name, Actuator.Kernel);
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Time_is_kept_no_worse_than_chrony_does_and_claims_are_right(string name, Actuator actuator)
    {
        var figures = Seeds.Figures(name, actuator, Math.Max(Seeds.Count, Quick));

        Assert.InRange(Statistic.Of(figures, run => run.Rms).Median, 0, TableRow.All.First(row => row.Name == name).Chrony);
        Assert.InRange(figures.Average(run => run.InsideBound), 0.999, 1);
        Assert.InRange(Math.Sqrt(figures.Sum(run => run.TrueSquare) / figures.Sum(run => run.ClaimedSquare)), 0.5, 2);
    }
}
