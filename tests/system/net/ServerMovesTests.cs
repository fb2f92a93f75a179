using TimeSuite.System.Tests.Suite;
using Xunit.Abstractions;

namespace TimeSuite.System.Tests.Net;

/// <summary>An address falls silent for ever, and its name means another one by then.</summary>
public sealed class ServerMovesTests(ITestOutputHelper output) : IDisposable
{
    private const string Name = "time.example";
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20); // eight polls without an answer are 2 s

    private readonly CabledScene _scene = new(output);

    public void Dispose() => _scene.Dispose();

    [RootFact]
    public async Task A_server_is_looked_up_again_and_asked_where_it_is_now()
    {
        Have(11);
        Mean(1);
        await _scene.StartClientAsync($"server = \"{Name}\"\nmin-poll = -2\nmax-poll = 0");
        await _scene.FollowsAsync(s_limit, Cable.Ip(1));

        Mean(11);
        await Task.Delay(1_000);
        Assert.Equal(Cable.Ip(1), (await _scene.SourceAsync()).Address); // it works: nobody asks where it is
        _scene.Cable.RemoveServer(1);
        await _scene.FollowsAsync(s_limit, Cable.Ip(11));
        Assert.Single(await _scene.SourcesAsync());
        Assert.Contains($"{Cable.Ip(1)}:123 has not answered for long", _scene.Client.LogOf("ntpd"), StringComparison.Ordinal);
    }

    [RootFact]
    public async Task A_server_that_moves_while_it_is_silent_is_found_when_the_network_changes()
    {
        Have(11);
        Mean(1);
        await _scene.StartClientAsync($"server = \"{Name}\"\nmin-poll = -2\nmax-poll = 0");
        await _scene.FollowsAsync(s_limit, Cable.Ip(1));

        _scene.Cable.RemoveServer(1);
        await Task.Delay(5_000); // looked up in vain: it is not looked up again for minutes
        Assert.Equal(Cable.Ip(1), (await _scene.SourceAsync()).Address);
        Mean(11);
        _scene.Cable.AtClient($"addr add {Cable.Address(3)} dev eth");
        await _scene.FollowsAsync(s_limit, Cable.Ip(11));
    }

    [RootFact]
    public async Task A_pool_has_another_member_in_place_of_a_silent_one()
    {
        Have(11, 12, 13);
        Mean(11, 12, 13);
        await _scene.StartClientAsync($"pool = \"{Name}\"\nmax-sources = 2\nmin-poll = -2\nmax-poll = 0");
        await Wait.UntilAsync(async () => (await _scene.SourcesAsync()) is [{ Reach: not 0 }, { Reach: not 0 }], s_limit, "two members answer");
        var members = await AddressesAsync();

        string kept = members[0];
        int dead = Enumerable.Range(11, 3).Single(number => Cable.Ip(number) == members[1]);
        string spare = Enumerable.Range(11, 3).Select(Cable.Ip).Single(address => !members.Contains(address));
        _scene.Cable.RemoveServer(dead);
        await _scene.FollowsAsync(s_limit, spare);
        Assert.Equal([kept, spare], await AddressesAsync());
    }

    private async Task<IReadOnlyList<string>> AddressesAsync() => [.. (await _scene.SourcesAsync()).Select(source => source.Address)];

    private void Have(params IEnumerable<int> servers)
    {
        foreach (int server in servers)
        {
            _scene.Cable.AddServer(server);
        }

        _scene.Cable.PlugIn();
    }

    private void Mean(params IEnumerable<int> servers) => _scene.Names.Mean(servers.Select(server => $"{Cable.Ip(server)} {Name}"));
}
