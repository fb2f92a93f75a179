using Grpc.Core;
using TimeSuite.Discipline;
using TimeSuite.Ntpd.Ptp;
using TimeSuite.Rpc;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Tests;

public sealed class PtpSourceTests
{
    private static readonly PtpMaster Tai = new("m-1", "g", 1, IsTai: true, Duration.FromSeconds(37L), LeapSecond.None, Duration.FromNanoseconds(100));

    private readonly PtpSource _port = new("ptp:eth0", arbitraryIsUtc: false);

    [Fact]
    public void A_port_that_the_configuration_in_force_does_not_have_is_said_once()
    {
        var log = new LogLines<PtpSources>();
        var sources = new PtpSources(new(new()), log);
        sources.Apply(null);

        sources.Take(new PtpNews.Changed(1, null), null, isDoubtful: false);
        Assert.Empty(log.Texts); // it follows nobody
        sources.Take(new PtpNews.Changed(1, Tai), null, isDoubtful: false);
        sources.Take(new PtpNews.Changed(1, Tai), null, isDoubtful: false);

        Assert.Contains("timectl reload", Assert.Single(log.Texts), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(StatusCode.Unavailable, "Error starting gRPC call. HttpRequestException: Cannot assign requested address (localhost:80)", "ptpd does not answer")]
    [InlineData(StatusCode.Internal, "Error reading next message. HttpIOException: The response ended prematurely", "ptpd does not answer")]
    [InlineData(StatusCode.ResourceExhausted, "too many streams", "ptpd: too many streams")]
    public void Why_ptpd_is_silent_is_said_in_words_for_people(StatusCode code, string detail, string said)
    {
        Assert.Equal(said, Silence.Reason("ptpd", new RpcException(new(code, detail))));
        Assert.Equal("ptpd does not answer", Silence.Reason("ptpd", new IOException(detail)));
    }

    [Fact]
    public void A_sync_and_the_request_before_it_make_a_sample_with_both_legs()
    {
        _port.Follow(new SourceId(-1), Tai);
        _port.Take(Request(at: 9.5, delay: 3e-6));

        Assert.True(_port.TrySample(Sync(at: 10, delay: 2e-6), null, null, out var sample));

        Assert.Equal(5e-6, sample.Delay!.Value.Seconds, 9);
        Assert.Equal(Ahead, (sample.Backward!.Value.Remote.SinceEpoch - sample.Backward.Value.Local.SinceEpoch).Seconds + 2e-6, 6);
        Assert.Equal(Duration.FromNanoseconds(100), sample.RootDispersion);
    }

    /// <summary>A round trip of 5 us and two boundary clocks.</summary>
    [Fact]
    public void Each_boundary_clock_before_us_is_taken_for_as_wrong_as_we_may_be()
    {
        _port.Follow(new SourceId(-1), Tai with { StepsRemoved = 3 });
        _port.Take(Request(at: 9.5, delay: 3e-6));

        Assert.True(_port.TrySample(Sync(at: 10, delay: 2e-6), null, null, out var sample));

        Assert.Equal(100e-9 + (2 * (2.5e-6 + sample.StampError.Seconds)), sample.RootDispersion.Seconds, 9);
    }

    [Fact]
    public void A_request_counts_once_and_not_for_ever()
    {
        _port.Follow(new SourceId(-1), Tai);
        Assert.False(_port.TrySample(Sync(at: 10), null, null, out _)); // none yet

        _port.Take(Request(at: 10.5));
        Assert.True(_port.TrySample(Sync(at: 11), null, null, out _));
        Assert.False(_port.TrySample(Sync(at: 12), null, null, out _));

        _port.Take(Request(at: 12.5));
        Assert.False(_port.TrySample(Sync(at: 40), null, null, out _)); // of 28 s ago
    }

    [Fact]
    public void With_peer_delays_each_sync_is_a_sample_of_twice_the_links_delay()
    {
        _port.Follow(new SourceId(-1), Tai);
        _port.Take(new PtpNews.Link(1, Duration.FromNanoseconds(2_000)));

        Assert.True(_port.TrySample(Sync(at: 10, delay: 2e-6), null, null, out var sample));
        Assert.Equal(4e-6, sample.Delay!.Value.Seconds, 9);
        Assert.Equal(Ahead, (sample.Middle.SinceEpoch - sample.At.SinceEpoch).Seconds, 6);
        Assert.False(_port.TrySample(Sync(at: 10.1), null, null, out _)); // sixteen a second would not tell more
        Assert.True(_port.TrySample(Sync(at: 10.25), null, null, out _));
    }

    [Fact]
    public void The_leap_table_is_believed_rather_than_the_master()
    {
        Assert.True(LeapSeconds.TryParse("#@\t4102444800\n3692217600\t37\n", out var table, out _));
        _port.Follow(new SourceId(-1), Tai with { TaiMinusUtc = Duration.FromSeconds(0L) });
        _port.Take(Request(at: 9.5));

        Assert.True(_port.TrySample(Sync(at: 10), table, null, out var sample));
        Assert.Equal(Ahead, (sample.Middle.SinceEpoch - sample.At.SinceEpoch).Seconds, 5);
    }

    [Fact]
    public void A_master_of_no_known_scale_gives_nothing_unless_that_is_said_to_be_UTC()
    {
        _port.Follow(new SourceId(-1), Tai with { IsTai = false });
        _port.Take(Request(at: 9.5));
        Assert.False(_port.TrySample(Sync(at: 10), null, null, out _));
        Assert.True(_port.State.SaysUnsynchronized);
        Assert.Contains("arbitrary-timescale", _port.Doubt, StringComparison.Ordinal);

        var believing = new PtpSource("ptp:eth0", arbitraryIsUtc: true);
        believing.Follow(new SourceId(-1), Tai with { IsTai = false });
        believing.Take(Request(at: 9.5));
        Assert.True(believing.TrySample(Sync(at: 10), null, null, out var sample));
        Assert.Equal(Ahead + 37, (sample.Middle.SinceEpoch - sample.At.SinceEpoch).Seconds, 5);
    }

    [Fact]
    public void A_master_that_does_not_vouch_for_UTC_is_of_no_use_without_a_table()
    {
        _port.Follow(new SourceId(-1), Tai with { TaiMinusUtc = null });
        _port.Take(Request(at: 9.5));

        Assert.False(_port.TrySample(Sync(at: 10), null, null, out _));
    }

    [Fact]
    public void What_was_measured_of_one_master_is_not_joined_with_another()
    {
        _port.Follow(new SourceId(-1), Tai);
        _port.Take(Request(at: 9.5));
        _port.Follow(new SourceId(-2), Tai with { Identity = "other" });

        Assert.False(_port.TrySample(Sync(at: 10), null, null, out _));
        _port.Follow(null, null);
        Assert.False(_port.State.Reachable);
    }

    [Fact]
    public void A_grandmaster_that_claims_nothing_is_taken_to_be_within_a_millisecond()
    {
        _port.Follow(new SourceId(-1), Tai with { Accuracy = null });
        _port.Take(Request(at: 9.5));

        Assert.True(_port.TrySample(Sync(at: 10), null, null, out var sample));
        Assert.Equal(Duration.FromNanoseconds(1_000_000), sample.RootDispersion);
    }

    private const double Ahead = 1.8e9; // s: UTC minus the raw clock

    private static PtpNews.Sync Sync(double at, double delay = 2e-6) =>
        new(1, new(Duration.FromSeconds(at) + Duration.FromSeconds(1_800_000_037L) - Duration.FromSeconds(delay)), new(Duration.FromSeconds(at)), Duration.Zero);

    private static PtpNews.Delay Request(double at, double delay = 2e-6) =>
        new(1, new(Duration.FromSeconds(at)), new(Duration.FromSeconds(at) + Duration.FromSeconds(1_800_000_037L) + Duration.FromSeconds(delay)), Duration.Zero);
}
