namespace TimeSuite.Ntp.Tests;

public sealed class KissTests
{
    private readonly Client _client = new();

    private NtpHeader Kiss(string letters) => _client.Reply(0, 0) with
    {
        Leap = LeapIndicator.Unsynchronized, Stratum = 0, ReferenceId = ReferenceId.FromAscii(letters), Receive = default, Transmit = default,
    };

    [Theory]
    [InlineData("RATE")]
    [InlineData("DENY")]
    [InlineData("RSTR")]
    public void A_forged_kiss_changes_nothing(string letters)
    {
        _client.Ask(at: 0);
        var before = _client.Association.Snapshot;

        foreach (ulong origin in (ulong[])[0, 1, _client.Request.Transmit.Bits ^ 1UL << 63])
        {
            Assert.Equal(Refusal.BogusOrigin, _client.Hear(Kiss(letters) with { Origin = new(origin) }, at: 0.1).Refusal());
        }

        Assert.Equal(before, _client.Association.Snapshot);
    }

    [Theory]
    [InlineData("DENY", KissCode.Deny)]
    [InlineData("RSTR", KissCode.Restrict)]
    public void A_server_that_will_not_serve_us_is_given_up(string letters, KissCode code)
    {
        _client.Ask(at: 0);

        var answer = _client.Hear(Kiss(letters), at: 0.1);

        Assert.Equal(Refusal.KissDenied, answer.Refusal());
        Assert.Equal(code, answer.OfType<AssociationAction.GiveUp>().Single().Reason);
        Assert.Equal(code, _client.Association.GivenUp);
        Assert.Null(_client.Association.Due);
        Assert.Empty(_client.Association.OnTimer(At.Raw(1e6)));
        Assert.Equal(Refusal.BogusOrigin, _client.Hear(_client.Reply(0.1, 0.1), at: 0.2).Refusal());
    }

    [Fact]
    public void An_administrator_can_have_a_server_asked_again_that_was_given_up()
    {
        _client.Ask(at: 0);
        _client.Hear(Kiss("DENY"), at: 0.1);

        _client.Association.SetOnline(true, At.Raw(100));

        Assert.Null(_client.Association.GivenUp);
        Assert.NotNull(_client.AskAndHear().Exchange());
    }

    [Fact]
    public void RATE_halves_the_rate_at_once()
    {
        _client.Ask(at: 0);

        var answer = _client.Hear(Kiss("RATE"), at: 0.1);

        Assert.Equal(Refusal.KissRate, answer.Refusal());
        Assert.Equal(At.Seconds(128), _client.Association.Poll);
        Assert.InRange(answer.OfType<AssociationAction.WakeAt>().Single().Time.SinceEpoch.Seconds, 128, 128 * 1.02);
    }

    [Fact]
    public void RATE_counts_once_for_each_request()
    {
        _client.Ask(at: 0);
        _client.Hear(Kiss("RATE"), at: 0.1);

        Assert.Equal(Refusal.Duplicate, _client.Hear(Kiss("RATE"), at: 0.2).Refusal());
        Assert.Equal(At.Seconds(128), _client.Association.Poll);
    }

    [Fact]
    public void RATE_a_thousand_times_is_bounded_and_recovers_step_by_step()
    {
        for (int kiss = 0; kiss < 1000; kiss++)
        {
            double due = _client.Association.Due!.Value.SinceEpoch.Seconds;
            _client.Ask();
            _client.Hear(Kiss("RATE"), due + 0.1);
            Assert.True(_client.Association.Poll <= At.Seconds(1024));
        }

        Assert.Equal(At.Seconds(1024), _client.Association.Poll);
        List<double> polls = [];
        for (int good = 0; good < 40; good++)
        {
            Assert.NotNull(_client.AskAndHear().Exchange());
            polls.Add(_client.Association.Poll.Seconds);
        }

        Assert.Equal([1024, 512, 256, 128, 64], polls.Distinct());
    }

    [Fact]
    public void RATE_ends_a_burst_and_forbids_the_next()
    {
        var client = new Client(Client.Options with { Iburst = true });
        client.Ask(at: 0);
        client.Hear(client.Reply(0, 0) with { Stratum = 0, ReferenceId = ReferenceId.FromAscii("RATE") }, at: 0.1);
        Assert.True(client.Association.Due >= At.Raw(128));

        client.Association.Burst(good: 4, max: 8);
        Assert.True(client.Association.Due >= At.Raw(128));
    }
}
