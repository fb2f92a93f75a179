using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using TimeSuite.Config;
using TimeSuite.Discipline;
using TimeSuite.Linux;
using TimeSuite.Ntp;
using TimeSuite.Nts;
using TimeSuite.Ntpd.Clock;
using TimeSuite.Ntpd.Sources;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Tests;

/// <summary>When keys are fetched, and that nothing is asked without.</summary>
public sealed class NtsSourceTests : ISessionHost, INtsExchange, INameResolver, IHostClocks
{
    private static readonly Period s_always = new(default, new(Duration.FromSeconds(1L << 40)));

    private readonly SourceSet _sources;
    private readonly List<(SourceConfig Source, IReadOnlyList<string> Have, Instant<Utc>? VerifyAt, Action<NtsAnswer> Answer)> _exchanges = [];
    private readonly List<Port> _ports = [];
    private Instant<Raw> _now = new(Duration.FromSeconds(1_000L));
    private ulong _cookie;
    private ClockKnowledge _knowledge;

    public NtsSourceTests() =>
        _sources = new(this, new(new DisciplineSettings()), this, action => action(), this, default, NullLogger<SourceSet>.Instance, this) { Knowledge = () => _knowledge };

    [Fact]
    public void No_packet_leaves_before_the_exchange_and_the_first_is_protected()
    {
        Start(Server("a"));
        Assert.Empty(_ports);
        Establish("127.0.0.1");

        Pass(1);
        byte[] request = Assert.Single(_ports).Sent.First();
        Assert.True(request.Length > 200);
        Assert.Equal(0x0104, request[48] << 8 | request[49]);
    }

    [Fact]
    public void A_failed_exchange_is_tried_again_ever_later_and_not_one_packet_leaves()
    {
        Start(Server("a"));
        List<double> pauses = [];
        for (int attempt = 0; attempt < 10; attempt++)
        {
            var before = _now;
            Fail("no");
            while (_exchanges.Count == 0)
            {
                Pass(1);
            }

            pauses.Add((_now - before).Seconds);
        }

        Assert.Empty(_ports);
        Assert.Equal("no", _sources.Sources[0].ResolveFailure);
        Assert.All(pauses.Zip(pauses.Skip(1)), pair => Assert.InRange(pair.Second, pair.First * 1.9, pair.First * 2.1));
        Assert.InRange(pauses[0], 15, 17);
    }

    [Fact]
    public void A_network_that_changes_during_an_exchange_causes_no_other_one_when_it_succeeds()
    {
        Start(Server("a"));
        _sources.OnNetworkChange(_now);
        Establish("127.0.0.1");

        Pass(5);

        Assert.Empty(_exchanges);
        Assert.Single(_ports);
    }

    [Fact]
    public void A_missing_ntskeyd_is_asked_again_soon()
    {
        Start(Server("a"));
        for (int attempt = 0; attempt < 5; attempt++)
        {
            Answer(new NtsAnswer.Failed("not there", IsLocal: true));
            Pass(3);
        }

        Assert.Single(_exchanges);
    }

    [Fact]
    public void When_all_cookies_are_lost_there_is_one_new_exchange_and_the_server_stays_the_same_source()
    {
        Start(Server("a"));
        Establish("127.0.0.1");
        var session = Assert.Single(_sources.Sessions);
        while (_exchanges.Count == 0)
        {
            Pass(1);
        }

        Assert.Equal(8, _ports[0].Sent.Count);
        int sent = _ports[0].Sent.Count;
        Pass(600);
        Assert.Single(_exchanges);
        Assert.Equal(sent, _ports[0].Sent.Count);
        Establish("127.0.0.1");
        Pass(1);
        Assert.Same(session, Assert.Single(_sources.Sessions));
        Assert.Equal(sent + 1, _ports[0].Sent.Count);
    }

    /// <summary>Row 21: whoever sees the requests can say NAK to each, and brings about one exchange a pause, at the most.</summary>
    [Fact]
    public void Who_says_NAK_to_everything_causes_ever_fewer_exchanges_and_the_cookies_that_are_left_are_used()
    {
        Start(Server("a"));
        Establish("127.0.0.1");
        int exchanges = 0, answered = 0;
        for (int second = 0; second < 4_000; second++)
        {
            Pass(1);
            for (; answered < _ports[0].Sent.Count; answered++)
            {
                Stamp stamp = new(_now, StampSource.Daemon, default);
                var refused = _sources.Sessions.Single().Association.OnDatagram(NakTo(_ports[0].Sent[answered]), stamp, _now);
                Assert.Equal(Refusal.NtsNak, Assert.Single(refused.OfType<AssociationAction.Refused>()).Reason);
            }

            if (_exchanges.Count > 0)
            {
                exchanges++;
                Assert.True(answered >= 2, "an exchange before a good reply could contradict");
                Fail("no");
            }
        }

        Assert.InRange(exchanges, 3, 9);
        Assert.Equal(8, answered);
    }

    private static byte[] NakTo(byte[] request)
    {
        Assert.True(NtpHeader.TryParse(request, out var asked));
        byte[] nak = new byte[NtpHeader.Size + 36];
        new NtpHeader { Version = 4, Mode = NtpMode.Server, ReferenceId = new((uint)KissCode.NtsNak), Origin = asked.Transmit, Receive = asked.Transmit, Transmit = asked.Transmit }.Write(nak);
        request.AsSpan(NtpHeader.Size, 36).CopyTo(nak.AsSpan(NtpHeader.Size)); // the unique id
        return nak;
    }

    [Fact]
    public void A_server_that_never_answers_is_bothered_with_ever_fewer_exchanges()
    {
        Start(Server("a"));
        int exchanges = 0;
        for (int second = 0; second < 200_000; second++)
        {
            if (_exchanges.Count > 0)
            {
                exchanges++;
                Establish("127.0.0.1");
            }

            Pass(1);
        }

        Assert.InRange(exchanges, 5, 20);
    }

    [Fact]
    public void A_pool_asks_for_others_than_it_has_until_it_has_enough()
    {
        Start(Server("p") with { Kind = SourceConfig.SourceKind.Pool, MaxSources = 3 });
        for (int member = 1; member <= 3; member++)
        {
            while (_exchanges.Count == 0)
            {
                Pass(1);
            }

            Assert.Equal(Enumerable.Range(1, member - 1).Select(known => $"m{known}"), _exchanges[0].Have);
            Establish($"127.0.0.{member}", $"m{member}");
        }

        Pass(1);
        Assert.Empty(_exchanges);
        Assert.Equal(3, _sources.Sessions.Count());
    }

    [Fact]
    public void A_server_that_has_moved_takes_the_place_of_the_old_one()
    {
        Start(Server("a"));
        Establish("127.0.0.1");
        while (_exchanges.Count == 0)
        {
            Pass(1);
        }

        Establish("127.0.0.2");
        Assert.Equal(DatagramAddress.From(IPAddress.Parse("127.0.0.2"), 123), Assert.Single(_sources.Sessions).Address);
    }

    [Fact]
    public void Keys_that_come_after_the_source_is_gone_are_thrown_away()
    {
        Start(Server("a"));
        _sources.Apply([], _now);
        Establish("127.0.0.1");

        Assert.Empty(_sources.Sessions);
    }

    [Fact]
    public void A_certificate_is_judged_at_the_clocks_time()
    {
        _knowledge = new(At(5_000), IsTrusted: false);
        Start(Server("a"));

        Assert.Equal(At(5_000), _exchanges[0].VerifyAt);
    }

    [Fact]
    public void When_only_an_untrusted_time_stands_against_it_keys_are_exchanged_at_once_without_a_time_and_the_source_waits_for_others()
    {
        _knowledge = new(At(5_000), IsTrusted: false);
        Start(Server("a"));
        Answer(new NtsAnswer.Failed("expired", IsLocal: false, IsPeriod: true));
        Pass(1);

        Assert.Null(Assert.Single(_exchanges).VerifyAt);
        Establish("127.0.0.1", period: new(At(1_000), At(2_000)));
        Assert.True(Assert.Single(_sources.Sessions).IsProvisional);
        Pass(10);
        Assert.Empty(_exchanges); // and there it ends
    }

    [Fact]
    public void At_a_trusted_time_an_expired_certificate_is_refused_for_good_and_not_asked_for_without_a_time()
    {
        _knowledge = new(At(5_000), IsTrusted: true);
        Start(Server("a"));
        Answer(new NtsAnswer.Failed("expired", IsLocal: false, IsPeriod: true));
        Pass(20);

        Assert.Equal(At(5_000), Assert.Single(_exchanges).VerifyAt);
        Assert.Empty(_ports);
        Assert.Equal("expired", _sources.Sources[0].ResolveFailure);
    }

    [Fact]
    public void Two_servers_that_agree_on_a_time_of_their_certificates_are_believed_and_a_third_of_another_time_is_not()
    {
        Defer(("a", 1_500), ("b", 1_500.2), ("c", 1_600));

        Assert.Equal([false, false, true], _sources.Sessions.Select(session => session.IsProvisional));
    }

    [Fact]
    public void One_server_is_no_quorum_unless_it_is_configured_so()
    {
        Defer(("a", 1_500));
        Assert.True(Assert.Single(_sources.Sessions).IsProvisional);

        _sources.Quorum = 1;
        _sources.JudgePeriods(_now);
        Assert.False(Assert.Single(_sources.Sessions).IsProvisional);
    }

    [Fact]
    public void Who_says_a_time_at_which_its_own_certificate_is_not_valid_loses_its_keys()
    {
        Defer(("a", 1_500), ("b", 2_500));

        Assert.Equal("a", Assert.Single(_sources.Sessions).Config.Name);
        Assert.Contains("valid from", _sources.Sources[1].ResolveFailure, StringComparison.Ordinal);
    }

    [Fact]
    public void As_soon_as_the_time_is_trusted_all_certificates_are_judged_by_it()
    {
        Defer(("a", 1_500));
        _knowledge = new(At(2_100), IsTrusted: true);
        _sources.JudgePeriods(_now);
        Assert.Empty(_sources.Sessions);
    }

    [Fact]
    public void A_trusted_time_at_which_a_waiting_certificate_is_valid_ends_the_waiting()
    {
        Defer(("a", 1_500));
        _knowledge = new(At(1_900), IsTrusted: true);
        _sources.JudgePeriods(_now);

        Assert.False(Assert.Single(_sources.Sessions).IsProvisional);
    }

    /// <summary>Servers with certificates that are valid from 1000 to 2000 s, and the clock says 5000; each says its own time.</summary>
    private void Defer(params (string Name, double Time)[] servers)
    {
        _knowledge = new(At(5_000), IsTrusted: false);
        _sources.Apply([], _now);
        _sources.Apply([.. servers.Select(server => Server(server.Name))], _now);
        _sources.OnTime(_now);
        foreach (var (name, time) in servers)
        {
            Tell(name, new NtsAnswer.Failed("expired", IsLocal: false, IsPeriod: true));
        }

        _sources.OnTime(_now);
        foreach (var (server, index) in servers.Select((server, index) => (server, index)))
        {
            Tell(server.Name, Established($"127.0.0.{index + 1}", server.Name, new(At(1_000), At(2_000))));
            Stamp stamp = new(_now, StampSource.Daemon, default);
            var session = _sources.Sessions.Single(session => session.Config.Name == server.Name);
            session.Hear(new Exchange
            {
                Sent = stamp,
                RemoteReceived = At(server.Time),
                RemoteSent = At(server.Time),
                Received = stamp,
                Interleaved = false,
                Leap = LeapIndicator.None,
                Stratum = 1,
                Version = 4,
                ReferenceId = default,
                ReferenceTime = default,
                RootDelay = default,
                RootDispersion = default,
                Resolution = default,
            });
        }

        _sources.JudgePeriods(_now);
    }

    private static Instant<Utc> At(double seconds) => new(Duration.FromSeconds(seconds));

    private static SourceConfig Server(string name) => new() { Kind = SourceConfig.SourceKind.Server, Name = name, Nts = true };

    private void Start(SourceConfig config)
    {
        _sources.Apply([], _now);
        _sources.Apply([config], _now);
        _sources.OnTime(_now);
        Assert.Single(_exchanges);
    }

    private void Pass(int seconds)
    {
        for (int second = 0; second < seconds; second++)
        {
            _now += Duration.FromSeconds(1L);
            _sources.OnTime(_now);
        }
    }

    private void Establish(string address, string name = "a", Period? period = null) => Answer(Established(address, name, period ?? s_always));

    private NtsAnswer.Established Established(string address, string name, Period period)
    {
        byte[] key = new byte[32];
        var client = new NtsClient(new(NtsAead.AesSivCmac256, key, key), null, Enumerable.Range(0, 8).Select(_ => new byte[104]), () => ++_cookie);
        return new(name, IPAddress.Parse(address), 123, client, period, default, IsKept: false);
    }

    private void Fail(string why) => Answer(new NtsAnswer.Failed(why, IsLocal: false));

    private void Answer(NtsAnswer answer)
    {
        var (_, _, _, tell) = Assert.Single(_exchanges);
        _exchanges.Clear();
        tell(answer);
    }

    private void Tell(string name, NtsAnswer answer)
    {
        var exchange = _exchanges.Find(exchange => exchange.Source.Name == name);
        _exchanges.Remove(exchange);
        exchange.Answer(answer);
    }

    void INtsExchange.Establish(SourceConfig source, IReadOnlyList<string> have, Instant<Utc>? verifyAt, Action<NtsAnswer> answer) => _exchanges.Add((source, have, verifyAt, answer));

    void INameResolver.Resolve(string name, int? family, Action<IReadOnlyList<IPAddress>> answer) => Assert.Fail("a source under NTS is not looked up by us");

    Instant<Raw> IHostClocks.Raw() => _now;

    Duration IHostClocks.Suspended() => default;

    IRequestPort ISessionHost.OpenPort(SourceConfig config, DatagramAddress server, IRequestListener listener)
    {
        _ports.Add(new(this));
        return _ports[^1];
    }

    SymmetricKey? ISessionHost.FindKey(uint id) => null;

    ulong ISessionHost.RandomCookie() => ++_cookie;

    void ISessionHost.OnMeasured(SourceSession session, Exchange exchange)
    {
    }

    void ISessionHost.OnGivenUp(SourceSession session, KissCode reason)
    {
    }

    void ISessionHost.OnStateChanged(SourceSession session)
    {
    }

    private sealed class Port(NtsSourceTests test) : IRequestPort
    {
        public List<byte[]> Sent { get; } = [];

        public string? Send(ReadOnlySpan<byte> datagram, out Stamp sent)
        {
            Sent.Add(datagram.ToArray());
            sent = new(test._now, StampSource.Daemon, default);
            return null;
        }

        public void Close()
        {
        }

        public void Dispose()
        {
        }
    }
}
