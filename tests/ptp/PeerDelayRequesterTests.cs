using TimeSuite.Time;

namespace TimeSuite.Ptp.Tests;

/// <summary>A link of 300 ns, whose other end answers after 500 us.</summary>
public sealed class PeerDelayRequesterTests
{
    private static readonly PortIdentity s_here = new(new(1), 1), s_there = new(new(2), 1);

    private static readonly TimeInterval s_turnaround = TimeInterval.FromDuration(Duration.FromSeconds(500e-6));

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

    [Fact]
    public void A_neighbour_that_answers_in_one_step_is_measured_each_time_and_its_rate_is_not_known()
    {
        for (int i = 0; i < 20; i++, _second++)
        {
            ushort sequence = _requester.Begin();
            _requester.Sent(sequence, Here(0), out _);
            var header = new PtpHeader { Sequence = sequence, Source = s_there, Correction = s_turnaround };

            Assert.True(_requester.Response(header, new(default, s_here), Here(500e-6 + 600e-9), out var measurement));
            Assert.Equal((300e-9, 0), (Math.Round(measurement.MeanLinkDelay.Seconds, 10), measurement.NeighborRate.Fraction));
        }
    }

    /// <summary>The second choice of IEEE 1588-2019 clause 11.4.2 c): both timestamps are 0.</summary>
    [Fact]
    public void A_neighbour_that_tells_its_turnaround_in_the_follow_ups_correction_is_measured_each_time_and_its_rate_is_not_known()
    {
        for (int i = 0; i < 20; i++, _second++)
        {
            ushort sequence = _requester.Begin();
            _requester.Sent(sequence, Here(0), out _);
            var header = new PtpHeader { Sequence = sequence, Source = s_there, Flags = PtpFlags.TwoStep };
            _requester.Response(header, new(default, s_here), Here(500e-6 + 600e-9), out _);

            Assert.True(_requester.FollowUp(header with { Correction = s_turnaround }, new(default, s_here), out var measurement));
            Assert.Equal((300e-9, 0), (Math.Round(measurement.MeanLinkDelay.Seconds, 10), measurement.NeighborRate.Fraction));
        }
    }

    [Fact]
    public void What_gives_no_measurement_says_why()
    {
        Assert.Single(Exchanges(1, ahead: 0, rate: 0));
        Assert.Empty(Exchanges(1, ahead: 10, rate: 0));
        Assert.Equal(Drop.Implausible, _requester.Dropped); // its clock was set

        ushort sequence = _requester.Begin();
        var header = new PtpHeader { Sequence = sequence, Source = s_there, Flags = PtpFlags.TwoStep };
        _requester.Response(header, new(default, s_here), Here(1), out _);
        Assert.Null(_requester.Dropped);
        _requester.Response(header, new(default, s_here), Here(2), out _);
        Assert.Equal(Drop.Unmatched, _requester.Dropped); // once more
        _requester.FollowUp(header with { Sequence = (ushort)(sequence + 1) }, new(default, s_here), out _);
        Assert.Equal(Drop.Unmatched, _requester.Dropped); // an answer to nothing
        _requester.FollowUp(header with { Correction = new(long.MaxValue) }, new(default, s_here), out _);
        _requester.Sent(sequence, Here(0), out _);
        Assert.Equal(Drop.Implausible, _requester.Dropped);
    }

    private Instant<Local> Here(double since) => new(Duration.FromSeconds(_second + since));

    private IEnumerable<double> Exchanges(int count, double ahead, double rate)
    {
        for (int i = 0; i < count; i++, _second++)
        {
            Instant<Tai> There(double since) => new(Duration.FromSeconds(1_700_000_000L) + Duration.FromSeconds(ahead + ((_second + since) * (1 + rate))));
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
