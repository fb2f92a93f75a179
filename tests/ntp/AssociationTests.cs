namespace TimeSuite.Ntp.Tests;

public sealed class AssociationTests
{
    private readonly Client _client = new();

    [Fact]
    public void A_reply_gives_the_four_instants_of_the_crossing()
    {
        _client.Ask(at: 10.0);
        _client.Association.OnSent(_client.Number, At.Kernel(10.001));

        var reply = _client.Reply(received: 10.5, sent: 10.6) with
        {
            Leap = LeapIndicator.Delete, Stratum = 3, Precision = -20, ReferenceId = new(0xC000_0221),
            RootDelay = new(0x0001_8000), RootDispersion = new(0x0000_4000),
        };
        var exchange = _client.Hear(reply, at: 10.2).Exchange()!;

        Assert.Equal(At.Kernel(10.001), exchange.Sent);
        Assert.Equal(At.Kernel(10.2), exchange.Received);
        Assert.Equal(0.5, (exchange.RemoteReceived - At.Utc(10.0)).Seconds, precision: 9);
        Assert.Equal(0.6, (exchange.RemoteSent - At.Utc(10.0)).Seconds, precision: 9);
        Assert.Equal(0.099, exchange.Delay.Seconds, precision: 9); // (10.2 - 10.001) - (10.6 - 10.5)
        Assert.Equal((LeapIndicator.Delete, 3, 4, 0xC000_0221u), (exchange.Leap, exchange.Stratum, exchange.Version, exchange.ReferenceId.Bits));
        Assert.Equal((At.Seconds(1.5), At.Seconds(0.25)), (exchange.RootDelay, exchange.RootDispersion));
        Assert.Equal(1.0 / (1 << 20), exchange.Resolution.Seconds);
        Assert.False(exchange.Interleaved);
    }

    /// <summary>T1 = 10.0, T2 = 10.45, T3 = 10.55, T4 = 10.3: by hand, offset 0.35 and delay 0.2.</summary>
    [Fact]
    public void Offset_and_delay_follow_from_the_legs()
    {
        _client.Ask(at: 10.0);
        var exchange = _client.Hear(_client.Reply(received: 10.45, sent: 10.55), at: 10.3).Exchange()!;

        var forward = (exchange.RemoteReceived - At.Epoch) - exchange.Sent.At.SinceEpoch; // 0.45
        var backward = (exchange.RemoteSent - At.Epoch) - exchange.Received.At.SinceEpoch; // 0.25
        Assert.Equal(0.35, (forward + backward).Half().Seconds, precision: 9);
        Assert.Equal(0.2, exchange.Delay.Seconds, precision: 9);
    }

    [Fact]
    public void A_captured_reply_of_chronyd_is_a_good_one_to_its_request()
    {
        var association = new Association(Client.Options, () => 0x2ABE_A2DE_B011_F744, At.Raw(10));
        association.OnTimer(At.Raw(10));

        var exchange = association.OnDatagram(Convert.FromHexString(NtpHeaderTests.ChronysReply), At.Kernel(10.001), At.Raw(10.001)).Exchange()!;

        Assert.Equal(1_795_438_256, exchange.RemoteReceived.SinceEpoch.WholeSeconds);
        Assert.Equal(0.001 - (0x4_AEBF / 4294967296.0), exchange.Delay.Seconds, precision: 12);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void A_request_tells_its_version_mode_and_poll_and_nothing_of_our_clock(int version)
    {
        var client = new Client(Client.Options with { Version = version });

        var request = client.Ask();

        Assert.Equal(new() { Version = version, Mode = NtpMode.Client, Poll = 6, Precision = 32, Transmit = request.Transmit }, request);
    }

    [Theory]
    [InlineData(3, 3)]
    [InlineData(3, 4)]
    [InlineData(4, 3)]
    [InlineData(4, 4)]
    public void Either_version_may_answer_either(int asked, int answered)
    {
        var client = new Client(Client.Options with { Version = asked });
        client.Ask(at: 0);

        Assert.Equal(answered, client.Hear(client.Reply(0.1, 0.1) with { Version = answered }, at: 0.2).Exchange()!.Version);
    }

    [Fact]
    public void Each_request_carries_64_fresh_bits_that_are_no_time()
    {
        var cookies = Enumerable.Range(0, 2000).Select(_ => _client.Ask().Transmit.Bits).ToHashSet();

        Assert.Equal(2000, cookies.Count);
        // Each bit is set in about half of them: 1000 +- 5 sigma of sqrt(2000)/2 = 22.
        Assert.All(Enumerable.Range(0, 64), bit => Assert.InRange(cookies.Count(cookie => (cookie >> bit & 1) == 1), 888, 1112));
    }

    [Fact]
    public void A_dead_source_of_chance_still_makes_no_request_with_an_unknown_or_ambiguous_cookie()
    {
        foreach (ulong stuck in (ulong[])[0, 1, 2, 3, ulong.MaxValue])
        {
            var association = new Association(Client.Options with { Interleaved = true }, () => stuck, default);
            for (int i = 0; i < 2; i++)
            {
                var send = association.OnTimer(association.Due!.Value).OfType<AssociationAction.Send>().Single();
                Assert.True(NtpHeader.TryParse(send.Datagram.Span, out var request));
                Assert.True(request.Transmit.IsKnown);
                Assert.NotEqual(request.Transmit, request.Receive);
                Assert.Equal(i == 1, request.Receive.IsKnown);
                association.OnDatagram(Client.Octets(new()
                {
                    Version = 4, Mode = NtpMode.Server, Stratum = 1, Origin = request.Transmit, Receive = At.Ntp(i), Transmit = At.Ntp(i),
                }), At.Kernel(association.Due!.Value.SinceEpoch.Seconds), association.Due!.Value);
            }
        }
    }

    [Fact]
    public void A_reply_counts_once_whatever_the_number_of_copies()
    {
        _client.Ask(at: 0);
        var reply = _client.Reply(0.1, 0.1);

        Assert.NotNull(_client.Hear(reply, at: 0.2).Exchange());
        var after = _client.Association.Snapshot;
        for (int copy = 2; copy <= 4; copy++)
        {
            Assert.Equal(Refusal.Duplicate, _client.Hear(reply, at: 0.2 + (copy * 0.01)).Refusal());
        }

        Assert.Equal(after, _client.Association.Snapshot);
        Assert.Equal(1UL, _client.Association.Counters.Measured);
    }

    [Fact]
    public void A_reply_to_the_request_before_is_bogus_by_now()
    {
        _client.Ask();
        var late = _client.Reply(0.1, 0.1);
        _client.Ask();

        Assert.Equal(Refusal.BogusOrigin, _client.Hear(late, at: 70).Refusal());
    }

    [Fact]
    public void The_stamp_of_the_kernel_replaces_the_daemons_and_not_the_other_way_round()
    {
        _client.Ask(at: 1);
        _client.Association.OnSent(_client.Number, At.Kernel(1.002));
        _client.Association.OnSent(_client.Number, At.Daemon(1.001));
        _client.Association.OnSent(_client.Number + 1, At.Kernel(1.009)); // of no request of ours

        Assert.Equal(At.Kernel(1.002), _client.Hear(_client.Reply(1.1, 1.1), at: 1.2).Exchange()!.Sent);
    }

    [Fact]
    public void A_good_reply_waits_for_the_stamp_of_its_request_as_long_as_patience_lasts()
    {
        var client = new Client(Client.Options with { StampPatience = At.Seconds(0.005) });
        client.Ask(at: 1);
        var heard = client.Hear(client.Reply(1.1, 1.1), at: 1.2);
        Assert.Null(heard.Exchange());
        Assert.Equal(At.Raw(1.2) + At.Seconds(0.005), heard.OfType<AssociationAction.WakeAt>().Single().Time);

        var stamped = client.Association.OnSent(client.Number, At.Kernel(1.003));

        Assert.Equal(At.Kernel(1.003), stamped.Exchange()!.Sent);
        Assert.Empty(client.Association.OnSent(client.Number, At.Kernel(1.004))); // told once
    }

    [Fact]
    public void Without_the_kernels_stamp_the_daemons_has_to_do()
    {
        var client = new Client(Client.Options with { StampPatience = At.Seconds(0.005) });
        client.Ask(at: 1);
        client.Hear(client.Reply(1.1, 1.1), at: 1.2);

        var given = client.Association.OnTimer(At.Raw(1.21));

        Assert.Equal(At.Daemon(1), given.Exchange()!.Sent);
        Assert.Empty(given.OfType<AssociationAction.Send>()); // it was not yet time to ask
        Assert.Empty(client.Association.OnSent(client.Number, At.Kernel(1.003)));
    }

    [Fact]
    public void Nothing_happens_offline_and_a_reply_that_comes_then_is_not_used()
    {
        _client.Ask(at: 0);
        _client.Association.SetOnline(false, At.Raw(0.1));

        Assert.Null(_client.Association.Due);
        Assert.Empty(_client.Association.OnTimer(At.Raw(1000)));
        Assert.Equal(Refusal.BogusOrigin, _client.Hear(_client.Reply(0.1, 0.1), at: 0.2).Refusal());

        _client.Association.SetOnline(true, At.Raw(2000));
        Assert.True(_client.Association.Due <= At.Raw(2000));
    }

    [Fact]
    public void An_association_may_start_offline() =>
        Assert.Null(new Client(Client.Options with { Offline = true }).Association.Due);

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void A_version_that_is_not_3_or_4_is_an_error(int version) =>
        Assert.Throws<ArgumentException>(() => new Client(Client.Options with { Version = version }));
}
