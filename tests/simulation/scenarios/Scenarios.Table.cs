namespace TimeSuite.Simulation;

/// <summary>The rows of the table in which chrony was measured (reference/simulation.md section 2), with its parameters.</summary>
/// <remarks>F is as long as chrony's own test. The lengths of F2 and F3 follow from chrony's packet counts: 111 and 122 are too few for 100,000 s at polls of at most 1,024 s.</remarks>
public static partial class Scenarios
{
    private static readonly Setup s_asymmetric = new() { Jitter = 5e-4, Asymmetry = 0.47, Limit = 100_000 };

    private static Scenario[] Table =>
    [
        Row("A", "chrony's defaults", new()),
        Row("A1", "a poll each 16 s", new() { Keys = Polls(4, 4) }),
        Row("B", "jitter of 1 ms", new() { Jitter = 1e-3 }),
        Row("C", "jitter of 10 us, wander of 1e-8", new() { Base = 1e-5, Jitter = 1e-5, Wander = 1e-8 }),
        Row("D", "200,000 s", new() { Limit = 200_000 }),
        Row("E", "one falseticker of three", new() { Base = 1e-3, Servers = 3, Falsetickers = 1 }),
        Row("E3", "one falseticker of four", new() { Base = 1e-3, Servers = 4, Falsetickers = 1 }),
        Row("F", "jitter of 30 us out and 970 us back", s_asymmetric),
        Row("F2", "spikes of 50 ms on 2 % of the packets", new() { Spikes = 0.02, Limit = 50_000 }),
        Row("F3", "5 ms of congestion on the way back, 200 of each 1,000 s", new() { Congestion = 5e-3, Limit = 50_000 }),
        Row("HWTS", "stamps of hardware: jitter of 10 ns, a poll each second, interleaved", new() { Base = 1e-6, Jitter = 1e-8, Keys = Polls(0, 0).With("source.interleaved", "true") }),
        Row("cold-start", "a clock that is 10 s off, iburst; scored from 0", new() { Offset = 10, Keys = Keys(("source.iburst", "true")), Limit = 2000, From = 0 }),
        Row("holdover", "10,000 s of synchronisation, then 1,000 s without network", new() { LinkDies = 10_000, Limit = 11_000, From = 10_000 }),
        Row("G", "the only server steps by 1 s at 5,000 s", new() { ServerStep = 1, From = 1000 }).Stands(),
        Row("G3", "one of three servers steps by 1 s at 5,000 s", new() { Servers = 3, ServerStep = 1, From = 1000 }).Says("stepped"),
    ];

    private static Scenario Row(string name, string endures, Setup setup) => new Scenario(name, endures) { Setup = setup }.Honest();
}
