using System.Globalization;
using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>A source before the judges. All estimates are for the same instant.</summary>
/// <param name="Id">Whose.</param>
/// <param name="Options">Of its use.</param>
/// <param name="State">As the association reported it.</param>
/// <param name="Estimate">Absent before the first sample.</param>
/// <param name="Suspects">Samples in a row that its own estimator found impossible.</param>
/// <param name="SuspectOffset">By how much.</param>
public sealed record Contestant(
    SourceId Id, SourceOptions Options, SourceState State, SourceEstimate? Estimate, int Suspects = 0, Duration SuspectOffset = default);

/// <summary>What became of a contestant.</summary>
public readonly record struct Judgement(Verdict Verdict, string Reason);

/// <summary>The result of a selection.</summary>
/// <param name="Judgements">In the order of the contestants.</param>
/// <param name="Chosen">Indices of those with <see cref="Verdict.Selected"/>, best first; empty if nothing can be followed.</param>
/// <param name="Earliest">True time is not before this, if the majority is right; meaningful with <paramref name="Chosen"/>.</param>
/// <param name="Latest">Nor after this.</param>
/// <param name="Explanation">The state of the whole, one sentence.</param>
public sealed record SelectionResult(
    IReadOnlyList<Judgement> Judgements, IReadOnlyList<int> Chosen, Instant<Utc> Earliest, Instant<Utc> Latest, string Explanation);

/// <summary>Who may be followed: fit for it at all, in the majority, wanted by the options. RFC 5905 section 11.2, chrony's options.</summary>
public sealed class Selection
{
    /// <summary>Those who were in get this much more room than those who were out: no flapping at a limit.</summary>
    private const double Loyalty = 1.25;

    /// <summary>At the start, sources with too few samples are waited for until another has so many: what an initial burst brings.</summary>
    private const int Patience = 4;

    private readonly HashSet<int> _members = [];

    private bool _settled;

    /// <summary>Judges all contestants.</summary>
    /// <param name="contestants">The sources.</param>
    /// <param name="settings">Limits.</param>
    /// <param name="own">Where the clock itself thinks to be, if that was known well: it decides where the sources have no majority.</param>
    public SelectionResult Select(IReadOnlyList<Contestant> contestants, DisciplineSettings settings, SourceEstimate? own = null)
    {
        var judgements = new Judgement[contestants.Count];
        List<int> fit = [];
        for (int i = 0; i < contestants.Count; i++)
        {
            judgements[i] = Fitness(contestants[i], settings);
            if (judgements[i].Verdict == Verdict.Unspecified)
            {
                fit.Add(i);
            }
        }

        SetSteppedAside(contestants, fit, judgements);
        var result = fit.Count == 0
            ? new([], [], default, default, contestants.Count == 0 ? "no sources" : Summary(contestants, judgements))
            : Vote(contestants, settings, own, fit, judgements);
        _members.Clear();
        foreach (int i in result.Chosen)
        {
            _members.Add(contestants[i].Id.Value);
            _settled = true;
        }

        return result with { Judgements = judgements };
    }

    /// <summary>Forgets who was in, after a gap in time.</summary>
    public void Restart()
    {
        _members.Clear();
        _settled = false;
    }

    private Judgement Fitness(Contestant source, DisciplineSettings settings)
    {
        var state = source.State;
        double room = _members.Contains(source.Id.Value) ? Loyalty : 1;
        return (state, source.Estimate) switch
        {
            ({ Online: false }, _) => new(Verdict.Offline, "is set offline"),
            ({ GivenUp: true }, _) => new(Verdict.GivenUp, "told us to stop asking"),
            _ when source.Options.NoSelect => new(Verdict.NoSelect, "is marked noselect"),
            ({ SaysUnsynchronized: true }, _) => new(Verdict.Unsynchronized, "says that it is not synchronised"),
            ({ Reachable: false }, _) => new(Verdict.Unreachable, "did not answer the last eight polls"),
            (_, null) => new(Verdict.TooFewSamples, Text($"has 0 of {settings.MinSamples} samples")),
            ({ Loop: true }, _) => new(Verdict.Loop, "follows us"),
            ({ Stratum: < 1 or > 15 }, _) => new(Verdict.Unsynchronized, Text($"says by its stratum {state.Stratum} that it is not synchronised")),
            _ when state.Stratum > settings.MaxStratum =>
                new(Verdict.TooDistant, Text($"stratum {state.Stratum} is above the limit of {settings.MaxStratum}")),
            (_, { } e) when e.SampleCount < settings.MinSamples =>
                new(Verdict.TooFewSamples, Text($"has {e.SampleCount} of {settings.MinSamples} samples")),
            (_, { } e) when e.MaxError > settings.MaxDistance.Times(room) =>
                new(Verdict.TooDistant, Text($"may be {Size(e.MaxError)} off, more than the limit of {Size(settings.MaxDistance)}")),
            (_, { } e) when e.Jitter > settings.MaxJitter.Times(room) =>
                new(Verdict.TooVariable, Text($"varies by {Size(e.Jitter)}, more than the limit of {Size(settings.MaxJitter)}")),
            _ => default,
        };
    }

    /// <summary>A source that seems to have stepped is not heard while another can be.</summary>
    private static void SetSteppedAside(IReadOnlyList<Contestant> contestants, List<int> fit, Judgement[] judgements)
    {
        var stepped = fit.FindAll(i => contestants[i].Suspects > 1);
        if (stepped.Count == fit.Count)
        {
            return;
        }

        foreach (int i in stepped)
        {
            var source = contestants[i];
            fit.Remove(i);
            judgements[i] = new(Verdict.Falseticker,
                Text($"its last {source.Suspects} samples are {Size(source.SuspectOffset)} from what it said before"));
        }
    }

    private SelectionResult Vote(
        IReadOnlyList<Contestant> contestants, DisciplineSettings settings, SourceEstimate? own, List<int> fit, Judgement[] judgements)
    {
        var origin = contestants[fit[0]].Estimate!.Value.Utc;
        var claims = new Intersection.Claim[contestants.Count];
        foreach (int i in fit)
        {
            var estimate = contestants[i].Estimate!.Value;
            double middle = (estimate.Utc - origin).Seconds;
            double half = estimate.MaxError.Seconds;
            claims[i] = new(middle - half, middle + half);
        }

        if (!_settled && fit.Max(i => contestants[i].Estimate!.Value.SampleCount) < Patience
            && judgements.Count(j => j.Verdict == Verdict.TooFewSamples) is > 0 and int few
            && contestants.Where((c, i) => judgements[i].Verdict == Verdict.TooFewSamples && c.Estimate is not null).Any())
        {
            return None(Verdict.WaitingForOthers, Text($"{few} more source{S(few)} may have {few switch { 1 => "its", _ => "their" }} say first"));
        }

        var voters = fit.FindAll(i => contestants[i].Options.Trust) is { Count: > 0 } trusted ? trusted : fit;
        if (!Intersection.TryFind([.. voters.Select(i => claims[i])], out double low, out double high, out int agreeing)
            && !(own is { } clock && IsDecided([.. voters.Select(i => claims[i])], (clock.Utc - origin).Seconds, clock.MaxError.Seconds, ref low, ref high, ref agreeing)))
        {
            return None(Verdict.NoMajority, Text($"no majority: only {agreeing} of {voters.Count} sources agree"));
        }

        List<int> survivors = [];
        foreach (int i in fit)
        {
            var claim = claims[i];
            double room = _members.Contains(contestants[i].Id.Value) ? (claim.High - claim.Low) * (Loyalty - 1) / 2 : 0;
            if (claim.Low - room <= high && claim.High + room >= low)
            {
                survivors.Add(i);
                continue;
            }

            double off = (claim.Low + claim.High - low - high) / 2;
            judgements[i] = new(Verdict.Falseticker,
                Text($"off by {Size(Duration.FromSeconds(off))} from the {agreeing} that agree, and vouches for {Size(Duration.FromSeconds((claim.High - claim.Low) / 2))}"));
        }

        if (survivors.Count < settings.MinSources)
        {
            return None(Verdict.WaitingForOthers, Text($"{survivors.Count} of at least {settings.MinSources} sources agree"));
        }

        if (contestants.Any(c => c.Options.Require) && !survivors.Exists(i => contestants[i].Options.Require))
        {
            return None(Verdict.WaitingForOthers, "no source with the option require agrees");
        }

        return Rank(contestants, settings, judgements, survivors, claims, origin);

        SelectionResult None(Verdict verdict, string reason)
        {
            foreach (int i in fit)
            {
                judgements[i] = judgements[i].Verdict == Verdict.Unspecified ? new(verdict, reason) : judgements[i];
            }

            return new([], [], default, default, reason);
        }
    }

    /// <summary>
    /// With the clock's own voice there is a majority: of two sources, one has stepped and the other goes on. Those that agree with the
    /// clock have to agree with each other.
    /// </summary>
    private static bool IsDecided(Intersection.Claim[] claims, double own, double doubt, ref double low, ref double high, ref int agreeing)
    {
        Intersection.Claim[] friends = [.. claims.Where(claim => claim.Low <= own + doubt && claim.High >= own - doubt)];
        if (2 * (friends.Length + 1) <= claims.Length + 1 || friends.Length == 0 || friends.Max(claim => claim.Low) > friends.Min(claim => claim.High))
        {
            return false;
        }

        (low, high, agreeing) = (friends.Max(claim => claim.Low), friends.Min(claim => claim.High), friends.Length);
        return true;
    }

    private SelectionResult Rank(IReadOnlyList<Contestant> contestants, DisciplineSettings settings, Judgement[] judgements,
        List<int> survivors, Intersection.Claim[] claims, Instant<Utc> origin)
    {
        double low = survivors.Max(i => claims[i].Low);
        double high = survivors.Min(i => claims[i].High);
        if (low > high) // survivors of the vote need not all overlap each other
        {
            (low, high) = (survivors.Min(i => claims[i].Low), survivors.Max(i => claims[i].High));
        }

        int agreeing = survivors.Count;
        if (survivors.Exists(i => contestants[i].Options.Prefer))
        {
            foreach (int i in survivors.FindAll(i => !contestants[i].Options.Prefer))
            {
                judgements[i] = new(Verdict.NotPreferred, "agrees, but others have the option prefer");
                survivors.Remove(i);
            }
        }

        int[] ranked = [.. survivors.OrderBy(i => Merit(contestants[i])).ThenBy(i => contestants[i].Id.Value)];
        for (int place = 0; place < ranked.Length; place++)
        {
            var estimate = contestants[ranked[place]].Estimate!.Value;
            judgements[ranked[place]] = place < settings.CombineLimit
                ? new(Verdict.Selected, Text($"known to {Size(estimate.Covariance.OffsetSigma)}, vouches for {Size(estimate.MaxError)}"))
                : new(Verdict.Candidate, Text($"agrees, but {settings.CombineLimit} better sources are enough"));
        }

        int[] chosen = ranked[..Math.Min(ranked.Length, settings.CombineLimit)];
        int fit = contestants.Where((_, i) => judgements[i].Verdict is Verdict.Falseticker).Count() + agreeing;
        return new([], chosen, origin + Duration.FromSeconds(low), origin + Duration.FromSeconds(high),
            Text($"{agreeing} of {fit} agree"));
    }

    /// <summary>Less is better, s: what its time may be off by in practice, with room for those who are in.</summary>
    private double Merit(Contestant source) =>
        Combination.Doubt(source.Estimate!.Value) / (_members.Contains(source.Id.Value) ? Loyalty : 1);

    private static string Summary(IReadOnlyList<Contestant> contestants, Judgement[] judgements)
    {
        var most = judgements.GroupBy(j => j.Verdict).OrderByDescending(g => g.Count()).First();
        return contestants.Count == 1
            ? "the only source " + judgements[0].Reason
            : Text($"none of {contestants.Count} sources is fit; {most.Count()} of them: {most.First().Reason}");
    }

    private static string S(int count) => count == 1 ? "" : "s";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Size(Duration length) => Words.Of(length);
}
