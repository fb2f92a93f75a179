using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using TimeSuite.Config;
using TimeSuite.Discipline;
using TimeSuite.Linux;
using TimeSuite.Ntp;
using TimeSuite.Ntpd.Clock;
using TimeSuite.Ntpd.Sources;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Tests;

public sealed class SourceSetTests : IDisposable
{
    private readonly EventLoop _loop = new();
    private readonly FakeResolver _resolver = new();
    private readonly ClockDiscipline _discipline = new(new DisciplineSettings());
    private readonly SourceSet _sources;

    public SourceSetTests() =>
        _sources = new(new SilentHost(), _discipline, _resolver, _loop.Post, new HostClocks(), default, NullLogger<SourceSet>.Instance);

    [Fact]
    public void A_pool_takes_as_many_members_as_it_is_allowed()
    {
        _resolver.Answers["pool.test"] = [.. Enumerable.Range(1, 10).Select(n => IPAddress.Parse($"127.0.1.{n}"))];
        _sources.Apply([Pool("pool.test", 4)], default);

        Settle();

        Assert.Equal(4, _sources.Sessions.Count());
    }

    [Fact]
    public void A_member_that_sends_us_away_is_replaced_by_another_address()
    {
        _resolver.Answers["pool.test"] = [.. Enumerable.Range(1, 10).Select(n => IPAddress.Parse($"127.0.1.{n}"))];
        _sources.Apply([Pool("pool.test", 2)], default);
        Settle();
        var gone = _sources.Sessions.First();

        _sources.OnGivenUp(gone, KissCode.Deny, Clocks.Raw());
        Settle();

        Assert.Equal(2, _sources.Sessions.Count());
        Assert.DoesNotContain(_sources.Sessions, session => session.Address == gone.Address);
    }

    [Fact]
    public void A_name_that_does_not_resolve_is_asked_again_later_and_says_why_it_is_not_used()
    {
        _sources.Apply([Server("nobody.test")], default);
        Settle();

        var source = Assert.Single(_sources.Sources);
        Assert.Empty(source.Sessions);
        Assert.Contains("does not resolve", source.ResolveFailure, StringComparison.Ordinal);
        Assert.NotNull(source.ResolveAt);
    }

    [Theory]
    [InlineData("127.0.0.1", 2)]
    [InlineData("127.0.0.1:11123", 1)]
    [InlineData("127.0.0.1:9", 1)]
    [InlineData("127.0.0.1:124", 0)]
    [InlineData("127.0.0.1:", 0)]
    [InlineData("::1", 1)]
    [InlineData("[::1]", 1)]
    [InlineData("[::1]:11123", 1)]
    [InlineData("[::1]:123", 0)]
    [InlineData("::1:11123", 0)]
    public void Sources_on_one_address_are_told_apart_by_their_ports(string name, int count)
    {
        _resolver.Answers["127.0.0.1"] = [IPAddress.Loopback];
        _resolver.Answers["::1"] = [IPAddress.IPv6Loopback];
        _sources.Apply([Server("127.0.0.1"), Server("127.0.0.1") with { Port = 11_123 }, Server("::1") with { Port = 11_123 }], default);
        Settle();

        Assert.Equal(count, _sources.Named(name).Count);
        Assert.Equal(count, _sources.Remove(name));
        Assert.Equal(3 - count, _sources.Sources.Count);
    }

    [Fact]
    public void When_the_network_comes_back_names_are_asked_for_at_once()
    {
        _sources.Apply([Server("late.test")], default);
        Settle();
        _resolver.Answers["late.test"] = [IPAddress.Loopback];

        _sources.OnNetworkChange(Clocks.Raw());
        Settle();

        Assert.Single(_sources.Sessions);
    }

    [Fact]
    public void A_reload_leaves_what_is_unchanged_alone_and_does_the_rest()
    {
        foreach (string name in (string[])["a.test", "b.test", "c.test", "d.test"])
        {
            _resolver.Answers[name] = [IPAddress.Parse($"127.0.2.{(int)name[0]}")];
        }

        _sources.Apply([Server("a.test"), Server("b.test"), Server("c.test")], default);
        Settle();
        var kept = _sources.Named("a.test")[0].Sessions[0];
        var changed = _sources.Named("b.test")[0].Sessions[0];

        var counts = _sources.Apply([Server("a.test") with { Where = "moved to line 9" }, Server("b.test") with { Prefer = true }, Server("d.test")], Clocks.Raw());
        Settle();

        Assert.Equal((1, 1, 1, 1), counts);
        Assert.Same(kept, _sources.Named("a.test")[0].Sessions[0]);
        Assert.Equal(changed.Id, _sources.Named("b.test")[0].Sessions[0].Id); // its samples stay
        Assert.Empty(_sources.Named("c.test"));
        Assert.Single(_sources.Named("d.test"));
    }

    [Fact]
    public void A_source_that_is_offline_is_not_even_looked_up()
    {
        _sources.Apply([Server("off.test") with { Offline = true }], default);
        Settle();

        Assert.Equal(0, _resolver.Questions);
    }

    [Fact]
    public void Nothing_is_due_that_cannot_be_done()
    {
        _resolver.IsSilent = true;
        _sources.Apply([Server("off.test") with { Offline = true }, Server("slow.test")], default);
        Settle();
        _sources.OnNetworkChange(Clocks.Raw()); // while the name is still being looked up
        _sources.OnTime(Clocks.Raw());

        Assert.False(_sources.Due <= Clocks.Raw(), "the loop would spin");
    }

    [Fact]
    public void A_reload_switches_a_source_on_when_the_file_no_longer_says_offline_and_not_when_timectl_switched_it_off()
    {
        _resolver.Answers["a.test"] = [IPAddress.Parse("127.0.2.1")];
        _resolver.Answers["b.test"] = [IPAddress.Parse("127.0.2.2")];
        _sources.Apply([Server("a.test") with { Offline = true }, Server("b.test")], default);
        Settle();
        _sources.SetOnline(_sources.Named("b.test")[0], online: false, Clocks.Raw());

        _sources.Apply([Server("a.test"), Server("b.test") with { Prefer = true }], Clocks.Raw());
        Settle();

        Assert.True(_sources.Named("a.test")[0].Sessions[0].Association.IsOnline);
        Assert.False(_sources.Named("b.test")[0].Sessions[0].Association.IsOnline);
    }

    [Fact]
    public void What_timectl_added_and_deleted_outlives_a_reload()
    {
        _sources.Apply([Server("file.test")], default);
        _sources.Add(Server("run.test"), default, isOfRunTime: true);
        Assert.Equal(1, _sources.Remove("file.test"));

        _sources.Apply([Server("file.test")], Clocks.Raw());

        Assert.Equal(["run.test"], _sources.Sources.Select(source => source.Config.Name));
    }

    public void Dispose()
    {
        foreach (var session in _sources.Sessions)
        {
            session.Dispose();
        }

        _loop.Dispose();
    }

    private static SourceConfig Server(string name) => new() { Kind = SourceConfig.SourceKind.Server, Name = name, Port = 9 };

    private static SourceConfig Pool(string name, int members) =>
        new() { Kind = SourceConfig.SourceKind.Pool, Name = name, Port = 9, MaxSources = members };

    /// <summary>Lets timers that are due fire and answers arrive.</summary>
    private void Settle()
    {
        for (int round = 0; round < 3; round++)
        {
            _sources.OnTime(Clocks.Raw());
            bool done = false;
            _loop.Post(() => done = true);
            _loop.RunUntil(() => done);
        }
    }

    private sealed class FakeResolver : INameResolver
    {
        public Dictionary<string, IReadOnlyList<IPAddress>> Answers { get; } = [];

        public int Questions { get; private set; }

        public bool IsSilent { get; set; }

        public void Resolve(string name, int? family, Action<IReadOnlyList<IPAddress>> answer)
        {
            Questions++;
            if (IsSilent)
            {
                return;
            }

            answer(Answers.GetValueOrDefault(name, []));
        }
    }

    private sealed class DeadEnd : IRequestPort
    {
        public string? Send(ReadOnlySpan<byte> datagram, out Stamp sent)
        {
            sent = default;
            return "no route";
        }

        public void Close()
        {
        }

        public void Dispose()
        {
        }
    }

    private sealed class SilentHost : ISessionHost
    {
        public IRequestPort OpenPort(SourceConfig config, DatagramAddress server, IRequestListener listener) => new DeadEnd();

        public TimeSuite.Ntp.SymmetricKey? FindKey(uint id) => null;

        public ulong RandomCookie() => 1;

        public void OnMeasured(SourceSession session, Exchange exchange)
        {
        }

        public void OnGivenUp(SourceSession session, KissCode reason)
        {
        }

        public void OnStateChanged(SourceSession session)
        {
        }
    }
}
