using TimeSuite.System.Tests.Suite;
using Xunit.Abstractions;

namespace TimeSuite.System.Tests.Net;

/// <summary>The client's own address goes and another one comes, as with DHCP.</summary>
public sealed class AddressChangeTests(ITestOutputHelper output) : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(15);

    private readonly CabledScene _scene = new(output);

    public void Dispose() => _scene.Dispose();

    [RootFact]
    public async Task Exchanges_go_on_from_the_new_address()
    {
        _scene.Cable.PlugIn();
        await _scene.StartClientAsync($"server = \"{Cable.Ip(1)}\"\nmin-poll = 0\nmax-poll = 0");
        await _scene.FollowsAsync(s_limit);

        _scene.Cable.AtClient($"addr del {Cable.Address(2)} dev eth");
        await Task.Delay(2_500);
        ulong received = (await _scene.SourceAsync()).Received;
        _scene.Cable.AtClient($"addr add {Cable.Address(3)} dev eth");
        await Wait.UntilAsync(async () => (await _scene.SourceAsync()).Received >= received + 4, s_limit, "four more answers");
        await _scene.FollowsAsync(s_limit);
    }

    [RootFact]
    public async Task A_source_address_that_goes_is_named_and_works_again_when_it_is_back()
    {
        _scene.Cable.PlugIn();
        await _scene.StartClientAsync($"server = \"{Cable.Ip(1)}\"\nmin-poll = 0\nmax-poll = 0\nsource-address = \"{Cable.Ip(2)}\"");
        await _scene.FollowsAsync(s_limit);

        _scene.Cable.AtClient($"addr del {Cable.Address(2)} dev eth");
        _scene.Cable.AtClient($"addr add {Cable.Address(3)} dev eth");
        await Wait.UntilAsync(async () => (await _scene.SourceAsync()).Reason == $"cannot be asked: this machine does not have the address {Cable.Ip(2)}", s_limit, "it says why it cannot ask");

        _scene.Cable.AtClient($"addr add {Cable.Address(2)} dev eth");
        ulong received = (await _scene.SourceAsync()).Received;
        await Wait.UntilAsync(async () => (await _scene.SourceAsync()).Received >= received + 4, s_limit, "four more answers");
        await _scene.FollowsAsync(s_limit);
    }
}
