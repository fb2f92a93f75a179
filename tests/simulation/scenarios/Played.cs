namespace TimeSuite.Simulation;

/// <summary>What is kept of a seed that was played.</summary>
/// <param name="Figures">The numbers.</param>
/// <param name="Faults">What did not hold.</param>
public sealed record Played(Figures Figures, IReadOnlyList<string> Faults)
{
    public static Played Of(Scenario scenario, ulong seed)
    {
        var run = scenario.Play(seed);
        return new(run.Figures, [.. scenario.Faults(run)]);
    }
}
