using Spectre.Console;
using Spectre.Console.Rendering;
using TimeSuite.Rpc.Ntp.V1;

namespace TimeSuite.Ctl;

/// <summary>The tables of sources: what they say, how well it is known, and why each is used or not.</summary>
internal static class SourceViews
{
    private const uint NtpPort = 123;

    /// <summary><c>timectl sources</c>.</summary>
    public static IRenderable Sources(IReadOnlyList<Source> sources)
    {
        if (sources.Count == 0)
        {
            return new Text("no sources are configured: add [[source]] to timesuite.toml, or use timectl add");
        }

        var table = Tables.With("", "Name", ">Stratum", ">Poll", ">Reach", ">Last rx", ">Offset", ">+- Bound");
        var best = Best(sources);
        foreach (var source in sources)
        {
            Tables.Add(
                table,
                StyleOf(source.Verdict),
                ReferenceEquals(source, best) ? "*" : Mark(source.Verdict),
                Name(source),
                Units.Invariant($"{source.Stratum}"),
                Units.Poll(source.PollLog2S),
                Units.Reach(source.Reach),
                source.LastReceivedAgo is null ? "never" : Units.Roughly(Units.Seconds(source.LastReceivedAgo)),
                Units.SignedTime(source.EstimatedOffset),
                Units.Time(source.Bound));
        }

        return table;
    }

    /// <summary><c>timectl sourcestats</c>.</summary>
    public static IRenderable Statistics(IReadOnlyList<Source> sources)
    {
        var table = Tables.With("Name", ">Samples", ">Span", ">Frequency", ">Skew", ">Offset", ">Std dev", ">Jitter", ">Delay", ">Sent", ">Received", ">Refused", "Last refusal");
        foreach (var source in sources)
        {
            Tables.Add(
                table,
                Style.Plain,
                Name(source),
                Units.Invariant($"{source.Samples}"),
                Units.Roughly(Units.Seconds(source.Span)),
                Units.SignedRate(source.FrequencyPpb),
                Units.Rate(source.SkewPpb),
                Units.SignedTime(source.EstimatedOffset),
                Units.Time(source.Sigma),
                Units.Time(source.JitterS),
                Units.Time(source.LastDelay),
                Units.Invariant($"{source.Sent}"),
                Units.Invariant($"{source.Received}"),
                Units.Invariant($"{source.Refused}"),
                Safe.Text(source.LastRefusal));
        }

        return table;
    }

    /// <summary><c>timectl selection</c>.</summary>
    public static IRenderable Selection(IReadOnlyList<Source> sources)
    {
        var table = Tables.With("", "Name", "Verdict", ">Weight", "Reason", "Options");
        var best = Best(sources);
        foreach (var source in sources)
        {
            Tables.Add(
                table,
                StyleOf(source.Verdict),
                ReferenceEquals(source, best) ? "*" : Mark(source.Verdict),
                Name(source),
                InWords(source.Verdict),
                Units.Number(source.Weight * 100, "0.0") + " %",
                Safe.Text(source.Reason, 200),
                Safe.Text(source.Options));
        }

        return table;
    }

    /// <summary>The name in the configuration; a pool's member by its address. With the port where it is not NTP's.</summary>
    public static string Name(Source source) => source.Pool.Length > 0
        ? $"{WithPort(source.Address, source.Port)} ({Safe.Text(source.Pool)})"
        : WithPort(source.Name, source.Port);

    /// <summary>One word or two for each verdict; stable, they stand in JSON too.</summary>
    public static string InWords(Verdict verdict) => verdict switch
    {
        Verdict.Selected => "selected",
        Verdict.Candidate => "candidate",
        Verdict.Falseticker => "falseticker",
        Verdict.Unreachable => "unreachable",
        Verdict.Unsynchronized => "unsynchronised",
        Verdict.TooDistant => "too distant",
        Verdict.Noselect => "noselect",
        Verdict.TooFewSamples => "too few samples",
        Verdict.Offline => "offline",
        Verdict.Loop => "loop",
        Verdict.NoMajority => "no majority",
        Verdict.WaitingForOthers => "waiting for others",
        Verdict.GivenUp => "given up",
        Verdict.NotPreferred => "not preferred",
        Verdict.TooVariable => "too variable",
        Verdict.Unconfirmed => "unconfirmed",
        _ => "unknown",
    };

    private static string WithPort(string host, uint port) => port is 0 or NtpPort ? Safe.Text(host)
        : host.Contains(':', StringComparison.Ordinal) ? Units.Invariant($"[{Safe.Text(host)}]:{port}")
        : Units.Invariant($"{Safe.Text(host)}:{port}");

    /// <summary>chrony's marks where it has one.</summary>
    private static string Mark(Verdict verdict) => verdict switch
    {
        Verdict.Selected => "+",
        Verdict.Candidate or Verdict.NotPreferred => "-",
        Verdict.Falseticker => "x",
        Verdict.TooVariable => "~",
        Verdict.Noselect => "N",
        Verdict.Offline => "o",
        Verdict.GivenUp => "!",
        _ => "?",
    };

    private static Source? Best(IEnumerable<Source> sources) =>
        sources.Where(source => source.Verdict == Verdict.Selected).MaxBy(source => double.IsFinite(source.Weight) ? source.Weight : 0);

    private static Style StyleOf(Verdict verdict) => verdict switch
    {
        Verdict.Selected => new Style(Color.Green),
        Verdict.Falseticker or Verdict.GivenUp or Verdict.Loop => new Style(Color.Red),
        Verdict.Candidate or Verdict.NotPreferred => Style.Plain,
        _ => new Style(Color.Yellow),
    };
}
