using System.Net;
using TimeSuite.Time;

namespace TimeSuite.Linux.Tests;

public sealed class PollerTests
{
    private static readonly Duration Patience = Duration.FromSeconds(30L);

    private readonly PollEvent[] _events = new PollEvent[8];

    [Fact]
    public void Another_thread_ends_a_wait()
    {
        using var poller = new Poller();
        var other = new Thread(poller.Wake);
        var start = Clocks.Boot();
        other.Start();

        int count = poller.Wait(Patience, _events);
        other.Join();

        Assert.Equal(0, count);
        Assert.True(Clocks.Boot() - start < Patience);
    }

    [Fact]
    public void A_wake_up_before_the_wait_is_not_lost_and_counts_once()
    {
        using var poller = new Poller();
        poller.Wake();
        poller.Wake();
        var start = Clocks.Boot();

        poller.Wait(Patience, _events);
        Assert.True(Clocks.Boot() - start < Patience);

        var second = Clocks.Boot();
        poller.Wait(Duration.FromSeconds(0.02), _events);
        Assert.True(Clocks.Boot() - second >= Duration.FromSeconds(0.02));
    }

    [Fact]
    public void A_wait_is_never_shorter_than_asked()
    {
        using var poller = new Poller();
        var start = Clocks.Boot();

        poller.Wait(Duration.FromNanoseconds(1_000_001), _events);

        Assert.True(Clocks.Boot() - start >= Duration.FromNanoseconds(1_000_001));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    public void No_time_to_wait_is_no_wait(long seconds)
    {
        using var poller = new Poller();

        Assert.Equal(0, poller.Wait(Duration.FromSeconds(seconds), _events));
    }

    [Fact]
    public void Each_descriptor_is_known_by_its_token_until_it_is_removed()
    {
        using var pair = new SocketPair(IPAddress.Loopback);
        using var poller = new Poller();
        poller.Add(pair.Server.Descriptor, 0x1234_5678_9ABC);
        poller.Add(pair.Client.Descriptor, -7);
        pair.Client.Send([1]);

        var ready = _events[..poller.Wait(Patience, _events)];

        Assert.Contains(new PollEvent(0x1234_5678_9ABC, PollReadiness.Readable), ready);
        Assert.Contains(new PollEvent(-7, PollReadiness.Error), ready); // the transmit stamp

        poller.Remove(pair.Server.Descriptor);
        Assert.Equal([new PollEvent(-7, PollReadiness.Error)], _events[..poller.Wait(Patience, _events)]);
    }

    [Fact]
    public void More_events_than_room_come_with_the_next_wait()
    {
        using var poller = new Poller();
        using var first = new SocketPair(IPAddress.Loopback);
        using var second = new SocketPair(IPAddress.Loopback);
        poller.Add(first.Server.Descriptor, 1);
        poller.Add(second.Server.Descriptor, 2);
        first.Client.Send([1]);
        second.Client.Send([1]);

        HashSet<long> tokens = [];
        for (int wait = 0; wait < 100 && tokens.Count < 2; wait++)
        {
            Assert.Equal(1, poller.Wait(Patience, _events.AsSpan(0, 1)));
            tokens.Add(_events[0].Token);
            var socket = _events[0].Token == 1 ? first.Server : second.Server;
            socket.TryReceive(new byte[1], out _);
        }

        Assert.Equal([1, 2], tokens.Order());
    }

    [Fact]
    public void The_same_descriptor_twice_is_an_error_that_names_the_call()
    {
        using var poller = new Poller();
        using var alarm = new ClockStepAlarm();
        poller.Add(alarm.Descriptor, 1);

        var error = Assert.Throws<System.ComponentModel.Win32Exception>(() => poller.Add(alarm.Descriptor, 2));

        Assert.StartsWith("epoll_ctl: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wait_allocates_nothing()
    {
        using var poller = new Poller();
        poller.Wait(Duration.Zero, _events);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int count = 0; count < 1000; count++)
        {
            poller.Wake();
            poller.Wait(Duration.FromSeconds(1L), _events);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_clock_that_nobody_steps_rings_no_alarm()
    {
        using var alarm = new ClockStepAlarm(); // that a step does ring it is tested in the virtual machine
        using var poller = new Poller();
        poller.Add(alarm.Descriptor, 1);

        Assert.Equal(0, poller.Wait(Duration.FromSeconds(0.05), _events));
        Assert.False(alarm.Drain());
    }
}
