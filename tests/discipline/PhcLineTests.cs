using TimeSuite.Time;

namespace TimeSuite.Discipline.Tests;

public sealed class PhcLineTests
{
    private readonly PhcLine _line = new();

    [Fact]
    public void Steering_is_unknown_to_the_bare_oscillator()
    {
        _line.Turn(At(10), FrequencyOffset.FromFraction(1e-3)); // 10 s of the oscillator so far
        _line.Turn(At(10 + 1001), FrequencyOffset.FromFraction(-1e-3)); // 1,000 s more of it

        Assert.Equal(1010 + 1000, Bare(10 + 1001 + 999), 9);
    }

    [Fact]
    public void A_stamp_from_before_a_change_goes_by_what_held_then()
    {
        _line.Turn(At(10), FrequencyOffset.FromFraction(1e-3));

        Assert.Equal(9, Bare(9), 12);
        Assert.Equal(10 + 1, Bare(10 + 1.001), 12);
    }

    [Fact]
    public void What_was_to_come_does_not_after_another_change()
    {
        _line.Turn(At(10), FrequencyOffset.FromFraction(1e-3));
        _line.Turn(At(20), FrequencyOffset.Zero);
        _line.Turn(At(15), FrequencyOffset.FromFraction(2e-3));

        Assert.Equal(2e-3, _line.FrequencyAt(At(30)).Fraction, 12);
        Assert.Equal(10 + (5 / 1.001) + (10 / 1.002), Bare(25), 9);
    }

    [Theory]
    [InlineData(1e9)]
    [InlineData(-0.5)]
    public void A_step_moves_the_clock_and_not_the_oscillator(double by)
    {
        _line.Turn(At(10), FrequencyOffset.FromFraction(1e-3));
        _line.Step(At(10), Duration.FromSeconds(by));

        Assert.Equal(10, Bare(10 + by), 6);
        Assert.Equal(1e-3, _line.FrequencyAt(At(11 + by)).Fraction, 12);
        Assert.Equal(1.0, (_line.ToBare(At(10 + by) + Duration.FromSeconds(1.001)) - _line.ToBare(At(10 + by))).Seconds, 9);
    }

    [Fact]
    public void Of_many_changes_the_last_few_are_remembered()
    {
        double shown = 0;
        for (int i = 1; i <= 50; i++)
        {
            _line.Turn(At(shown), FrequencyOffset.FromFraction(i * 1e-6));
            shown += 1 + (i * 1e-6);
        }

        Assert.Equal(50, Bare(shown), 9);
        Assert.Equal(45, Bare(shown - 5 - ((46 + 47 + 48 + 49 + 50) * 1e-6)), 9);
    }

    private static Instant<Phc> At(double seconds) => new(Duration.FromSeconds(seconds));

    private double Bare(double shown) => _line.ToBare(At(shown)).SinceEpoch.Seconds;
}
