using System.Net;
using TimeSuite.Config;
using TimeSuite.Ntp;
using TimeSuite.Ntpd.Serving;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Tests;

public sealed class AccessControlTests
{
    private static readonly ClientAddress s_inside = Client("192.0.2.1"), s_outside = Client("198.51.100.1");

    [Fact]
    public void Everybody_is_served_until_somebody_is_allowed()
    {
        Assert.Equal(AccessAction.Allow, With("[serve]").Policy.Access.Find(s_outside));
        Assert.Equal(AccessAction.Ignore, With("[serve]\nallow = [\"192.0.2.0/24\"]").Policy.Access.Find(s_outside));
        Assert.Equal(AccessAction.Allow, With("[serve]\nallow = [\"192.0.2.0/24\"]").Policy.Access.Find(s_inside));
    }

    [Theory]
    [InlineData("deny", AccessAction.Ignore)]
    [InlineData("deny-kod", AccessAction.Deny)]
    [InlineData("require-nts", AccessAction.RequireNts)]
    public void Each_key_is_what_its_name_says(string key, AccessAction action)
    {
        var access = With($"[serve]\n{key} = [\"192.0.2.0/24\"]");

        Assert.Equal((action, AccessAction.Allow), (access.Policy.Access.Find(s_inside), access.Policy.Access.Find(s_outside)));
    }

    [Fact]
    public void What_timectl_says_stands_over_the_file_and_outlives_a_reload_until_it_is_taken_back()
    {
        var access = With("[serve]\nallow = [\"192.0.2.0/24\"]");
        access.Change(Rule("192.0.2.0/24", AccessAction.Deny));
        access.Change(Rule("198.51.100.1/32", AccessAction.Ignore));
        access.Change(Rule("198.51.100.1/32", AccessAction.Allow));
        Assert.Equal((AccessAction.Deny, AccessAction.Allow), (access.Policy.Access.Find(s_inside), access.Policy.Access.Find(s_outside)));

        Apply(access, "[serve]\nallow = [\"192.0.2.0/24\", \"10.0.0.0/8\"]");
        Assert.Equal((AccessAction.Deny, AccessAction.Allow), (access.Policy.Access.Find(s_inside), access.Policy.Access.Find(s_outside)));
        Assert.Equal(
            [(AccessAction.Allow, false), (AccessAction.Deny, true), (AccessAction.Allow, true)],
            access.Rules.Select(sourced => (sourced.Rule.Action, sourced.IsOfRunTime)));

        Assert.Equal(2, access.Reset());
        Assert.Equal((AccessAction.Allow, AccessAction.Ignore), (access.Policy.Access.Find(s_inside), access.Policy.Access.Find(s_outside)));
    }

    [Fact]
    public void Every_change_reaches_the_services_that_run()
    {
        var access = With("[serve]");
        RequestService[] services = [new(new Responder(null)), new(new Responder(null))];
        access.Services = services;

        access.Change(Rule("192.0.2.0/24", AccessAction.Ignore));

        Assert.All(services, service => Assert.Equal(AccessAction.Ignore, service.Policy.Access.Find(s_inside)));
        byte[] request = new byte[48];
        request[0] = 0x23;
        services[0].BeginBatch(ServerState.Unsynchronized(-20), default);
        Assert.False(services[0].TryRespond(request, s_inside, new(1), new byte[48], out _));
        Assert.True(services[0].TryRespond(request, s_outside, new(1), new byte[48], out _));
    }

    [Fact]
    public void The_rate_limit_arrives()
    {
        var policy = With("[rate-limit]\ninterval = \"2 s\"\nburst = 5\nleak = 1\nkod = 3\nipv4-prefix = 24\nipv6-prefix = 56").Policy;

        Assert.Equal((Duration.FromSeconds(2L), 5, 1, 3), (policy.Rate!.Interval, policy.Rate.Burst, policy.Rate.Leak, policy.Rate.Kod));
        Assert.Equal((24, 56), (policy.Ipv4Bits, policy.Ipv6Bits));
        Assert.Null(With("").Policy.Rate);
    }

    [Fact]
    public void The_threads_logs_of_one_client_are_one()
    {
        RequestService[] services = [new(new Responder(null), new ClientTable(4, 1)), new(new Responder(null), new ClientTable(4, 2))];
        byte[] request = new byte[48];
        request[0] = 0x23;
        foreach (var (service, at) in new[] { (services[0], 100L), (services[0], 110L), (services[1], 105L), (services[1], 115L) })
        {
            service.BeginBatch(ServerState.Unsynchronized(-20), new(Duration.FromSeconds(at)));
            service.TryRespond(request, s_inside, new(1), new byte[48], out _);
        }

        var reply = Service.ServerMapping.Clients(services, 10, new(Duration.FromSeconds(120L)));

        var client = Assert.Single(reply.Clients);
        Assert.Equal(("192.0.2.1", 4UL, 5L, 5L, 1u), (client.Network, client.Requests, client.LastRequestAgo.Seconds, client.Interval.Seconds, reply.Remembered));
        Assert.Equal(4UL, Service.ServerMapping.Statistics(services).Outcomes.Single(outcome => outcome.Name == "answered").Count);
    }

    [Fact]
    public void Clients_that_are_networks_are_written_as_such()
    {
        Assert.Equal("2001:db8::/64", Service.ServerMapping.Text(Client("2001:db8::5"), 64));
        Assert.Equal("2001:db8::5", Service.ServerMapping.Text(Client("2001:db8::5"), 128));
        Assert.Equal("192.0.2.0/24", Service.ServerMapping.Text(s_inside, 24));
    }

    private static AccessControl With(string toml) => Apply(new(), toml);

    private static AccessControl Apply(AccessControl access, string toml)
    {
        var config = ConfigFile.Parse(toml, "test");
        Assert.Empty(config.Errors);
        access.Apply(config.Value!, KeyRing.Empty);
        return access;
    }

    private static AccessRule Rule(string network, AccessAction action) => AccessControl.RuleOf(IPNetwork.Parse(network), action);

    private static ClientAddress Client(string address) => ClientAddress.FromOctets(IPAddress.Parse(address).GetAddressBytes());
}
