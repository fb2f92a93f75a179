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
        Assert.False(session.IsDiscarded);
    }

    [Fact]
    public void A_NAK_discards_the_keys_once_and_asks_for_new_ones_at_once()
    {
        var (client, session) = Asking();
        session.Verdict = Refusal.NtsNak;

        Assert.Equal(Refusal.NtsNak, client.Hear(client.Reply(0.1, 0.1), at: 0.2).Refusal());
        Assert.True(session.IsDiscarded);
        Assert.True(client.Association.KeysWantedAt <= At.Raw(0.2));
        Assert.Equal(Refusal.Duplicate, client.Hear(client.Reply(0.1, 0.1), at: 0.3).Refusal());
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

    private static (Client Client, Session Session) Asking()
    {
        var client = new Client(Client.Options);
        var session = new Session();
        client.Association.Nts = session;
        client.Ask(at: 0);
        return (client, session);
    }

    private sealed class Session : INtsSession
    {
        public bool IsReady { get; set; } = true;

        public Refusal? Verdict { get; set; }

        public bool IsDiscarded { get; private set; }

        public int RequestSize => 100;

        public void Protect(Span<byte> datagram) => datagram[99] = 1;

        public Refusal? Examine(ReadOnlySpan<byte> datagram) => Verdict;

        public void Discard() => (IsDiscarded, IsReady) = (true, false);
    }
}
