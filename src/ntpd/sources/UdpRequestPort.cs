using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using TimeSuite.Config;
using TimeSuite.Linux;
using TimeSuite.Ntp;
using TimeSuite.Ntpd.Clock;
using TimeSuite.Ntpd.Hardware;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Sources;

/// <summary>Requests over UDP sockets with the stamps of the kernel, or of the interface's hardware where there are both of an exchange. They are mapped to the raw oscillator.</summary>
/// <param name="config">Local address, port, interface, DSCP.</param>
/// <param name="server">Who is asked.</param>
/// <param name="listener">Takes what comes in.</param>
/// <param name="loop">Waits for it.</param>
/// <param name="kernelRate">How fast the clock of the kernel's stamps runs.</param>
/// <param name="hardware">Whose hardware stamps.</param>
internal sealed class UdpRequestPort(SourceConfig config, DatagramAddress server, IRequestListener listener, EventLoop loop, KernelRate kernelRate, HardwareStamps hardware) : IRequestPort
{
    private const int LongestDatagram = 2048, AddressNotAvailable = 99; // errno EADDRNOTAVAIL

    /// <summary>Woken within this, on a machine that is not overloaded.</summary>
    private static readonly Duration WakeUpError = Duration.FromSeconds(50e-6);

    private readonly byte[] _buffer = new byte[LongestDatagram];
    private UdpSocket? _socket;
    private ClockTriple _beforeSend;
    private bool _stampSeen;
    private readonly List<(StampingClock Clock, PhcReading Seen)> _looks = []; // before the request was sent
    private HardwareStamp _departed;

    public string? Send(ReadOnlySpan<byte> datagram, out Stamp sent)
    {
        sent = default;
        string? failure;
        try
        {
            failure = Open(out var socket) ?? Transmit(socket, datagram, out sent);
        }
        catch (Win32Exception missing) when (missing.NativeErrorCode == AddressNotAvailable && config.SourceAddress is not null)
        {
            failure = $"this machine does not have the address {config.SourceAddress}";
        }
        catch (Exception exception) when (exception is SocketException or Win32Exception)
        {
            failure = exception.Message;
        }

        if (failure is not null)
        {
            Close();
        }

        return failure;
    }

    public void Close()
    {
        if (_socket is { } socket)
        {
            loop.Unwatch(socket.Descriptor);
            socket.Dispose();
            _socket = null;
        }
    }

    public void Dispose() => Close();

    private string? Open(out UdpSocket socket)
    {
        Close();
        var any = server.IsIpv6 ? IPAddress.IPv6Any : IPAddress.Any;
        var local = config.SourceAddress is { } configured ? IPAddress.Parse(configured) : any;
        _socket = socket = UdpSocket.Open(new UdpSocketOptions
        {
            Local = DatagramAddress.From(local, config.SourcePort),
            Interface = config.Interface,
            Dscp = config.Dscp,
        });
        if (config.Interface is { } wanted && !socket.IsOnInterface)
        {
            return $"no interface {wanted}, or no right to use it alone";
        }

        var connected = socket.Connect(server);
        if (connected != DatagramOutcome.Done)
        {
            return Words(connected);
        }

        socket.StampByHardware(hardware.IsWanted);
        loop.Watch(socket.Descriptor, OnReady);
        return null;
    }

    private string? Transmit(UdpSocket socket, ReadOnlySpan<byte> datagram, out Stamp sent)
    {
        (_stampSeen, _departed) = (false, default);
        hardware.Look(_looks);
        _beforeSend = Clocks.Read();
        var outcome = socket.Send(datagram);
        var after = Clocks.Read();
        var half = (after.Raw - _beforeSend.Raw).Half();
        sent = new Stamp(_beforeSend.Raw + half, StampSource.Daemon, half + after.HalfWidth);
        if (outcome == DatagramOutcome.Done && TryTakeTransmitStamp(after, out var better))
        {
            sent = better; // mostly there already, with the narrowest bracket it can have
        }

        return outcome == DatagramOutcome.Done ? null : Words(outcome);
    }

    private void OnReady()
    {
        if (TryTakeTransmitStamp(Clocks.Read(), out var sent))
        {
            listener.OnTransmitted(sent);
        }

        while (_socket is { } socket)
        {
            var outcome = socket.TryReceive(_buffer, out var datagram);
            if (outcome == DatagramOutcome.WouldBlock)
            {
                return;
            }

            if (outcome != DatagramOutcome.Done)
            {
                listener.OnFailure(Words(outcome)); // the request stays open, the timer stays as it is
                return;
            }

            if (datagram.IsTruncated)
            {
                continue;
            }

            var now = Clocks.Read();
            var bracket = new StampBracket(_beforeSend, now, kernelRate.Value);
            var received = TakeHardwareStamps(datagram.Hardware, out var departed) is { } exact ? exact : datagram.Stamp is { } stamp && bracket.Map(stamp, out var mapped) == StampRefusal.None
                ? new Stamp(mapped.At, StampSource.Kernel, mapped.Error)
                : new Stamp(now.Raw, StampSource.Daemon, WakeUpError);
            if (received.Source == StampSource.Hardware)
            {
                listener.OnTransmitted(departed);
            }

            listener.OnDatagram(_buffer.AsSpan(0, datagram.Length), received, now.Raw);
        }
    }

    private bool TryTakeTransmitStamp(in ClockTriple now, out Stamp sent)
    {
        sent = default;

        // All that there are, for one that stays wakes the loop without end: a packet that goes on over a bridge is stamped at each device. The first is when it left here.
        while (_socket is { } socket && socket.TryReceiveTransmitStamp(out _, out var stamp, out var byHardware))
        {
            _departed = byHardware.IsKnown ? byHardware : _departed;
            if (!_stampSeen && stamp is { } kernels && new StampBracket(_beforeSend, now, kernelRate.Value).Map(kernels, out var mapped) == StampRefusal.None)
            {
                _stampSeen = true;
                sent = new Stamp(mapped.At, StampSource.Kernel, mapped.Error);
            }
        }

        return sent.Source == StampSource.Kernel;
    }

    /// <summary>The two stamps of an exchange by the hardware: it is both or none, for the kernel's are later by what the machine takes, each its own way.</summary>
    /// <param name="arrived">The reply's.</param>
    /// <param name="sent">The request's.</param>
    /// <returns>The reply's, mapped.</returns>
    private Stamp? TakeHardwareStamps(HardwareStamp arrived, out Stamp sent)
    {
        sent = default;
        if (!arrived.IsKnown || !_departed.IsKnown || hardware.Of(arrived.Interface) is not { } clock || !clock.TryLook(out var now))
        {
            return null;
        }

        foreach (var (looked, seen) in _looks)
        {
            var bracket = new StampBracket<Phc>(seen.Pair, now.Pair, clock.Rate);
            if (looked == clock && bracket.Map(_departed.At, out var left) == StampRefusal.None && bracket.Map(arrived.At, out var came) == StampRefusal.None)
            {
                sent = new(left.At, StampSource.Hardware, left.Error);
                return new(came.At, StampSource.Hardware, came.Error);
            }
        }

        return null;
    }

    private static string Words(DatagramOutcome outcome) => outcome switch
    {
        DatagramOutcome.Refused => "nobody listens on that port (ICMP)",
        DatagramOutcome.Unreachable => "no route",
        DatagramOutcome.Forbidden => "a local rule forbids it",
        DatagramOutcome.TooLong => "too long for the path",
        _ => "the socket's buffer is full",
    };
}
