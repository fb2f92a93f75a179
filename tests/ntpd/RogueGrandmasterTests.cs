using Microsoft.Extensions.Logging.Abstractions;
using TimeSuite.Config;
using TimeSuite.Discipline;
using TimeSuite.Ntpd.Ptp;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Tests;

/// <summary>A grandmaster that is the best by its own word, next to NTP's servers (threats.md rows 69, 80, 81): it is one voice among others.</summary>
public sealed class RogueGrandmasterTests
{
    private readonly ClockDiscipline _discipline = new(new());
    private readonly PtpSources _ptp;

    public RogueGrandmasterTests()
    {
        _ptp = new(_discipline, NullLogger.Instance);
        _ptp.Apply(new PtpConfig { Interfaces = ["eth0"] });
        for (int server = 1; server <= 3; server++)
        {
            _discipline.AddSource(new(server), new() { Name = $"ntp{server}" });
            _discipline.OnSourceState(new(server), new() { Reachable = true, Stratum = 2 });
        }

        var master = new PtpMaster("0001-1", "0001", 1, IsTai: true, Duration.FromSeconds(37L), LeapSecond.None, Duration.FromNanoseconds(25));
        _ptp.Take(new PtpNews.Changed(1, master), null, isDoubtful: false);
    }

    [Theory]
    [InlineData(3_600)]
    [InlineData(0.05)] // beyond what NTP's servers leave open
    [InlineData(37)] // a wrong number of leap seconds
    [InlineData(-1_800_000_000)] // 1970
    public void It_is_outvoted_when_its_time_is_another(double error)
    {
        var outcome = Run(error);

        Assert.Equal(Verdict.Falseticker, Assert.Single(outcome.Sources, source => source.Id.Value < 0).Verdict);
        Assert.Contains(outcome.Selected!.Value, (SourceId[])[new(1), new(2), new(3)]);
    }

    [Fact]
    public void One_that_is_right_is_followed_for_it_is_the_most_precise() =>
        Assert.Equal(Verdict.Selected, Assert.Single(Run(0).Sources, source => source.Id.Value < 0).Verdict);

    private Outcome Run(double error)
    {
        Outcome? outcome = null;
        for (int second = 1; second <= 60; second++)
        {
            for (int server = 1; server <= 3; server++)
            {
                _discipline.OnSample(new(server), new()
                {
                    Forward = Leg(second - 0.02, second - 0.01), Backward = Leg(second, second - 0.01), StampError = Duration.FromNanoseconds(1_000), Resolution = Duration.FromNanoseconds(1), RootDispersion = Duration.FromNanoseconds(1_000_000),
                });
            }

            _ptp.Take(new PtpNews.Delay(1, Raw(second - 0.1), Tai(second - 0.1 + 2e-6 + error), Duration.Zero), null, isDoubtful: false);
            _ptp.Take(new PtpNews.Sync(1, Tai(second - 2e-6 + error), Raw(second), Duration.Zero), null, isDoubtful: false);
            outcome = _discipline.Update(new() { At = Raw(second), Reading = new(Duration.FromSeconds(second) + Duration.FromSeconds(1_800_000_000L)) }, Raw(second));
        }

        return outcome!;
    }

    private static Leg Leg(double here, double there) => new(Raw(here), new(Duration.FromSeconds(there) + Duration.FromSeconds(1_800_000_000L)));

    private static Instant<Raw> Raw(double at) => new(Duration.FromSeconds(at));

    private static Instant<Tai> Tai(double at) => new(Duration.FromSeconds(at) + Duration.FromSeconds(1_800_000_037L));
}
