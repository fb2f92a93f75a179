using TimeSuite.Ntp;
using TimeSuite.Time;

namespace TimeSuite.Interop.Tests;

/// <summary>
/// Octets of an exchange that we had no part in: chronyd 4.3 (Debian 12) as client of another chronyd with "local stratum 3", taken
/// with tcpdump 4.99.3 off the loopback interface, 2026-11-23T13:12:09Z and after (<c>tcpdump -i lo -U -w file udp port 22123</c>). One source had
/// "xleave minpoll -1 iburst", the other "key 7" (SHA1) over IPv6. What is expected was worked out from the octets by hand.
/// </summary>
public sealed class CapturedExchangesTests
{
    private const string Zeros8 = "0000000000000000", Zeros24 = Zeros8 + Zeros8 + Zeros8;

    /// <summary>The first request of an interleaved client: nothing in it but a random transmit field.</summary>
    private const string FirstRequest = "23000020" + "00000000" + Zeros8 + Zeros24 + "39E3849C15126704";

    /// <summary>Its reply: basic.</summary>
    private const string FirstReply = "240300E6" + "00000000" + "00000000" + "7F7F0101" + "EEAEBA28287366D4" + "39E3849C15126704" + "EEAEBA294FB4FB87" + "EEAEBA294FB7AADC";

    /// <summary>The second reply, basic once more: its request's origin was the server's last receive field, but chronyd had no pair yet.</summary>
    private const string SecondReply = "2403FFE6" + "00000000" + "00000000" + "7F7F0101" + "EEAEBA28287366D4" + "A8953F7F2884A470" + "EEAEBA2970E343D1" + "EEAEBA2970E63518";

    /// <summary>The third request asks for interleaved mode: its origin is the second reply's receive field, its receive field is random too.</summary>
    private const string ThirdRequest = "2300FF20" + "00000000" + Zeros8 + Zeros8 + "EEAEBA2970E343D1" + "515155D40C14C2FD" + "67AF3BA4DC23449C";

    /// <summary>And gets it: origin is the request's receive field, transmit is when the second reply really left.</summary>
    private const string ThirdReply = "2403FFE6" + "00000000" + "00000000" + "7F7F0101" + "EEAEBA28287366D4" + "515155D40C14C2FD" + "EEAEBA29916B1129" + "EEAEBA2970E69B74";

    /// <summary>With a MAC: key id 7 and 20 octets of SHA1 behind the header.</summary>
    private const string AuthenticatedReply = "240300E6" + "00000000" + "00000000" + "7F7F0101" + "EEAEBA28287366D4" + "DAFA0B523AB53A16" + "EEAEBA292F32029D" + "EEAEBA292F56C26A"
        + "00000007" + "F8DB476D123C8E0A1217A9AB0816A3E6049FB697";

    private static NtpHeader Parse(string octets)
    {
        Assert.True(NtpHeader.TryParse(Convert.FromHexString(octets), out var header));
        return header;
    }

    [Fact]
    public void A_request_of_chronyd()
    {
        var header = Parse(FirstRequest);

        // 23 hex is 00 100 011: no leap, version 4, mode 3.
        Assert.Equal((LeapIndicator.None, 4, NtpMode.Client), (header.Leap, header.Version, header.Mode));
        Assert.Equal((0, 0, 32), (header.Stratum, header.Poll, header.Precision));
        Assert.Equal((default, default, default), (header.RootDelay, header.RootDispersion, header.ReferenceId));
        Assert.Equal((default, default, default), (header.ReferenceTime, header.Origin, header.Receive));
        Assert.Equal(0x39E3_849C_1512_6704UL, header.Transmit.Bits);
        Assert.Null(header.Kiss); // stratum 0 without letters is no kiss
    }

    [Fact]
    public void A_basic_reply_of_chronyd()
    {
        var header = Parse(FirstReply);

        Assert.Equal((LeapIndicator.None, 4, NtpMode.Server), (header.Leap, header.Version, header.Mode)); // 24 hex is 00 100 100
        Assert.Equal((3, 0, -26), (header.Stratum, header.Poll, header.Precision)); // E6 hex less 256
        Assert.Equal("127.127.1.1", header.ReferenceId.ToText(header.Stratum));
        Assert.Equal(Parse(FirstRequest).Transmit, header.Origin);

        // EEAEBA28 hex is 4,004,428,328; less 2,208,988,800 that is 1,795,439,528: 2026-11-23T13:12:08Z.
        Assert.Equal(Duration.FromFixedPoint(1_795_439_528, 0x2873_66D4_0000_0000), header.ReferenceTime.ToUtcNear(At2026).SinceEpoch);

        // tcpdump saw the request at 1795439529.311355, which is 4FB4 hex of 10000 hex: 0.31136.
        Assert.Equal(1_795_439_529.311355, header.Receive.ToUtcNear(At2026).SinceEpoch.Seconds, 2e-6);
        Assert.Equal(Duration.FromFixedPoint(0, 0x0002_AF55_0000_0000), header.Transmit - header.Receive); // 4FB7AADC - 4FB4FB87: 41 us
    }

    [Fact]
    public void An_interleaved_exchange_of_two_chronyds()
    {
        var (before, request, reply) = (Parse(SecondReply), Parse(ThirdRequest), Parse(ThirdReply));

        Assert.Equal(-1, request.Poll); // FF hex
        Assert.Equal(before.Receive, request.Origin);
        Assert.Equal(request.Receive, reply.Origin);
        Assert.NotEqual(request.Transmit, reply.Origin);
        Assert.True(reply.Transmit - reply.Receive < Duration.Zero, "an interleaved reply's transmit time is of the reply before");
        Assert.Equal(Duration.FromFixedPoint(0, 0x0000_665C_0000_0000), reply.Transmit - before.Transmit); // 70E69B74 - 70E63518: 6 us later than believed
    }

    [Fact]
    public void A_MAC_is_no_extension_field()
    {
        var octets = Convert.FromHexString(AuthenticatedReply);
        var header = Parse(AuthenticatedReply);
        var fields = new ExtensionFields(octets.AsSpan(NtpHeader.Size));

        Assert.Equal((3, (sbyte)0), (header.Stratum, header.Poll));
        Assert.Equal(0xDAFA_0B52_3AB5_3A16UL, header.Origin.Bits);
        Assert.False(fields.MoveNext());
        Assert.True(fields.RestMayBeMac);
        Assert.Equal(24, fields.Rest.Length);
        Assert.Equal(7, System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(fields.Rest));
    }

    private static Instant<Utc> At2026 => new(Duration.FromSeconds(1_795_000_000L));
}
