using TimeSuite.Config;
using TimeSuite.Ntp;
using TimeSuite.Ntpd.Serving;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Tests;

/// <summary>What clients are told of us, down to the octet that leaves.</summary>
public sealed class SystemVariablesTests
{
    private static readonly Instant<Utc> Now = new(Duration.FromSeconds(1_800_000_000L));

    [Theory]
    [InlineData(LeapSecond.None, 0)]
    [InlineData(LeapSecond.Insert, 1)]
    [InlineData(LeapSecond.Delete, 2)]
    public void A_leap_second_at_the_end_of_the_day_is_announced_in_each_reply(LeapSecond leap, int indicator)
    {
        var state = SystemVariables.Of(outcome: null, bound: null, reference: null, new LocalConfig { Stratum = 3 }, Now, leap);

        Assert.Equal((indicator, 3), Served(state));
    }

    [Fact]
    public void Who_is_not_synchronised_announces_nothing_but_that()
    {
        var state = SystemVariables.Of(outcome: null, bound: null, reference: null, local: null, Now, LeapSecond.Insert);

        Assert.Equal((3, 0), Served(state));
    }

    /// <returns>Leap indicator and stratum on the wire.</returns>
    private static (int Leap, int Stratum) Served(ServerState state)
    {
        byte[] request = new byte[NtpHeader.Size], reply = new byte[NtpHeader.Size];
        new NtpHeader { Version = 4, Mode = NtpMode.Client, Transmit = new(1) }.Write(request);
        Assert.True(new Responder(memory: null).TryRespond(request, state, NtpTimestamp.FromUtc(Now), reply, out _));
        return (reply[0] >> 6, reply[1]);
    }
}
