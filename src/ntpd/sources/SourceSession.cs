using System.Security.Cryptography;
using TimeSuite.Config;
using TimeSuite.Discipline;
using TimeSuite.Linux;
using TimeSuite.Ntp;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Sources;

/// <summary>What a session asks of the loop that runs it.</summary>
internal interface ISessionHost
{
    /// <summary>Calls <paramref name="ready"/> whenever the socket has something, until <see cref="Unwatch"/>.</summary>
    void Watch(UdpSocket socket, Action ready);

    void Unwatch(UdpSocket socket);

    /// <summary>How much faster the system's clock runs than the raw one: for stamps.</summary>
    FrequencyOffset KernelRate { get; }

    void OnMeasured(SourceSession session, Exchange exchange);

    /// <summary>The server will not serve us any more.</summary>
    void OnGivenUp(SourceSession session, KissCode reason);

    /// <summary>The server says that it is not synchronised, or says so no longer.</summary>
    void OnSynchronizationChanged(SourceSession session);
}

/// <summary>One address of one source: an <see cref="Association"/> with its socket and its stamps.</summary>
internal sealed class SourceSession : IDisposable
{
    private const int LongestDatagram = 2048;
    private const int PollsInReach = 8;

    private readonly ISessionHost _host;
    private readonly Association _association;
    private readonly byte[] _buffer = new byte[LongestDatagram];
    private UdpSocket? _socket;
    private ulong _request; // the one that the socket was opened for
    private ClockTriple _beforeSend;
    private bool _stampSeen;

    public SourceSession(SourceId id, SourceConfig config, DatagramAddress address, Instant<Utc> floor, ISessionHost host, Instant<Raw> start)
    {
        (Id, Config, Address, _host) = (id, config, address, host);
        _association = new(OptionsFor(config, floor), RandomCookie, start);
    }

    public SourceId Id { get; }

    public SourceConfig Config { get; }

    public DatagramAddress Address { get; }

    public Association Association => _association;

    /// <summary>The last good exchange.</summary>
    public Exchange? Last { get; private set; }

    /// <summary>The newest reply said so: it gave no exchange.</summary>
    public bool SaysUnsynchronized { get; private set; }

    /// <summary>Why the last request could not be sent, in words; null if it could.</summary>
    public string? SendFailure { get; private set; }

    public Instant<Raw>? Due => _association.Due;

    /// <summary>What the discipline should know of this source beside its samples.</summary>
    public SourceState State(bool loop) => new()
    {
        Online = _association.IsOnline,
        Reachable = _association.Reach.IsReachable || _association.Counters.Sent < PollsInReach, // nobody is unreachable who was hardly asked
        Stratum = Last?.Stratum ?? 0,
        SaysUnsynchronized = SaysUnsynchronized,
        Leap = Last?.Leap switch { LeapIndicator.Insert => LeapSecond.Insert, LeapIndicator.Delete => LeapSecond.Delete, _ => LeapSecond.None },
        Loop = loop,
        GivenUp = _association.GivenUp is not null,
    };

    public void OnTimer(Instant<Raw> now) => CarryOut(_association.OnTimer(now));

    public void SetPoll(Duration interval) => CarryOut(_association.SetPoll(interval));

    public void SetOnline(bool online, Instant<Raw> now)
    {
        CarryOut(_association.SetOnline(online, now));
        if (!online)
        {
            CloseSocket();
        }
    }

    public void Burst(int good, int max) => CarryOut(_association.Burst(good, max));

    public void Dispose() => CloseSocket();

    private static ulong RandomCookie()
    {
        Span<byte> octets = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(octets);
        return BitConverter.ToUInt64(octets);
    }

    private static AssociationOptions OptionsFor(SourceConfig config, Instant<Utc> floor) => new()
    {
        Floor = floor,
        Version = config.Version,
        MinPoll = Duration.FromSeconds(Math.ScaleB(1, config.MinPoll)),
        MaxPoll = Duration.FromSeconds(Math.ScaleB(1, config.MaxPoll)),
        Iburst = config.Iburst,
        Burst = config.Burst,
        Interleaved = config.Interleaved,
        MaxDelay = config.MaxDelay,
        StampPatience = Duration.FromSeconds(0.05),
        Offline = config.Offline,
    };

    private void CarryOut(IReadOnlyList<AssociationAction> actions)
    {
        foreach (var action in actions)
        {
            switch (action)
            {
                case AssociationAction.Send send:
                    Send(send);
                    break;
                case AssociationAction.Measured measured:
                    SaysUnsynchronized = false;
                    Last = measured.Exchange;
                    _host.OnMeasured(this, measured.Exchange);
                    break;
                case AssociationAction.GiveUp giveUp:
                    _host.OnGivenUp(this, giveUp.Reason);
                    break;
                case AssociationAction.Refused { Reason: Refusal.Unsynchronized } when !SaysUnsynchronized:
                    SaysUnsynchronized = true;
                    _host.OnSynchronizationChanged(this);
                    break;
                case AssociationAction.WakeAt or AssociationAction.Refused:
                    break; // the loop asks for Due; refusals are counted in the association
            }
        }
    }

    /// <summary>A new socket for each request, and so a new port that an off-path forger has to guess (RFC 9109).</summary>
    private void Send(AssociationAction.Send send)
    {
        CloseSocket();
        try
        {
            _socket = UdpSocket.Open(new UdpSocketOptions
            {
                Local = LocalAddress(),
                Interface = Config.Interface,
                Dscp = Config.Dscp,
            });
            if (Config.Interface is { } wanted && !_socket.IsOnInterface)
            {
                SendFailure = $"no interface {wanted}, or no right to use it alone";
                CloseSocket();
                return;
            }

            var connected = _socket.Connect(Address);
            if (connected != DatagramOutcome.Done)
            {
                Fail(connected);
                return;
            }
        }
        catch (Exception exception) when (exception is System.Net.Sockets.SocketException or System.ComponentModel.Win32Exception)
        {
            SendFailure = exception.Message;
            CloseSocket();
            return;
        }

        _request = send.Request;
        _stampSeen = false;
        _host.Watch(_socket, OnReady);
        _beforeSend = Clocks.Read();
        var sent = _socket.Send(send.Datagram.Span);
        var after = Clocks.Read();
        if (sent != DatagramOutcome.Done)
        {
            Fail(sent);
            return;
        }

        SendFailure = null;
        var half = (after.Raw - _beforeSend.Raw).Half();
        var socket = _socket;
        CarryOut(_association.OnSent(send.Request, new Stamp(_beforeSend.Raw + half, StampSource.Daemon, half + after.HalfWidth)));
        if (socket == _socket)
        {
            TakeTransmitStamp(); // mostly there already, with the narrowest bracket it can have
        }
    }

    private DatagramAddress LocalAddress()
    {
        var any = Address.IsIpv6 ? System.Net.IPAddress.IPv6Any : System.Net.IPAddress.Any;
        var address = Config.SourceAddress is { } configured ? System.Net.IPAddress.Parse(configured) : any;
        return DatagramAddress.From(address, Config.SourcePort);
    }

    private void OnReady()
    {
        TakeTransmitStamp();
        while (_socket is { } socket)
        {
            var outcome = socket.TryReceive(_buffer, out var datagram);
            if (outcome == DatagramOutcome.WouldBlock)
            {
                return;
            }

            if (outcome != DatagramOutcome.Done)
            {
                Fail(outcome); // an ICMP error, which anybody can forge: the request stays open, the timer stays as it is
                return;
            }

            var now = Clocks.Read();
            if (datagram.IsTruncated)
            {
                continue;
            }

            var bracket = new StampBracket(_beforeSend, now, _host.KernelRate);
            var received = datagram.Stamp is { } stamp && bracket.Map(stamp, out var mapped) == StampRefusal.None
                ? new Stamp(mapped.At, StampSource.Kernel, mapped.Error)
                : new Stamp(now.Raw, StampSource.Daemon, Duration.FromSeconds(50e-6)); // woken within this, on a machine that is not overloaded
            CarryOut(_association.OnDatagram(_buffer.AsSpan(0, datagram.Length), received, now.Raw));
        }
    }

    private void TakeTransmitStamp()
    {
        while (!_stampSeen && _socket is { } socket && socket.TryReceiveTransmitStamp(out _, out var stamp))
        {
            var bracket = new StampBracket(_beforeSend, Clocks.Read(), _host.KernelRate);
            if (bracket.Map(stamp, out var mapped) == StampRefusal.None)
            {
                _stampSeen = true;
                CarryOut(_association.OnSent(_request, new Stamp(mapped.At, StampSource.Kernel, mapped.Error)));
            }
        }
    }

    private void Fail(DatagramOutcome outcome) => SendFailure = outcome switch
    {
        DatagramOutcome.Refused => "nobody listens on that port (ICMP)",
        DatagramOutcome.Unreachable => "no route",
        DatagramOutcome.Forbidden => "a local rule forbids it",
        DatagramOutcome.TooLong => "too long for the path",
        _ => "the socket's buffer is full",
    };

    private void CloseSocket()
    {
        if (_socket is { } socket)
        {
            _host.Unwatch(socket);
            socket.Dispose();
            _socket = null;
        }
    }
}
