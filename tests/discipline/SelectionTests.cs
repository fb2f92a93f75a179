using TimeSuite.Time;

namespace TimeSuite.Discipline.Tests;

public class SelectionTests
{
    private static readonly Instant<Utc> TrueTime = new(Duration.FromSeconds(1_800_000_000L));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void One_or_two_falsetickers_of_five_are_found(int liars)
    {
        var result = new Selection().Select([.. Five(liars)], new() { CombineLimit = 5 });
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(i < liars ? Verdict.Falseticker : Verdict.Selected, result.Judgements[i].Verdict);
        }

        Assert.True(result.Earliest <= TrueTime && TrueTime <= result.Latest);
        Assert.Contains($"off by {liars}.0", result.Judgements[liars - 1].Reason, StringComparison.Ordinal);
        Assert.Contains($"{5 - liars} of 5 agree", result.Explanation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void Three_or_four_liars_of_five_that_disagree_leave_no_majority(int liars)
    {
        var result = new Selection().Select([.. Five(liars)], new());
        Assert.Empty(result.Chosen);
        Assert.All(result.Judgements, j => Assert.Equal(Verdict.NoMajority, j.Verdict));
        Assert.Equal($"no majority: only {5 - liars} of 5 sources agree", result.Explanation);
    }

    [Fact]
    public void Of_two_that_disagree_neither_is_followed()
    {
        var result = new Selection().Select([At(0, 0), At(1, 1)], new());
        Assert.Empty(result.Chosen);
        Assert.Equal(Verdict.NoMajority, result.Judgements[0].Verdict);
    }

    [Theory]
    [InlineData(0.0, 0.001, Verdict.Selected, Verdict.Falseticker)]
    [InlineData(1.0, 0.001, Verdict.Falseticker, Verdict.Selected)]
    [InlineData(0.5, 0.001, Verdict.NoMajority, Verdict.NoMajority)] // agrees with neither
    [InlineData(0.5, 5.0, Verdict.NoMajority, Verdict.NoMajority)] // and with both
    public void Of_two_that_disagree_the_one_that_agrees_with_the_clock_itself_is_followed(double clock, double doubt, Verdict first, Verdict second)
    {
        var own = At(9, clock, error: doubt).Estimate;
        var result = new Selection().Select([At(0, 0), At(1, 1)], new(), own);

        Assert.Equal((first, second), (result.Judgements[0].Verdict, result.Judgements[1].Verdict));
    }

    [Fact]
    public void The_clock_itself_does_not_outvote_a_majority_nor_make_one_of_a_minority()
    {
        var own = At(9, 0).Estimate;

        Assert.Equal(Verdict.Falseticker, new Selection().Select([At(0, 0), At(1, 1), At(2, 1)], new(), own).Judgements[0].Verdict);
        Assert.Empty(new Selection().Select([.. Five(3)], new(), own).Chosen);
    }

    [Fact]
    public void A_distant_source_with_an_honest_wide_interval_is_no_falseticker()
    {
        var far = At(1, 0.03, error: 0.05);
        var result = new Selection().Select([At(0, 0), far, At(2, 0)], new());
        Assert.Equal(Verdict.Selected, result.Judgements[1].Verdict);
        Assert.Equal(0, result.Chosen[0]);
    }

    [Fact]
    public void Preferred_sources_are_used_alone_as_long_as_they_agree()
    {
        var selection = new Selection();
        var preferred = new SourceOptions { Prefer = true };
        var result = selection.Select([At(0, 0), At(1, 0, options: preferred), At(2, 0)], new());
        Assert.Equal([1], result.Chosen);
        Assert.Equal(Verdict.NotPreferred, result.Judgements[0].Verdict);

        result = selection.Select([At(0, 0), At(1, 5, options: preferred), At(2, 0)], new());
        Assert.Equal(Verdict.Falseticker, result.Judgements[1].Verdict);
        Assert.Equal(2, result.Chosen.Count);
    }

    [Fact]
    public void Trusted_sources_decide_alone_who_is_right()
    {
        var trusted = new SourceOptions { Trust = true };
        var result = new Selection().Select([At(0, 1), At(1, 1), At(2, 0, options: trusted), At(3, 0)], new());
        Assert.Equal(Verdict.Falseticker, result.Judgements[0].Verdict);
        Assert.Equal(Verdict.Falseticker, result.Judgements[1].Verdict);
        Assert.Equal(Verdict.Selected, result.Judgements[2].Verdict);
        Assert.Equal(Verdict.Selected, result.Judgements[3].Verdict);
    }

    [Fact]
    public void Without_a_required_source_nothing_is_followed()
    {
        var required = new SourceOptions { Require = true };
        var unreachable = At(1, 0, options: required) with { State = new() { Reachable = false } };
        var result = new Selection().Select([At(0, 0), unreachable], new());
        Assert.Empty(result.Chosen);
        Assert.Equal(Verdict.WaitingForOthers, result.Judgements[0].Verdict);
        Assert.Equal(Verdict.Unreachable, result.Judgements[1].Verdict);
        Assert.Equal(2, new Selection().Select([At(0, 0), At(1, 0, options: required)], new()).Chosen.Count);
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public void Fewer_than_the_least_number_of_sources_are_not_followed(int sources, bool followed)
    {
        var all = Enumerable.Range(0, sources).Select(i => At(i, 0));
        var result = new Selection().Select([.. all], new() { MinSources = 3 });
        Assert.Equal(followed, result.Chosen.Count > 0);
        Assert.Equal(followed ? Verdict.Selected : Verdict.WaitingForOthers, result.Judgements[0].Verdict);
    }

    public static TheoryData<Verdict, string, SourceState, SourceOptions?, double, int> Unfit => new()
    {
        { Verdict.Offline, "offline", new() { Online = false }, null, 1e-3, 8 },
        { Verdict.GivenUp, "stop asking", new() { GivenUp = true }, null, 1e-3, 8 },
        { Verdict.NoSelect, "noselect", new(), new() { NoSelect = true }, 1e-3, 8 },
        { Verdict.Unreachable, "eight polls", new() { Reachable = false }, null, 1e-3, 8 },
        { Verdict.Loop, "follows us", new() { Loop = true }, null, 1e-3, 8 },
        { Verdict.Unsynchronized, "not synchronised", new() { SaysUnsynchronized = true }, null, 1e-3, 8 },
        { Verdict.Unsynchronized, "stratum 16", new() { Stratum = 16 }, null, 1e-3, 8 },
        { Verdict.Unsynchronized, "stratum 0", new() { Stratum = 0 }, null, 1e-3, 8 },
        { Verdict.TooDistant, "stratum 11 is above the limit of 10", new() { Stratum = 11 }, null, 1e-3, 8 },
        { Verdict.TooDistant, "4.000 s off, more than the limit of 3.000 s", new(), null, 4, 8 },
        { Verdict.TooFewSamples, "has 2 of 3 samples", new(), null, 1e-3, 2 },
    };

    [Theory]
    [MemberData(nameof(Unfit))]
    public void An_unfit_source_is_named_with_the_reason(
        Verdict verdict, string words, SourceState state, SourceOptions? options, double error, int samples)
    {
        var unfit = At(0, 0, error, options, samples) with { State = state };
        var result = new Selection().Select([unfit, At(1, 0)], new() { MaxStratum = 10 });
        Assert.Equal(verdict, result.Judgements[0].Verdict);
        Assert.Contains(words, result.Judgements[0].Reason, StringComparison.Ordinal);
        Assert.Equal([1], result.Chosen);
    }

    [Fact]
    public void A_source_that_varies_too_much_is_not_used()
    {
        var wild = At(0, 0);
        wild = wild with { Estimate = wild.Estimate!.Value with { Jitter = Duration.FromSeconds(1.5) } };
        var result = new Selection().Select([wild], new());
        Assert.Equal(Verdict.TooVariable, result.Judgements[0].Verdict);
        Assert.Equal("the only source varies by 1.500 s, more than the limit of 1.000 s", result.Explanation);
    }

    [Fact]
    public void A_source_without_samples_is_not_waited_for_but_one_that_has_begun_to_answer_is()
    {
        var silent = new Contestant(new(0), new(), new(), null);
        Assert.Equal([1], new Selection().Select([silent, At(1, 0, samples: 3)], new()).Chosen);

        var begun = At(0, 0, samples: 1);
        var result = new Selection().Select([begun, At(1, 0, samples: 3)], new());
        Assert.Empty(result.Chosen);
        Assert.Equal(Verdict.WaitingForOthers, result.Judgements[1].Verdict);
        Assert.Equal([1], new Selection().Select([begun, At(1, 0, samples: 4)], new()).Chosen);
    }

    [Fact]
    public void Only_so_many_are_combined_and_the_best_of_them()
    {
        var result = new Selection().Select([At(0, 0, sigma: 3e-4), At(1, 0, sigma: 1e-4), At(2, 0, sigma: 2e-4)], new() { CombineLimit = 2 });
        Assert.Equal([1, 2], result.Chosen);
        Assert.Equal(Verdict.Candidate, result.Judgements[0].Verdict);
    }

    [Fact]
    public void At_a_limit_the_selection_does_not_flap()
    {
        var selection = new Selection();
        DisciplineSettings settings = new() { CombineLimit = 1 };
        Assert.Equal([0], selection.Select([At(0, 0, sigma: 1.0e-4), At(1, 0, sigma: 1.1e-4)], settings).Chosen);
        Assert.Equal([0], selection.Select([At(0, 0, sigma: 1.1e-4), At(1, 0, sigma: 1.0e-4)], settings).Chosen);
        Assert.Equal([1], selection.Select([At(0, 0, sigma: 1.5e-4), At(1, 0, sigma: 1.0e-4)], settings).Chosen);

        Assert.Equal([0], selection.Select([At(0, 0, error: 2.9)], settings).Chosen);
        Assert.Equal([0], selection.Select([At(0, 0, error: 3.1)], settings).Chosen);
        Assert.Empty(selection.Select([At(0, 0, error: 4)], settings).Chosen);
        Assert.Empty(selection.Select([At(0, 0, error: 3.1)], settings).Chosen);
    }

    [Fact]
    public void A_source_that_seems_to_have_stepped_is_not_heard_while_others_are()
    {
        var stepped = At(0, 0) with { Suspects = 2, SuspectOffset = Duration.FromSeconds(1L) };
        var result = new Selection().Select([stepped, At(1, 0)], new());
        Assert.Equal([1], result.Chosen);
        Assert.Equal("its last 2 samples are 1.000 s from what it said before", result.Judgements[0].Reason);
        Assert.Equal([0], new Selection().Select([stepped], new()).Chosen);
    }

    internal static Contestant At(
        int id, double offset, double error = 1e-3, SourceOptions? options = null, int samples = 16, double sigma = 1e-4) =>
        new(new(id), options ?? new(), new(), new SourceEstimate
        {
            At = new(Duration.FromSeconds(1000L)),
            Utc = TrueTime + Duration.FromSeconds(offset),
            Rate = FrequencyOffset.Zero,
            Covariance = new(sigma * sigma, 0, 1e-16),
            WanderVariance = 1e-18,
            MaxError = Duration.FromSeconds(error),
            SampleCount = samples,
        });

    private static IEnumerable<Contestant> Five(int liars) =>
        Enumerable.Range(0, 5).Select(i => At(i, i < liars ? i + 1 : 0));
}
