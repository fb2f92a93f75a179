namespace TimeSuite.Discipline.Tests;

public class WeightsTests
{
    [Fact]
    public void Of_independent_errors_they_are_as_one_over_the_variances()
    {
        double[] variances = [1, 4];
        double[] weights = Weights.Least(2, (i, j) => i == j ? variances[i] : 0);
        Assert.Equal(0.8, weights[0], 1e-12);
        Assert.Equal(0.2, weights[1], 1e-12);
    }

    [Fact]
    public void What_all_have_in_common_does_not_make_the_better_one_count_less()
    {
        // Own variances 1 and 4, and 10 more that both share: as without it.
        double[] weights = Weights.Least(2, (i, j) => i != j ? 10 : i == 0 ? 11 : 14);
        Assert.Equal(0.8, weights[0], 1e-12);
    }

    [Fact]
    public void Who_is_only_a_worse_copy_of_another_counts_nothing_and_none_is_negative()
    {
        // The second is the first with more noise, and the noise goes with the first one's error: the best weights would be 1.5 and -0.5.
        double[] weights = Weights.Least(2, (i, j) => i == 0 && j == 0 ? 1 : i == 1 && j == 1 ? 4 : 1.6);
        Assert.Equal([1, 0], weights);
    }

    [Fact]
    public void Covariances_that_cannot_be_give_weights_all_the_same()
    {
        double[] weights = Weights.Least(3, (i, j) => i == j ? 1 : 5);
        Assert.Equal(1, weights.Sum(), 1e-9);
        Assert.All(weights, weight => Assert.InRange(weight, 0, 1));
    }
}
