namespace TimeSuite.Ntp.Tests;

public sealed class RefusalTests
{
    /// <summary>A good reply (T1 0, T2 0.1, T3 0.1, T4 0.2) and what spoils it.</summary>
    public static TheoryData<Refusal, Func<NtpHeader, NtpHeader>> Spoilt => new()
    {
        { Refusal.WrongMode, reply => reply with { Mode = NtpMode.Reserved } },
        { Refusal.WrongMode, reply => reply with { Mode = NtpMode.SymmetricActive } },
        { Refusal.WrongMode, reply => reply with { Mode = NtpMode.SymmetricPassive } },
        { Refusal.WrongMode, reply => reply with { Mode = NtpMode.Client } },
        { Refusal.WrongMode, reply => reply with { Mode = NtpMode.Broadcast } },
        { Refusal.WrongMode, reply => reply with { Mode = NtpMode.Control } },
        { Refusal.WrongMode, reply => reply with { Mode = NtpMode.Private } },
        { Refusal.WrongVersion, reply => reply with { Version = 0 } },
        { Refusal.WrongVersion, reply => reply with { Version = 2 } },
        { Refusal.WrongVersion, reply => reply with { Version = 5 } },
        { Refusal.BogusOrigin, reply => reply with { Origin = default } },
        { Refusal.BogusOrigin, reply => reply with { Origin = new(reply.Origin.Bits ^ 1) } },
        { Refusal.BogusOrigin, reply => reply with { Origin = reply.Receive } },
        { Refusal.KissUnknown, reply => reply with { Stratum = 0, ReferenceId = ReferenceId.FromAscii("INIT") } },
        { Refusal.KissUnknown, reply => reply with { Stratum = 0, ReferenceId = ReferenceId.FromAscii("NTSN") } },
        { Refusal.KissUnknown, reply => reply with { Stratum = 0, ReferenceId = new(0xFFFF_FFFF) } },
        { Refusal.NoStamps, reply => reply with { Receive = default } },
        { Refusal.NoStamps, reply => reply with { Transmit = default } },
        { Refusal.Unsynchronized, reply => reply with { Leap = LeapIndicator.Unsynchronized } },
        { Refusal.Unsynchronized, reply => reply with { Stratum = 0, ReferenceId = default } },
        { Refusal.Unsynchronized, reply => reply with { Stratum = 16 } },
        { Refusal.InvalidStratum, reply => reply with { Stratum = 17 } },
        { Refusal.InvalidStratum, reply => reply with { Stratum = 255 } },
        { Refusal.RootDistance, reply => reply with { RootDispersion = new(16 << 16) } },
        { Refusal.RootDistance, reply => reply with { RootDelay = new(32 << 16) } },
        { Refusal.RootDistance, reply => reply with { RootDelay = new(16 << 16), RootDispersion = new(8 << 16) } },
        { Refusal.ReferenceTime, reply => reply with { ReferenceTime = new(reply.Transmit.Bits + 1) } },
        { Refusal.TurnRound, reply => reply with { Receive = new(reply.Transmit.Bits + 1) } },
    };

    [Theory]
    [MemberData(nameof(Spoilt))]
    public void A_spoilt_reply_is_named_and_changes_nothing_and_the_good_one_is_still_welcome(Refusal reason, Func<NtpHeader, NtpHeader> spoil)
    {
        var client = new Client();
        client.Ask(at: 0);
        var good = client.Reply(0.1, 0.1);
        var before = client.Association.Snapshot;
        var due = client.Association.Due;

        var answer = client.Hear(spoil(good), at: 0.2);

        Assert.Equal(reason, Assert.IsType<AssociationAction.Refused>(Assert.Single(answer)).Reason);
        Assert.Equal(before, client.Association.Snapshot);
        Assert.Equal(due, client.Association.Due);
        Assert.Equal((1UL, 1UL, reason), (client.Association.Counters.Refused, client.Association.Counters.RefusedFor(reason), client.Association.Counters.LastRefusal));
        Assert.NotNull(client.Hear(good, at: 0.2).Exchange());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(47)]
    public void What_is_too_short_is_refused(int length)
    {
        var client = new Client();
        client.Ask(at: 0);
        var before = client.Association.Snapshot;

        Assert.Equal(Refusal.TooShort, client.Hear(Client.Octets(client.Reply(0.1, 0.1))[..length], at: 0.2).Refusal());
        Assert.Equal(before, client.Association.Snapshot);
    }

    [Fact]
    public void Octets_after_the_header_do_not_matter()
    {
        var client = new Client();
        client.Ask(at: 0);

        Assert.NotNull(client.Hear([.. Client.Octets(client.Reply(0.1, 0.1)), .. new byte[100]], at: 0.2).Exchange());
    }

    [Theory]
    [InlineData(Refusal.LocalOrder, 0.1, 0.1, -0.001)] // T4 before T1
    [InlineData(Refusal.DelayNegative, 0.1, 0.4, 0.2)] // 0.2 - 0.3
    [InlineData(Refusal.DelayTooLong, 0.1, 0.1, 3.1)] // the limit is 3 s
    public void Impossible_instants_give_no_sample_but_the_server_is_there(Refusal reason, double t2, double t3, double t4)
    {
        var client = new Client();
        client.Ask(at: 0);

        var answer = client.Hear(client.Reply(t2, t3), at: t4);

        Assert.Equal(reason, answer.Refusal());
        Assert.Null(answer.Exchange());
        Assert.True(client.Association.Reach.IsReachable);
        Assert.Equal(0UL, client.Association.Counters.Measured);
    }

    [Fact]
    public void A_delay_that_is_negative_within_the_doubt_of_the_stamps_is_a_sample()
    {
        var client = new Client();
        client.Ask(at: 0);
        client.Association.OnSent(client.Number, new(At.Raw(0), StampSource.Kernel, At.Seconds(2e-6)));

        var reply = client.Reply(0.1, 0.1 + 12e-6); // 10 us between our stamps, 12 us between the server's

        Assert.True(client.Hear(reply, at: 10e-6).Exchange()!.Delay < Duration.Zero);
    }

    [Fact]
    public void Just_inside_the_limits_is_accepted()
    {
        var client = new Client();
        client.Ask(at: 0);
        var reply = client.Reply(0.1, 0.1);

        Assert.NotNull(client.Hear(reply with { Stratum = 15, RootDelay = new(16 << 16), RootDispersion = new((8 << 16) - 1), ReferenceTime = reply.Transmit }, at: 0.2).Exchange());
    }

    [Fact]
    public void A_server_that_does_not_tell_its_reference_time_is_accepted()
    {
        var client = new Client();
        client.Ask(at: 0);

        Assert.NotNull(client.Hear(client.Reply(0.1, 0.1) with { ReferenceTime = default }, at: 0.2).Exchange());
    }

    /// <summary>Shadows the enumeration: a refusal that nobody tests fails here. The others are tested in KissTests, InterleavedTests, AuthenticatedAssociationTests and NtsAssociationTests.</summary>
    [Fact]
    public void Every_refusal_is_tested()
    {
        Refusal[] elsewhere =
        [
            Refusal.TooShort, Refusal.Duplicate, Refusal.KissRate, Refusal.KissDenied, Refusal.WrongPair,
            Refusal.LocalOrder, Refusal.DelayNegative, Refusal.DelayTooLong,
            Refusal.Unsigned, Refusal.OtherKey, Refusal.WrongMac, Refusal.CryptoNak,
            Refusal.NtsUnprotected, Refusal.NtsOtherId, Refusal.NtsWrongSeal, Refusal.NtsNak,
        ];

        Assert.Empty(Enum.GetValues<Refusal>().Except(elsewhere).Except(Spoilt.Select(row => (Refusal)((object?[])row)[0]!)));
    }
}
