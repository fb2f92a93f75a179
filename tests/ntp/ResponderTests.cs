using CsCheck;

namespace TimeSuite.Ntp.Tests;

public sealed class ResponderTests
{
    private static readonly ServerState s_state = new()
    {
        Leap = LeapIndicator.Insert,
        Stratum = 2,
        Precision = -24,
        ReferenceId = new(0xC000_0221),
        ReferenceTime = At.Ntp(-100),
        RootDelay = At.Seconds(0.5),
        RootDispersion = At.Seconds(0.25),
        AsOf = At.Ntp(-100),
        Growth = FrequencyOffset.FromPpm(10_000),
    };

    private readonly Responder _responder = new(new TransmitMemory(8));
    private readonly byte[] _reply = new byte[NtpHeader.Size];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_clients_request_gets_a_reply_of_its_version(int version)
    {
        var reply = Answer(new() { Version = version, Mode = NtpMode.Client, Poll = 7, Transmit = new(0xABCD) }, received: 10, transmit: 10.5);

        Assert.Equal(
            new NtpHeader
            {
                Leap = LeapIndicator.Insert,
                Version = version,
                Mode = NtpMode.Server,
                Stratum = 2,
                Poll = 7,
                Precision = -24,
                RootDelay = new(0x8000),
                RootDispersion = NtpShort.FromDuration(At.Seconds(0.25 + (110 * 0.01))), // 110 s at 10,000 ppm later
                ReferenceId = new(0xC000_0221),
                ReferenceTime = At.Ntp(-100),
                Origin = new(0xABCD),
                Receive = At.Ntp(10),
                Transmit = At.Ntp(10.5),
            },
            reply);
    }

    [Fact]
    public void A_server_that_is_not_synchronised_says_so_and_does_not_seem_to_kiss()
    {
        Assert.True(_responder.TryRespond(Request(), ServerState.Unsynchronized(-20), At.Ntp(1), _reply, out _));
        Assert.True(NtpHeader.TryParse(_reply, out var reply));

        Assert.Equal((LeapIndicator.Unsynchronized, 0, 0u), (reply.Leap, reply.Stratum, reply.ReferenceId.Bits));
        Assert.Null(reply.Kiss);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    [InlineData(17)]
    public void A_stratum_out_of_range_is_not_synchronised(int stratum)
    {
        Assert.True(_responder.TryRespond(Request(), s_state with { Stratum = stratum }, At.Ntp(1), _reply, out _));
        Assert.True(NtpHeader.TryParse(_reply, out var reply));

        Assert.Equal((LeapIndicator.Unsynchronized, 0), (reply.Leap, reply.Stratum));
    }

    /// <summary>Each first octet (leap, version, mode) with each length: the whole of what decides about an answer.</summary>
    [Fact]
    public void Only_requests_of_versions_1_to_4_are_answered_and_never_with_more_than_they_sent()
    {
        var request = new byte[200];
        for (int first = 0; first < 256; first++)
        {
            request[0] = (byte)first;
            for (int length = 0; length <= request.Length; length++)
            {
                int version = first >> 3 & 7, mode = first & 7;
                bool expected = length >= 48 && version is >= 1 and <= 4 && (mode is 1 or 3 || (mode, version) == (0, 1)); // client, symmetric active, version 1's no mode
                Assert.Equal(expected, _responder.TryRespond(request.AsSpan(0, length), s_state, At.Ntp(1), _reply, out var response));
                Assert.True(response.Length <= length);
                Assert.Equal(expected ? 48 : 0, response.Length);
            }
        }
    }

    [Fact]
    public void Whatever_the_octets_a_reply_is_one_header_or_nothing() =>
        Gen.Select(Gen.Byte.Array[0, 2000], Gen.ULong, Gen.ULong).Sample(
            (octets, received, transmit) =>
            {
                bool answered = _responder.TryRespond(octets, s_state, new(received), _reply, out var response);
                if (answered)
                {
                    _responder.Depart(response, _reply, new(transmit));
                    _responder.OnTransmitted(response, new(transmit));
                }

                return response.Length == (answered ? 48 : 0) && response.Length <= octets.Length;
            },
            threads: 1);

    [Fact]
    public void A_reply_gets_silence_and_so_no_two_servers_play_ping_pong()
    {
        Answer(new() { Version = 4, Mode = NtpMode.Client, Transmit = new(1) }, received: 1, transmit: 1);

        Assert.False(_responder.TryRespond(_reply, s_state, At.Ntp(2), new byte[NtpHeader.Size], out _));
        Assert.Equal((1UL, 1UL), (_responder.Answered, _responder.Ignored));
    }

    /// <summary>What chronyd 4.3 does to a peer that it does not know: tests/interop/ModeTests.</summary>
    [Theory]
    [InlineData(1, 1, 2)]
    [InlineData(3, 1, 2)]
    [InlineData(4, 1, 2)]
    [InlineData(1, 0, 4)]
    [InlineData(2, 3, 4)]
    public void The_mode_of_a_reply_goes_with_that_of_the_request(int version, int asked, int expected)
    {
        var request = Client.Octets(new() { Version = version, Mode = (NtpMode)asked, Origin = new(7), Receive = new(8), Transmit = new(0xABCD) });

        Assert.True(_responder.TryRespond(request, s_state, At.Ntp(1), _reply, out var response));

        Assert.True(NtpHeader.TryParse(_reply, out var reply));
        Assert.Equal(((NtpMode)expected, version, 0xABCDUL), (reply.Mode, reply.Version, reply.Origin.Bits));
        Assert.Equal(expected == 4, response.Remembered); // of peers nothing is kept
        Assert.False(_responder.TryRespond(_reply, s_state, At.Ntp(2), new byte[NtpHeader.Size], out _)); // and no two servers play ping-pong
    }

    [Fact]
    public void What_has_no_mode_and_comes_from_a_servers_port_may_be_a_reply_of_version_1_and_gets_silence()
    {
        var octets = Client.Octets(new() { Version = 1, Mode = NtpMode.Reserved, Transmit = new(0xABCD) });

        Assert.False(_responder.TryRespond(octets, s_state, At.Ntp(1), _reply, out _, fromServersPort: true));
        Assert.True(_responder.TryRespond(Request(), s_state, At.Ntp(1), _reply, out _, fromServersPort: true));
    }

    [Fact]
    public void The_reply_may_be_written_over_the_request()
    {
        var buffer = Client.Octets(new() { Version = 4, Mode = NtpMode.Client, Transmit = new(0xABCD) });

        Assert.True(_responder.TryRespond(buffer, s_state, At.Ntp(1), buffer, out _));

        Assert.True(NtpHeader.TryParse(buffer, out var reply));
        Assert.Equal((NtpMode.Server, 0xABCDUL), (reply.Mode, reply.Origin.Bits));
    }

    [Fact]
    public void A_reply_makes_no_garbage()
    {
        var request = Client.Octets(new() { Version = 4, Mode = NtpMode.Client, Origin = new(5), Receive = new(6), Transmit = new(7) });
        Round(1);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10_000; i++)
        {
            Round((ulong)i << 20);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Round(ulong at)
        {
            _responder.TryRespond(request, s_state, new(at), _reply, out var response);
            _responder.Depart(response, _reply, new(at + 9));
            _responder.OnTransmitted(response, new(at + 10));
        }
    }

    [Fact]
    public void An_interleaved_request_is_told_the_departure_of_the_reply_that_it_names()
    {
        var first = Exchange(Asking(origin: 1, receive: 0, transmit: 7), received: 10, looked: 10.1, left: 10.2);
        var reply = Answer(Asking(first.Receive.Bits, receive: 11, transmit: 12), received: 20, transmit: 20.1);

        Assert.Equal((11UL, At.Ntp(20), At.Ntp(10.2)), (reply.Origin.Bits, reply.Receive, reply.Transmit));
        Assert.Equal(1UL, _responder.AnsweredInterleaved);
    }

    [Fact]
    public void Until_the_kernels_stamp_comes_the_daemons_look_at_the_clock_is_told()
    {
        var first = Answer(Asking(origin: 1, receive: 0, transmit: 7), received: 10, transmit: 10.1);

        Assert.Equal(At.Ntp(10.1), Answer(Asking(first.Receive.Bits, receive: 11, transmit: 12), received: 20, transmit: 20.1).Transmit);
    }

    [Theory]
    [InlineData(0, 12)] // no other cookie
    [InlineData(12, 12)] // RFC 9769: equal fields mean basic mode
    public void A_request_that_names_a_reply_but_cannot_tell_the_modes_apart_is_answered_in_basic_mode(ulong receive, ulong transmit)
    {
        var first = Answer(Asking(origin: 1, receive: 0, transmit: 7), received: 10, transmit: 10.1);

        var reply = Answer(Asking(first.Receive.Bits, receive, transmit), received: 20, transmit: 20.1);

        Assert.Equal((transmit, At.Ntp(20.1)), (reply.Origin.Bits, reply.Transmit));
    }

    [Fact]
    public void The_kernels_stamp_is_asked_for_only_in_interleaved_mode()
    {
        var responder = new Responder(new TransmitMemory(4));
        byte[] request = new byte[NtpHeader.Size], reply = new byte[NtpHeader.Size];
        Response Ask(NtpTimestamp origin, NtpTimestamp receive, ulong at)
        {
            new NtpHeader { Version = 4, Mode = NtpMode.Client, Origin = origin, Receive = receive, Transmit = new(at) }.Write(request);
            Assert.True(responder.TryRespond(request, ServerState.Unsynchronized(-20), new(at), reply, out var response));
            responder.Depart(response, reply, new(at + 1));
            return response;
        }

        var first = Ask(origin: default, receive: default, at: 1_000);
        var basic = Ask(origin: new(77), receive: new(78), at: 2_000); // as many clients do that know nothing of the mode
        var interleaved = Ask(origin: basic.Receive, receive: new(79), at: 3_000);

        Assert.Equal([false, false, true], new[] { first, basic, interleaved }.Select(response => response.IsToBeStamped));
        Assert.True(basic.Remembered);
    }

    [Fact]
    public void A_client_that_names_no_reply_takes_no_memory()
    {
        var first = Answer(Asking(origin: 0, receive: 0, transmit: 7), received: 10, transmit: 10.1);

        Assert.Equal(12UL, Answer(Asking(first.Receive.Bits, receive: 11, transmit: 12), received: 20, transmit: 20.1).Origin.Bits);
    }

    [Fact]
    public void Receive_timestamps_are_unique_and_differ_from_the_transmit_timestamps()
    {
        HashSet<ulong> names = [];
        for (int i = 0; i < 50; i++)
        {
            var reply = Answer(Asking(origin: 1, receive: 0, transmit: 7), received: 10, transmit: 10); // a clock that stands still
            Assert.True(names.Add(reply.Receive.Bits));
            Assert.NotEqual(reply.Receive, reply.Transmit);
            Assert.InRange((reply.Receive - At.Ntp(10)).Seconds, 0, 50e-9);
        }
    }

    [Fact]
    public void Two_clients_that_take_no_memory_get_different_names_too()
    {
        var first = Answer(Asking(origin: 0, receive: 0, transmit: 7), received: 10, transmit: 10.1);
        var second = Answer(Asking(origin: 0, receive: 0, transmit: 8), received: 10, transmit: 10.1);

        Assert.NotEqual(first.Receive, second.Receive);
    }

    [Fact]
    public void When_a_clock_is_too_coarse_for_unique_names_no_name_tells_a_wrong_departure()
    {
        var responder = new Responder(new TransmitMemory(16));
        for (int i = 0; i < 200; i++)
        {
            Respond(responder, Asking(origin: 1, receive: 0, transmit: 7), At.Ntp(10), At.Ntp(10 + (i * 0.001)));
        }

        // The 65th and later ones shared the first name. Whoever asks for it gets a basic reply.
        var reply = Respond(responder, Asking(At.Ntp(10).Bits, receive: 11, transmit: 12), At.Ntp(20), At.Ntp(20.1));
        Assert.Equal(12UL, reply.Origin.Bits);
    }

    [Fact]
    public void Unknown_is_never_a_timestamp_of_ours()
    {
        var reply = Respond(_responder, Asking(origin: 1, receive: 0, transmit: 7), new(0), new(0)); // the first tick of era 1

        Assert.True(reply.Receive.IsKnown && reply.Transmit.IsKnown);
        Assert.NotEqual(reply.Receive, reply.Transmit);
    }

    [Fact]
    public void Dispersion_does_not_shrink_when_the_clock_went_back_and_does_not_grow_from_an_unknown_time()
    {
        Assert.Equal(s_state.RootDispersion, s_state.RootDispersionAt(At.Ntp(-200)));
        Assert.Equal(s_state.RootDispersion, (s_state with { AsOf = default }).RootDispersionAt(new(1UL << 62)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(10)]
    public void Memory_has_the_size_it_was_given_and_the_latest_are_in_it(int exponent)
    {
        var memory = new TransmitMemory(exponent);
        for (ulong i = 1; i <= 5000; i++)
        {
            memory.Remember(new(i << 12), new(i));
            Assert.Equal(i, memory.Find(new(i << 12)).Bits);
        }

        Assert.InRange(Enumerable.Range(1, 5000).Count(i => memory.Contains(new((ulong)i << 12))), 1, 1 << exponent);
        Assert.False(memory.Find(default).IsKnown);
    }

    [Fact]
    public void A_stamp_that_comes_when_its_entry_was_displaced_is_dropped()
    {
        var memory = new TransmitMemory(0);
        memory.Remember(new(1), new(2));
        memory.Remember(new(3), new(4));

        memory.Correct(new(1), new(5));

        Assert.Equal(4UL, memory.Find(new(3)).Bits);
        Assert.False(memory.Contains(new(1)));
    }

    private static NtpHeader Asking(ulong origin, ulong receive, ulong transmit) =>
        new() { Version = 4, Mode = NtpMode.Client, Origin = new(origin), Receive = new(receive), Transmit = new(transmit) };

    private static byte[] Request() => Client.Octets(Asking(0, 0, 1));

    private static NtpHeader Respond(Responder responder, NtpHeader request, NtpTimestamp received, NtpTimestamp transmit)
    {
        var octets = Client.Octets(request);
        Assert.True(responder.TryRespond(octets, s_state, received, octets, out var response));
        responder.Depart(response, octets, transmit);
        Assert.True(NtpHeader.TryParse(octets, out var reply));
        return reply;
    }

    private NtpHeader Answer(NtpHeader request, double received, double transmit)
    {
        var reply = Respond(_responder, request, At.Ntp(received), At.Ntp(transmit));
        reply.Write(_reply);
        return reply;
    }

    private NtpHeader Exchange(NtpHeader request, double received, double looked, double left)
    {
        var octets = Client.Octets(request);
        Assert.True(_responder.TryRespond(octets, s_state, At.Ntp(received), octets, out var response));
        _responder.Depart(response, octets, At.Ntp(looked));
        _responder.OnTransmitted(response, At.Ntp(left));
        Assert.True(NtpHeader.TryParse(octets, out var reply));
        return reply;
    }
}
