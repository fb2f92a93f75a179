using TimeSuite.Time;

namespace TimeSuite.Discipline.Tests;

public sealed class LeapTests
{
    private static readonly Duration Delay = Duration.FromSeconds(1e-4);

    [Theory]
    [InlineData(LeapSecond.Insert, -1)]
    [InlineData(LeapSecond.Delete, 1)]
    public void A_leap_second_moves_the_estimate_by_a_second_and_loses_nothing(LeapSecond leap, int moved)
    {
        var discipline = new ClockDiscipline(new DisciplineSettings());
        var id = new SourceId(1);
        discipline.AddSource(id, new SourceOptions());
        for (int n = 1; n <= 10; n++)
        {
            discipline.OnSample(id, At(16.0 * n, shift: 0));
        }

        var before = Offset(discipline, 161);
        discipline.OnLeap(leap);
        var after = Offset(discipline, 161);
        var use = discipline.OnSample(id, At(176, shift: moved));

        Assert.Equal(moved, (after - before).Seconds, 6);
        Assert.Equal(SampleUse.Used, use); // what the source says after the leap is what is expected of it
        Assert.Equal(11, discipline.ExportHistory(id)!.Samples.Count);
    }

    [Fact]
    public void A_source_that_leaps_alone_is_not_followed_at_once()
    {
        var discipline = new ClockDiscipline(new DisciplineSettings());
        var id = new SourceId(1);
        discipline.AddSource(id, new SourceOptions());
        for (int n = 1; n <= 10; n++)
        {
            discipline.OnSample(id, At(16.0 * n, shift: 0));
        }

        Assert.Equal(SampleUse.Suspect, discipline.OnSample(id, At(176, shift: -1)));
    }

    /// <summary>True UTC minus the reading of a clock that is right until the leap, which it does not know of.</summary>
    private static Duration Offset(ClockDiscipline discipline, double raw)
    {
        var at = new Instant<Raw>(Duration.FromSeconds(raw));
        return discipline.Update(new LocalClock { At = at, Reading = Utc(raw) }, at).Tracking.Offset;
    }

    private static Sample At(double raw, int shift)
    {
        var sent = new Instant<Raw>(Duration.FromSeconds(raw));
        var there = Utc(raw) + Delay + Duration.FromSeconds((long)shift);
        return new Sample { Forward = new Leg(sent, there), Backward = new Leg(sent + Delay + Delay, there) };
    }

    private static Instant<Utc> Utc(double raw) => new(Duration.FromSeconds(1_800_000_000L) + Duration.FromSeconds(raw));
}
