namespace TimeSuite.Simulation;

/// <summary>All scenarios, by name: the rows of the table, chrony's suite as far as it means something to us, and the threats of reference/threats.md.</summary>
public static partial class Scenarios
{
    private static IReadOnlyList<Scenario>? s_all; // made when asked for, after the fields of the other files

    /// <summary>In the order of the list.</summary>
    public static IReadOnlyList<Scenario> All => s_all ??= [.. Table, .. Clocks, .. Paths, .. Servers, .. Liars, .. Jumps, .. Hosts, .. Leaps, .. OfPtp];

    /// <summary>Of NTP: those of the table, of clocks and of networks; and the others.</summary>
    public static (IReadOnlyList<Scenario> Ours, IReadOnlyList<Scenario> Others) Halves => ([.. Table, .. Clocks, .. Paths], [.. Servers, .. Liars, .. Jumps, .. Hosts, .. Leaps]);

    /// <summary>Those of PTP.</summary>
    public static IReadOnlyList<Scenario> OfPtp => [.. PtpTable, .. Ptp, .. PtpProfiles];

    /// <summary>Names are told apart by their letters, not their case.</summary>
    public static Scenario? Find(string name) => All.FirstOrDefault(scenario => string.Equals(scenario.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>chrony's check_sync (test/simulation/test.common) with its limits, and that nothing wrong is claimed and no jump seen.</summary>
    /// <param name="name">Of the scenario.</param>
    /// <param name="endures">What it puts us through.</param>
    /// <param name="setup">What it is made of; scored from <paramref name="sync"/> on.</param>
    /// <param name="sync">Synchronised by then, s; chrony, which polls more often at first and less often later, asks for 210 s of itself.</param>
    /// <param name="timeMax">Largest error from then on, s.</param>
    /// <param name="timeRms">s.</param>
    /// <param name="freqMax">Largest rate error, slews included, s/s.</param>
    /// <param name="freqRms">s/s.</param>
    /// <param name="inside">Least share of time inside the claimed bound, over all seeds.</param>
    /// <param name="oneRun">And in one run, if that may be less.</param>
    private static Scenario Checked(
        string name, string endures, Setup setup, double sync = 260, double timeMax = 1e-3, double timeRms = 3e-4, double freqMax = 6e-4, double freqRms = 1e-5, double inside = 0.999, double? oneRun = null) =>
        new Scenario(name, endures) { Setup = setup with { From = sync } }
            .Expect("time until synchronised, s", run => run.Score.GoodFrom(timeMax, freqMax), sync)
            .Expect("largest error, s", run => run.Figures.Max, timeMax)
            .Expect("RMS error, s", run => run.Figures.Rms, timeRms)
            .Expect("RMS rate error", run => run.Figures.FreqRms, freqRms)
            .NeverAlarms()
            .Honest(inside, oneRun);

    /// <summary>The true error is not larger than claimed, as good as always.</summary>
    private static Scenario Honest(this Scenario scenario, double share = 0.999, double? oneRun = null) =>
        scenario.Expect("share of time inside the claimed bound", run => run.Figures.InsideBound, oneRun ?? share, 1) with { InsideOverAll = share };

    private static Scenario Synchronized(this Scenario scenario, double share = 0.999) =>
        scenario.Expect("share of time called synchronised", run => run.Figures.Claimed, share, 1);

    private static Scenario NeverSynchronized(this Scenario scenario) =>
        scenario.Expect("share of time called synchronised", run => run.Figures.Claimed, 0).Expect("steps", run => run.Figures.Steps, 0);

    private static Scenario Keeps(this Scenario scenario, double rms, double max) =>
        scenario.Expect("RMS error, s", run => run.Figures.Rms, rms).Expect("largest error, s", run => run.Figures.Max, max);

    private static Scenario Follows(this Scenario scenario, params int[] servers) =>
        scenario.Expect($"follows {string.Join(", ", servers)} and no other", run =>
            Enumerable.Range(0, run.World.Servers.Count).All(server => run.Client.Follows(server) == servers.Contains(server)));

    private static Scenario Says(this Scenario scenario, string text, int least = 1, int most = int.MaxValue) =>
        scenario.Expect($"lines in the log with \"{text}\"", run => run.Log.Mentions(text), least, most);

    private static ConfigKeys Keys(params (string Key, string Value)[] keys) => keys.Aggregate(ConfigKeys.Chrony, (all, key) => all.With(key.Key, key.Value));

    private static ConfigKeys Polls(int least, int longest) => ConfigKeys.Chrony.WithPolls(least, longest);
}
