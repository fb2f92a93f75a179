namespace TimeSuite.Ntp.Tests;

/// <summary>RFC 9769 from the client's side, one literal after the other. LinkTests has both sides together.</summary>
public sealed class InterleavedTests
{
    private readonly Client _client = new(Client.Options with { Interleaved = true });

    [Fact]
    public void The_first_request_is_basic_and_the_next_names_the_exchange_before_it()
    {
        var first = _client.Ask(at: 0);
        _client.Hear(_client.Reply(0.1, 0.1), at: 0.2);
        var second = _client.Ask(at: 100);

        Assert.False(first.Origin.IsKnown || first.Receive.IsKnown);
        Assert.Equal(At.Ntp(0.1), second.Origin);
        Assert.True(second.Receive.IsKnown && second.Receive != second.Transmit);
        Assert.NotEqual(first.Transmit, second.Transmit);
    }

    [Fact]
    public void An_exchange_is_measured_when_the_next_reply_tells_its_departure()
    {
        _client.Ask(at: 0);
        Assert.NotNull(_client.Hear(_client.Reply(0.10, 0.11), at: 0.2).Exchange());

        _client.Ask(at: 100);
        // The departure of the first reply, 0.12: that exchange was measured already.
        Assert.Null(_client.Hear(Interleaved(received: 100.10, departed: 0.12), at: 100.2).Exchange());
        Assert.Equal("3", _client.Association.Reach.ToString());

        _client.Ask(at: 200);
        var exchange = _client.Hear(Interleaved(received: 200.10, departed: 100.12), at: 200.2).Exchange()!;

        Assert.True(exchange.Interleaved);
        Assert.Equal(At.Raw(100), exchange.Sent.At);
        Assert.Equal(100.10, (exchange.RemoteReceived - At.Epoch).Seconds, precision: 6);
        Assert.Equal(100.12, (exchange.RemoteSent - At.Epoch).Seconds, precision: 6);
        Assert.Equal(At.Kernel(100.2), exchange.Received);
        Assert.Equal(0.18, exchange.Delay.Seconds, precision: 6); // 0.2 - 0.02
    }

    [Fact]
    public void A_kernel_stamp_that_comes_after_the_reply_is_in_time()
    {
        BecomeInterleaved();
        _client.Ask(at: 300);
        _client.Hear(Interleaved(received: 300.1, departed: 200.1), at: 300.2);
        _client.Association.OnSent(_client.Number, At.Kernel(300.003));
        _client.Ask(at: 400);

        var exchange = _client.Hear(Interleaved(received: 400.1, departed: 300.1), at: 400.2).Exchange()!;

        Assert.Equal(At.Kernel(300.003), exchange.Sent);
    }

    [Fact]
    public void A_basic_reply_to_an_interleaved_request_is_a_basic_measurement()
    {
        BecomeInterleaved();
        _client.Ask(at: 300);

        var exchange = _client.Hear(_client.Reply(300.1, 300.1), at: 300.2).Exchange()!;

        Assert.False(exchange.Interleaved);
        Assert.Equal(At.Raw(300), exchange.Sent.At);
    }

    [Fact]
    public void After_a_lost_reply_the_exchange_before_it_is_asked_for_again()
    {
        BecomeInterleaved();
        _client.Ask(at: 300); // lost
        Assert.Equal(At.Ntp(200.1), _client.Ask(at: 400).Origin);

        var exchange = _client.Hear(Interleaved(received: 400.1, departed: 200.1), at: 400.2).Exchange()!;

        Assert.Equal(At.Raw(200), exchange.Sent.At);
    }

    [Fact]
    public void After_four_lost_replies_it_asks_in_basic_mode()
    {
        BecomeInterleaved();
        for (int lost = 0; lost < 4; lost++)
        {
            Assert.True(_client.Ask().Origin.IsKnown);
        }

        var request = _client.Ask();

        Assert.False(request.Origin.IsKnown || request.Receive.IsKnown);
    }

    [Theory]
    [InlineData(200.0999)] // left before the request came
    [InlineData(200.31)] // so late that the reply would have come before it left: round trip 0.2 s, server's time 0.21 s
    [InlineData(100.1)] // the departure before that
    [InlineData(300.1)] // the present one
    public void The_departure_of_another_exchange_is_refused_and_changes_nothing(double departed)
    {
        BecomeInterleaved();
        _client.Ask(at: 300);
        var before = _client.Association.Snapshot;

        Assert.Equal(Refusal.WrongPair, _client.Hear(Interleaved(received: 300.1, departed), at: 300.2).Refusal());
        Assert.Equal(before, _client.Association.Snapshot);
        Assert.NotNull(_client.Hear(Interleaved(received: 300.1, departed: 200.1), at: 300.2).Exchange());
    }

    /// <summary>CVE-2016-1548, CVE-2018-7184 and -7185: a forged packet must neither end the mode nor shift a timestamp.</summary>
    [Fact]
    public void Forged_packets_do_not_disturb_the_mode()
    {
        BecomeInterleaved();
        _client.Ask(at: 300);
        var before = _client.Association.Snapshot;
        NtpTimestamp[] origins = [default, At.Ntp(200.1), At.Ntp(200.2), At.Ntp(300), new(_client.Request.Receive.Bits ^ 1), new(_client.Request.Transmit.Bits ^ 1)];

        foreach (var origin in origins)
        {
            Assert.Equal(Refusal.BogusOrigin, _client.Hear(Interleaved(300.1, 200.1) with { Origin = origin }, at: 300.1).Refusal());
        }

        Assert.Equal(before, _client.Association.Snapshot);
        Assert.NotNull(_client.Hear(Interleaved(300.1, 200.1), at: 300.2).Exchange());
    }

    [Fact]
    public void A_duplicate_of_an_interleaved_reply_is_one()
    {
        BecomeInterleaved();
        _client.Ask(at: 300);
        _client.Hear(Interleaved(300.1, 200.1), at: 300.2);

        Assert.Equal(Refusal.Duplicate, _client.Hear(Interleaved(300.1, 200.1), at: 300.3).Refusal());
    }

    [Fact]
    public void A_reference_time_between_the_departure_told_and_the_reply_is_no_fault()
    {
        BecomeInterleaved();
        _client.Ask(at: 300);

        Assert.NotNull(_client.Hear(Interleaved(300.1, 200.1) with { ReferenceTime = At.Ntp(250) }, at: 300.2).Exchange());
    }

    [Fact]
    public void A_kiss_may_come_with_either_origin()
    {
        BecomeInterleaved();
        _client.Ask(at: 300);

        var kiss = Interleaved(300.1, 200.1) with { Stratum = 0, ReferenceId = ReferenceId.FromAscii("DENY") };

        Assert.Contains(_client.Hear(kiss, at: 300.2), action => action is AssociationAction.GiveUp);
    }

    [Fact]
    public void Off_and_on_again_forgets_the_exchange_before()
    {
        BecomeInterleaved();
        _client.Association.SetOnline(false, At.Raw(250));
        _client.Association.SetOnline(true, At.Raw(260));

        Assert.False(_client.Ask(at: 300).Origin.IsKnown);
    }

    /// <summary>Three exchanges at 0, 100 and 200 s, 0.2 s each; the server answers at once, half-way.</summary>
    private void BecomeInterleaved()
    {
        _client.Ask(at: 0);
        _client.Hear(_client.Reply(0.1, 0.1), at: 0.2);
        _client.Ask(at: 100);
        _client.Hear(Interleaved(100.1, 0.1), at: 100.2);
        _client.Ask(at: 200);
        Assert.True(_client.Hear(Interleaved(200.1, 100.1), at: 200.2).Exchange()!.Interleaved);
    }

    private NtpHeader Interleaved(double received, double departed) =>
        _client.Reply(received, departed) with { Origin = _client.Request.Receive };
}
