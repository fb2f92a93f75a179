using TimeSuite.Time;

namespace TimeSuite.Discipline.Tests;

public class CombinationTests
{
    [Fact]
    public void A_source_alone_is_kept_as_it_is()
    {
        var only = Estimate(0.5, 1e-5);
        var combined = Combine([only], out var weights);
        Assert.Equal(only.Utc, combined.Utc);
        Assert.Equal(only.Covariance.Offset, combined.Covariance.Offset, 1e-15);
        Assert.Equal([1.0], weights);
    }

    [Fact]
    public void The_surer_source_weighs_more_and_the_result_is_surer_than_each()
    {
        var sure = Estimate(1e-6, 1e-5);
        var unsure = Estimate(-1e-6, 2e-5);
        var combined = Combine([sure, unsure], out var weights);
        Assert.Equal(0.8, weights[0], 0.01);
        Assert.Equal(1, weights.Sum(), 1e-12);
        Assert.InRange(combined.Covariance.Offset, 0, sure.Covariance.Offset);
        Assert.Equal(0.6e-6, (combined.Utc - Origin).Seconds, 0.05e-6);
    }

    [Fact]
    public void Sources_that_disagree_by_more_than_they_admit_weigh_alike_and_the_result_admits_it()
    {
        var combined = Combine([Estimate(0, 1e-6), Estimate(1e-3, 5e-6)], out var weights);
        Assert.Equal(0.5, weights[0], 0.05);
        Assert.InRange(combined.Covariance.OffsetSigma.Seconds, 3e-4, 1e-3);
    }

    [Fact]
    public void The_bound_reaches_to_both_ends_of_the_intersection()
    {
        var combined = Combination.Combine(
            [Estimate(0, 1e-5)], Origin - Duration.FromSeconds(0.001), Origin + Duration.FromSeconds(0.003), (_, _) => default, out _);
        Assert.Equal(0.003, combined.MaxError.Seconds, 1e-9);
    }

    [Fact]
    public void One_of_three_that_is_far_off_and_may_be_has_next_to_no_weight_and_makes_the_others_no_less_sure()
    {
        var distant = Estimate(25e-3, 5e-5) with { MaxError = Duration.FromSeconds(26e-3), MinDelay = Duration.FromSeconds(52e-3) };
        var combined = Combine([Estimate(0, 5e-5), distant, Estimate(2e-5, 5e-5)], out var weights);
        Assert.InRange(weights[1], 0, 1e-4);
        Assert.InRange((combined.Utc - Origin).Seconds, 0, 2e-5);
        Assert.InRange(combined.Covariance.OffsetSigma.Seconds, 0, 5e-5);
    }

    [Fact]
    public void Of_two_that_disagree_the_one_that_vouches_for_less_counts_less()
    {
        Combine([Estimate(0, 1e-6), Estimate(9e-3, 1e-6) with { MaxError = Duration.FromSeconds(10e-3) }], out var weights);
        Assert.InRange(weights[0], 0.97, 1);
    }

    private static Instant<Utc> Origin { get; } = new(Duration.FromSeconds(1_800_000_000L));

    private static SourceEstimate Combine(SourceEstimate[] estimates, out IReadOnlyList<double> weights) =>
        Combination.Combine(estimates, Origin, Origin, (_, _) => default, out weights);

    private static SourceEstimate Estimate(double offset, double sigma) => new()
    {
        At = new(Duration.FromSeconds(10L)),
        Utc = Origin + Duration.FromSeconds(offset),
        Rate = FrequencyOffset.Zero,
        Covariance = new(sigma * sigma, 0, 1e-16),
        WanderVariance = 1e-18,
        MaxError = Duration.FromSeconds(1e-3),
    };
}
