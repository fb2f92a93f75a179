using TimeSuite.Simulation;

namespace TimeSuite.Scenarios.Tests;

/// <summary>Good time is not bought with packets: in no row of the table are more sent than chrony sent (reference/simulation.md), client requests over all servers from beginning to end.</summary>
/// <remarks>In the median, as chrony's counts are: single seeds may send some more, in E when the falseticker is doubted late.</remarks>
public sealed class PacketTests
{
    private const int Quick = 5; // as in RowTests, which has played some of them

    private static readonly string[] s_long = ["D", "F", "HWTS"]; // one seed of them is enough in `make test`

    public static TheoryData<string, int> Rows
    {
        get
        {
            var rows = new TheoryData<string, int>();
            foreach (var row in TableRow.All.Where(row => row.ChronyPackets > 0).DistinctBy(row => row.Name))
            {
                rows.Add(row.Name, row.ChronyPackets);
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void No_more_are_sent_than_chrony_sent(string name, int most)
    {
        var figures = Seeds.Figures(name, Actuator.Ideal, s_long.Contains(name) ? Seeds.Count : Math.Max(Seeds.Count, Quick));

        Assert.InRange(Statistic.Of(figures, run => run.Packets).Median, 1, most);
    }
}
