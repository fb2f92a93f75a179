using System.ComponentModel;
using System.Net;
using TimeSuite.Linux;
using TimeSuite.Ntpd.Serving;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Tests;

public sealed class ServedSocketsTests : IDisposable
{
    private readonly LogLines<ServedSockets> _log = new();
    private readonly ServedSockets _sockets;

    public ServedSocketsTests() => _sockets = new([], ConfinedRight.None, _log);

    public void Dispose() => _sockets.Dispose();

    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 3)]
    public void More_threads_get_more_sockets_and_the_old_ones_stay_open(int before, int after)
    {
        string endpoint = Free();
        var first = _sockets.Open(endpoint, before).ToArray();

        var second = _sockets.Open(endpoint, after);

        Assert.Equal(after, second.Count);
        Assert.Equal(first, second.Take(before));
        Assert.Equal(after, Heard(endpoint, second).Distinct().Count()); // each gets a part of the clients
    }

    [Fact]
    public void Whom_a_rate_limit_takes_for_one_client_comes_to_one_thread_from_then_on()
    {
        string endpoint = Free();
        var sockets = _sockets.Open(endpoint, 3);

        _sockets.TellApart(new(Ipv4: 24, Ipv6: 48));

        Assert.Single(Heard(endpoint, sockets).Distinct());
        _sockets.TellApart(new(Ipv4: 32, Ipv6: 64));
        Assert.Equal(3, Heard(endpoint, sockets).Distinct().Count());
    }

    [Fact]
    public void Fewer_threads_leave_all_sockets_open_for_what_waits_in_them()
    {
        string endpoint = Free();
        var first = _sockets.Open(endpoint, 3).ToArray();

        Assert.Equal(first, _sockets.Open(endpoint, 1));
    }

    [Fact]
    public void What_is_not_kept_is_closed()
    {
        string gone = Free(), stays = Free();
        _sockets.Open(gone, 2);
        var kept = _sockets.Open(stays, 1)[0];

        _sockets.Keep([stays]);

        using var another = UdpSocket.Open(new() { Local = DatagramAddress.From(IPEndPoint.Parse(gone).Address, IPEndPoint.Parse(gone).Port) });
        Assert.False(kept.Descriptor.IsClosed);
    }

    [Theory]
    [InlineData("192.0.2.123")]
    [InlineData("[2001:db8::123]")]
    public void An_address_that_the_machine_is_yet_to_get_is_bound_at_once_and_the_log_says_so(string address)
    {
        string endpoint = $"{address}:{IPEndPoint.Parse(Free()).Port}";

        var sockets = _sockets.Open(endpoint, 2);

        Assert.All(sockets, socket => Assert.True(socket.AwaitsItsAddress));
        Assert.Equal([$"This machine does not have the address of {endpoint} yet; it is served as soon as it does"], _log.Texts);
    }

    [Fact]
    public void A_port_that_somebody_has_is_tried_again()
    {
        string endpoint = Free();
        using var other = UdpSocket.Open(new() { Local = DatagramAddress.From(IPEndPoint.Parse(endpoint).Address, IPEndPoint.Parse(endpoint).Port) });

        var refusal = Assert.Throws<Win32Exception>(() => _sockets.Open(endpoint, 2));

        Assert.Equal("bind: Address already in use; ntpd tries again each minute", refusal.Message);
    }

    [RootFact]
    public void A_low_port_without_the_right_is_refused_with_what_to_do_and_old_sockets_are_shared_by_new_threads()
    {
        if (PrivilegedPorts.End <= 1)
        {
            return; // a container that lets everybody
        }

        int port = PrivilegedPorts.End - 2;
        string opened = $"127.78.1.1:{port}", late = $"127.78.1.2:{port}";
        _sockets.Open(opened, 1);
        Win32Exception? refusal = null;
        IReadOnlyList<UdpSocket> shared = [];
        var powerless = new Thread(() =>
        {
            Capabilities.GiveUp(Capabilities.NetBindService);
            shared = _sockets.Open(opened, 2);
            refusal = Record.Exception(() => _sockets.Open(late, 1)) as Win32Exception;
        });
        powerless.Start();
        powerless.Join();

        Assert.Equal($"bind: Permission denied; ntpd can bind ports below {PrivilegedPorts.End} at its start only, with CAP_NET_BIND_SERVICE: restart it; under systemd: systemctl daemon-reload && systemctl restart timesuite.target, so that timesuite-ntpd.socket, made anew, hands the port over", refusal?.Message);
        Assert.Single(shared);
        Assert.Equal([$"{opened}: 2 threads share 1 sockets, and rates count for each thread apart, until ntpd is restarted (bind: Permission denied)"], _log.Texts);
    }

    private static string Free()
    {
        using var socket = UdpSocket.Open(new() { Local = DatagramAddress.From(IPAddress.Loopback, 0) });
        return socket.Local.ToString();
    }

    /// <summary>Which socket each of 100 clients comes to.</summary>
    private static IEnumerable<int> Heard(string endpoint, IReadOnlyList<UdpSocket> sockets)
    {
        var server = IPEndPoint.Parse(endpoint);
        var buffer = new byte[8];
        using var arrivals = new Poller();
        foreach (var socket in sockets)
        {
            arrivals.Add(socket.Descriptor, 1);
        }

        for (byte number = 1; number <= 100; number++)
        {
            using var client = UdpSocket.Open(new() { Local = DatagramAddress.From(new IPAddress([127, 1, 1, number]), 0) });
            client.SendTo([number], DatagramAddress.From(server.Address, server.Port));
            arrivals.Wait(Duration.FromSeconds(10L), new PollEvent[1]); // over loopback it is there when SendTo returns, but not on a machine whose ksoftirqd is behind
            yield return Enumerable.Range(0, sockets.Count).First(index => sockets[index].TryReceive(buffer, out _) == DatagramOutcome.Done);
        }
    }
}
