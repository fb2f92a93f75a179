using TimeSuite.Time;

namespace TimeSuite.Discipline.Tests;

/// <summary>What is improbable and not ruled out.</summary>
public sealed class TailTests
{
    private static readonly OscillatorModel[] s_models =
    [
        new() { P00 = 1e-10, P11 = 1e-18, P22 = 1e-12 },
        new() { P00 = 1e-10, P11 = 1e-18, P22 = 1e-12 },
    ];

    [Fact]
    public void Of_one_model_one_in_a_thousand_is_outside_of_3_3_sigmas_and_later_a_little_less()
    {
        var tail = Tail.Of(s_models.AsSpan(0, 1), [1e-9], [1.0], s_models[0], ahead: 300);

        Assert.Equal(3.29e-5, tail.Reach.Seconds, 1e-7);
        Assert.Equal(Tail.Unforeseen * 3.29 * Math.Sqrt(1e-10 + (300 * 300 * 1e-18) + (1e-18 * 300 * 300 * 300 / 3)), tail.After(Duration.FromSeconds(300L)).Reach.Seconds, 1e-7);
    }

    [Fact]
    public void A_restless_oscillator_that_is_as_probable_as_one_in_fifty_counts_for_later_and_not_for_now()
    {
        var tail = Tail.Of(s_models, [1e-9, 1e-7], [0.98, 0.02], s_models[0], ahead: 300);

        Assert.Equal(3.29e-5, tail.Reach.Seconds, 1e-7);
        Assert.Equal(Tail.Unforeseen * 1.96 * 1e-7 * Math.Sqrt(300.0 * 300 * 300 / 3), tail.After(Duration.FromSeconds(300L)).Reach.Seconds, 3e-5); // one in twenty of its errors is one in a thousand of all
    }

    [Fact]
    public void What_is_ruled_out_does_not_count()
    {
        var tail = Tail.Of(s_models, [1e-9, 1e-7], [1 - 1e-6, 1e-6], s_models[0], ahead: 300);

        Assert.InRange(tail.After(Duration.FromSeconds(300L)).Reach.Seconds, 3.2e-5, 4e-5);
    }

    [Fact]
    public void A_larger_error_is_larger_by_its_factor_at_once()
    {
        var tail = Tail.Of(s_models, [1e-9, 1e-7], [0.98, 0.02], s_models[0], ahead: 300);

        Assert.Equal(2 * tail.Reach.Seconds, tail.Times(2).Reach.Seconds, 1e-9);
    }
}
