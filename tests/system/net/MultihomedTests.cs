using TimeSuite.System.Tests.Suite;
using Xunit.Abstractions;

namespace TimeSuite.System.Tests.Net;

/// <summary>
/// A server with several addresses and two ways to its client, on all of them with one socket for each thread. A client's socket takes replies only from the address
/// that it asked, so an address that is followed, or reached, was answered from.
/// </summary>
public sealed class MultihomedTests(ITestOutputHelper output) : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    private readonly CabledScene _scene = new(output);

    public void Dispose() => _scene.Dispose();

    [RootFact]
    public async Task Each_of_a_servers_addresses_answers_for_itself_whatever_the_routes()
    {
        var cable = _scene.Cable;
        cable.AddServer(11); // a second one of the same network: not the one that the routes would choose
        cable.AtServer("addr add 10.72.0.1/32 dev lo"); // of no interface
        cable.AtServer("addr add fd00:71::1/64 dev eth nodad");
        cable.AtServer("addr add fd00:71::11/64 dev eth nodad");
        cable.AtServer("addr add fd00:72::1/128 dev lo nodad");
        cable.PlugIn();
        cable.AddSecond();
        cable.AtServer("addr add 10.73.0.1/24 dev eth2");
        cable.AtClient("addr add fd00:71::2/64 dev eth nodad");
        cable.AtClient($"route add 10.72.0.1 via {Cable.Ip(254)}");
        cable.AtClient("-6 route add fd00:72::1 via fd00:71::1");
        cable.AtClient("route add 10.73.0.1 dev eth2 src 10.71.0.2"); // goes there by the second cable, and comes back by the first
        await AskAllAsync("10.71.0.1", "10.71.0.11", "10.72.0.1", "10.73.0.1", "fd00:71::1", "fd00:71::11", "fd00:72::1");
    }

    [RootFact]
    public async Task A_server_of_one_interface_is_silent_on_the_other_ones()
    {
        var cable = _scene.Cable;
        cable.PlugIn();
        cable.AddSecond();
        cable.AtServer("addr add 10.73.0.1/24 dev eth2");
        cable.AtClient("addr add 10.73.0.2/24 dev eth2");
        _scene.Server.Ntpd.Kill();
        _scene.Server.Configure(CabledScene.Serving("\"0.0.0.0%eth2:123\", \"[::%eth2]:123\""));
        _scene.Server.StartNtpd();

        await _scene.StartClientAsync(Sources("10.73.0.1", Cable.Ip(1)));
        await _scene.FollowsAsync(s_limit, "10.73.0.1");
        await Task.Delay(2_000);

        Assert.Equal(["10.73.0.1"], (await _scene.SourcesAsync()).Where(source => source.Received > 0).Select(source => source.Address));
    }

    /// <summary>Two networks with the same addresses, one of them in a VRF: the requests of that one are answered there, by its routes. A kernel without VRF binds to the interface itself.</summary>
    [RootFact]
    public async Task A_server_of_a_vrf_answers_in_it_and_nowhere_else()
    {
        var cable = _scene.Cable;
        cable.PlugIn();
        cable.AddSecond();
        string device = "blue";
        if (cable.TryAtServer($"link add {device} type vrf table 77") is { } refusal)
        {
            Assert.True(refusal.Contains("Unknown device type", StringComparison.Ordinal) || refusal.Contains("not supported", StringComparison.Ordinal), refusal);
            _scene.Say($"this kernel has no VRF (ip link add {device} type vrf: {refusal.Trim()}); bound to the interface eth2 instead");
            device = "eth2";
        }
        else
        {
            cable.AtServer($"link set {device} up");
            cable.AtServer($"link set eth2 master {device}");
        }

        cable.AtServer("addr add 10.73.0.1/24 dev eth2");
        cable.AtClient("addr add 10.73.0.2/24 dev eth2");
        _scene.Server.Ntpd.Kill();
        _scene.Server.Configure(CabledScene.Serving($"\"10.73.0.1%{device}:123\", \"0.0.0.0%{device}:1123\""));
        _scene.Server.StartNtpd();

        await _scene.StartClientAsync(string.Join("\n[[source]]\n", Asked("10.73.0.1", 123), Asked("10.73.0.1", 1123), Asked(Cable.Ip(1), 123), Asked(Cable.Ip(1), 1123)));
        await Wait.UntilAsync(
            async () => (await _scene.SourcesAsync()).Count(source => source.Received >= 3 && source.Address == "10.73.0.1") == 2,
            s_limit, "both sockets of the VRF have answered three times");

        Assert.All((await _scene.SourcesAsync()).Where(source => source.Address != "10.73.0.1"), source => Assert.Equal(0UL, source.Received));
    }

    private static string Asked(string address, int port) => $"server = \"{address}\"\nport = {port}\nmin-poll = -2\nmax-poll = 0";

    private async Task AskAllAsync(params string[] addresses)
    {
        await _scene.StartClientAsync(Sources(addresses));
        await Wait.UntilAsync(
            async () => (await _scene.SourcesAsync()).Where(source => source.Received >= 3).Select(source => source.Address).Order().SequenceEqual(addresses.Order()),
            s_limit, $"all of {string.Join(", ", addresses)} have answered three times");
    }

    private static string Sources(params string[] addresses) =>
        string.Join("\n[[source]]\n", addresses.Select(address => $"server = \"{address}\"\nmin-poll = -2\nmax-poll = 0"));
}
