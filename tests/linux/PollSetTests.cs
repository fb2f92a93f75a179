using System.Net;
using TimeSuite.Time;

namespace TimeSuite.Linux.Tests;

public sealed class PollSetTests : IDisposable
{
    private readonly PollSet _set = new();
    private readonly PollEvent[] _events = new PollEvent[4];

    public void Dispose() => _set.Dispose();

    [Fact]
    public void What_is_ready_is_told_with_its_token_until_it_is_taken()
    {
        using var first = new SocketPair(IPAddress.Loopback);
        using var second = new SocketPair(IPAddress.Loopback);
        _set.Add(first.Server.Descriptor, 7);
        _set.Add(second.Server.Descriptor, 8);
        second.Client.Send([1]);

        Assert.Equal(1, _set.Wait(Duration.FromSeconds(10L), _events));
        Assert.Equal(1, _set.Wait(Duration.FromSeconds(10L), _events));
        Assert.Equal(new PollEvent(8, PollReadiness.Readable), _events[0]);
        second.Receive(second.Server, new byte[1]);
        Assert.Equal(0, _set.Wait(Duration.Zero, _events));
    }

    [Fact]
    public void What_does_not_fit_comes_again()
    {
        using var first = new SocketPair(IPAddress.Loopback);
        using var second = new SocketPair(IPAddress.Loopback);
        _set.Add(first.Server.Descriptor, 7);
        _set.Add(second.Server.Descriptor, 8);
        first.Client.Send([1]);
        second.Client.Send([1]);

        Assert.Equal(1, _set.Wait(null, _events.AsSpan(0, 1)));
        Assert.Equal(2, _set.Wait(null, _events));
    }

    [Fact]
    public void One_that_is_always_ready_keeps_none_behind_it_waiting()
    {
        using var busy = new SocketPair(IPAddress.Loopback);
        using var other = new SocketPair(IPAddress.Loopback);
        _set.Add(busy.Server.Descriptor, 7);
        _set.Add(other.Server.Descriptor, 8);
        busy.Client.Send([1]);
        other.Client.Send([1]);
        var told = new List<long>();
        for (int count = 0; count < 4; count++)
        {
            Assert.Equal(1, _set.Wait(null, _events.AsSpan(0, 1)));
            told.Add(_events[0].Token);
        }

        Assert.Equal([7, 8, 7, 8], told);
    }

    [Fact]
    public void A_transmit_stamp_shows_as_an_error()
    {
        using var pair = new SocketPair(IPAddress.Loopback);
        _set.Add(pair.Client.Descriptor, 3);
        pair.Client.Send([1]);

        Assert.Equal(1, _set.Wait(Duration.FromSeconds(10L), _events));
        Assert.Equal(new PollEvent(3, PollReadiness.Error), _events[0]);
    }

    [Fact]
    public void A_wake_up_ends_one_wait_though_it_came_before_it()
    {
        _set.Wake();
        _set.Wake();

        Assert.Equal(0, _set.Wait(null, _events));
        Assert.Equal(0, _set.Wait(Duration.FromNanoseconds(1), _events)); // times out
    }
}
