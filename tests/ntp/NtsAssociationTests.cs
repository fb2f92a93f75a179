namespace TimeSuite.Ntp.Tests;

/// <summary>What an association does with its NTS session; the session itself is a stand-in here and the real one in tests/nts.</summary>
public sealed class NtsAssociationTests
{
    [Theory]
    [InlineData(Refusal.NtsUnprotected)]
    [InlineData(Refusal.NtsOtherId)]
    [InlineData(Refusal.NtsWrongSeal)]
    public void A_reply_that_the_session_refuses_changes_nothing(Refusal why)
    {
        var (client, session) = Asking();
        session.Verdict = why;
        var before = client.Association.Snapshot;

        Assert.Equal(why, client.Hear(client.Reply(0.1, 0.1), at: 0.2).Refusal());
        Assert.Equal(before, client.Association.Snapshot);
        Assert.Null(client.Association.KeysWantedAt);
        Assert.Equal(0, session.Turns);
    }

    /// <summary>RFC 8915 section 5.7: nobody seals a NAK, so it counts when no good reply came until the next request.</summary>
    [Fact]
    public void A_NAK_that_a_good_reply_contradicts_changes_nothing()
    {
        var (client, session) = Asking();
        session.Verdict = Refusal.NtsNak;
        var before = client.Association.Snapshot;

        Assert.Equal(Refusal.NtsNak, client.Hear(client.Reply(0.1, 0.1), at: 0.2).Refusal());
        Assert.Equal(before, client.Association.Snapshot);
        Assert.Null(client.Association.KeysWantedAt);
        session.Verdict = null;
        Assert.NotNull(client.Hear(client.Reply(0.1, 0.1), at: 0.3).Exchange());

        Next(client);
        Assert.Equal(0, session.Turns);
        Assert.Null(client.Association.KeysWantedAt);
    }

    [Fact]
    public void A_NAK_that_nothing_contradicts_asks_for_new_keys_and_requests_go_on_with_the_cookies_that_are_left()
    {
        var (client, session) = Nacked();
        Next(client);
        Assert.True(client.Association.KeysWantedAt <= At.Raw(0));

        Next(client); // no new keys yet
        Assert.True(client.Association.KeysWantedAt <= At.Raw(0));
        Assert.Equal(1, session.Turns);
        client.Association.Nts = new Session();
        Assert.Null(client.Association.KeysWantedAt);
        Next(client);
        Assert.Null(client.Association.KeysWantedAt);
    }

    [Fact]
    public void A_good_reply_to_a_later_request_makes_new_keys_superfluous()
    {
        var (client, session) = Nacked();
        double asked = Next(client);
        session.Verdict = null;

        Assert.NotNull(client.Hear(client.Reply(asked + 0.01, asked + 0.01), at: asked + 0.02).Exchange());
        Assert.Null(client.Association.KeysWantedAt);
    }

    [Fact]
    public void Other_keys_are_tried_before_new_ones_are_asked_for()
    {
        var (client, session) = Nacked(hasOthers: true);
        double asked = Next(client);
        Assert.Equal(1, session.Turns);
        Assert.Null(client.Association.KeysWantedAt);

        Assert.Equal(Refusal.NtsNak, client.Hear(client.Reply(asked + 0.01, asked + 0.01), at: asked + 0.02).Refusal());
        Next(client);
        Assert.True(client.Association.KeysWantedAt <= At.Raw(0));
    }

    [Fact]
    public void A_plain_kiss_is_not_believed()
    {
        var (client, session) = Asking();
        session.Verdict = Refusal.NtsUnprotected;

        client.Hear(client.Reply(0.1, 0.1) with { Stratum = 0, ReferenceId = new((uint)KissCode.Deny) }, at: 0.2);
        Assert.Null(client.Association.GivenUp);
    }

    [Fact]
    public void Without_a_cookie_no_request_leaves_and_keys_are_wanted_when_it_is_due()
    {
        var (client, session) = Asking();
        session.IsReady = false;

        Assert.Null(client.Association.Due);
        Assert.Empty(client.Association.OnTimer(At.Raw(5_000)).OfType<AssociationAction.Send>());
        Assert.NotNull(client.Association.KeysWantedAt);
        session.IsReady = true;
        Assert.Null(client.Association.KeysWantedAt);
        Assert.Single(client.Association.OnTimer(At.Raw(5_000)).OfType<AssociationAction.Send>());
    }

    [Fact]
    public void A_request_has_the_length_that_the_session_says()
    {
        var client = new Client();
        client.Association.Nts = new Session();

        Assert.Equal(100, Assert.Single(client.Association.OnTimer(At.Raw(0)).OfType<AssociationAction.Send>()).Datagram.Length);
    }

    private static (Client Client, Session Session) Nacked(bool hasOthers = false)
    {
        var (client, session) = Asking(hasOthers);
        session.Verdict = Refusal.NtsNak;
        client.Hear(client.Reply(0.1, 0.1), at: 0.2);
        return (client, session);
    }

    private static double Next(Client client)
    {
        double due = client.Association.Due!.Value.SinceEpoch.Seconds;
        client.Ask();
        return due;
    }

    private static (Client Client, Session Session) Asking(bool hasOthers = false)
    {
        var client = new Client(Client.Options);
        var session = new Session { HasOthers = hasOthers };
        client.Association.Nts = session;
        client.Ask(at: 0);
        return (client, session);
    }

    private sealed class Session : INtsSession
    {
        public bool IsReady { get; set; } = true;

        public Refusal? Verdict { get; set; }

        public bool HasOthers { get; init; }

        /// <summary>How often other keys were asked for.</summary>
        public int Turns { get; private set; }

        public int RequestSize => 100;

        public void Protect(Span<byte> datagram) => datagram[99] = 1;

        public Refusal? Examine(ReadOnlySpan<byte> datagram) => Verdict;

        public bool TryOtherKeys() => Turns++ == 0 && HasOthers;
    }
}
