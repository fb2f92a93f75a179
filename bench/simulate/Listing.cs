using System.Text;
using TimeSuite.Simulation;

namespace TimeSuite.Simulate;

/// <summary>--list.</summary>
internal static class Listing
{
    public static string Text()
    {
        var text = new StringBuilder("Scenarios:\n");
        foreach (var scenario in Scenarios.All)
        {
            text.Append($"  {scenario.Name,-30} {scenario.Endures}\n");
        }

        text.Append("\nParameters for --set, with their values in A:\n");
        var setup = new Setup();
        foreach (var parameter in Parameters.All)
        {
            text.Append($"  {parameter.Name + "=" + parameter.Show(setup),-30} {parameter.Meaning}; {parameter.Values}\n");
        }

        return text.Append("\nEvery key of timesuite.toml too, e.g. --set selection.combine-limit=4 or --set 'source.max-delay=\"1 ms\"'").ToString();
    }
}
