using TimeSuite.Simulation;

namespace TimeSuite.Scenarios.Tests;

/// <summary>The rows of the table, in medians: not worse than chrony was, and what is claimed of the error is right.</summary>
public sealed class RowTests
{
    private const int Quick = 5;

    private static readonly (string Name, double Chrony)[] s_rows =
    [
        ("A", 74e-6), ("B", 162e-6), ("C", 13.4e-6), ("E", 83e-6), // the others take longer: in `make scenarios` only
        ("A1", 9.9e-6), ("E3", 71e-6), ("HWTS", 35e-9), ("F", 73e-6), ("F2", 116e-6), ("F3", 144e-6), ("D", 96e-6),
    ];

    public static TheoryData<string, Actuator> Rows
    {
        get
        {
            var rows = new TheoryData<string, Actuator>();
            foreach (var (name, _) in s_rows.Take(Seeds.Count > Quick ? s_rows.Length : 4))
            {
                rows.Add(name, Actuator.Ideal);
                rows.Add(name, Actuator.Kernel);
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Time_is_kept_no_worse_than_chrony_does_and_claims_are_right(string name, Actuator actuator)
    {
        var scenario = Simulation.Scenarios.Find(name)!;
        scenario = scenario with { Setup = scenario.Setup with { Actuator = actuator } };
        List<Figures> figures = [.. Seeds.Play(scenario, Math.Max(Seeds.Count, Quick)).Select(run => run.Figures)];

        Assert.InRange(Statistic.Of(figures, run => run.Rms).Median, 0, s_rows.First(row => row.Name == name).Chrony);
        Assert.InRange(figures.Average(run => run.InsideBound), 0.999, 1);
        Assert.InRange(Math.Sqrt(figures.Sum(run => run.TrueSquare) / figures.Sum(run => run.ClaimedSquare)), 0.5, 2);
    }
}
