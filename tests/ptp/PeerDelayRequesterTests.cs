using TimeSuite.Time;

namespace TimeSuite.Ptp.Tests;

/// <summary>A link of 300 ns, whose other end answers after 500 us.</summary>
public sealed class PeerDelayRequesterTests
{
    private static readonly PortIdentity s_here = new(new(1), 1), s_there = new(new(2), 1);

    private readonly PeerDelayRequester _requester = new();
    private double _second = 1_000;

    [Fact]
    public void A_neighbours_clock_that_is_set_makes_no_delay_of_the_link()
    {
        List<double> delays = [.. Exchanges(20, ahead: 0, rate: 0), .. Exchanges(20, ahead: 10, rate: 0), .. Exchanges(20, ahead: 10, rate: 0)];

        Assert.InRange(delays.Count, 50, 59); // that which spans the step is left out
        Assert.All(delays, delay => Assert.Equal(300e-9, delay, 10));
    }

    [Fact]
    public void A_neighbours_rate_is_taken_out_of_the_time_that_its_answer_took()
    {
        var delays = Exchanges(20, ahead: 0, rate: 100e-6).ToList();

        Assert.All(delays.Skip(1), delay => Assert.Equal(300e-9, delay, 10));
    }

    private IEnumerable<double> Exchanges(int count, double ahead, double rate)
    {
        for (int i = 0; i < count; i++, _second++)
        {
            Instant<Tai> There(double since) => new(Duration.FromSeconds(1_700_000_000L) + Duration.FromSeconds(ahead + ((_second + since) * (1 + rate))));
            Instant<Local> Here(double since) => new(Duration.FromSeconds(_second + since));
            ushort sequence = _requester.Begin();
            var header = new PtpHeader { Sequence = sequence, Source = s_there, Flags = PtpFlags.TwoStep };
            _requester.Sent(sequence, Here(0), out _);
            _requester.Response(header, new(There(300e-9), s_here), Here(500e-6 + 600e-9), out _);
            if (_requester.FollowUp(header, new(There(300e-9 + 500e-6), s_here), out var measurement))
            {
                yield return measurement.MeanLinkDelay.Seconds;
            }
        }
    }
}
