using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using TimeSuite.Time;

namespace TimeSuite.Linux;

/// <summary>Tells the service manager how we are: sd_notify(3), without libsystemd. Without a service manager it does nothing.</summary>
public sealed class Readiness : IDisposable
{
    private readonly Socket? _socket;
    private readonly UnixDomainSocketEndPoint? _manager;
    private Instant<Boot>? _sign;

    /// <param name="socket">NOTIFY_SOCKET: a path, or @ and an abstract name. Absent or empty: nobody listens.</param>
    /// <param name="watchdogInterval">How often a sign of life is due; absent: never.</param>
    public Readiness(string? socket, Duration? watchdogInterval)
    {
        WatchdogInterval = watchdogInterval;
        if (!string.IsNullOrEmpty(socket))
        {
            _manager = new(socket[0] == '@' ? string.Concat("\0", socket.AsSpan(1)) : socket);
            _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
        }
    }

    /// <summary>Within this time the manager wants a sign of life. Absent: no watchdog.</summary>
    public Duration? WatchdogInterval { get; }

    /// <summary>From NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, which are then removed: children must not speak for us.</summary>
    public static Readiness FromEnvironment()
    {
        string? socket = EnvironmentVariables.Take("NOTIFY_SOCKET");
        string? pid = EnvironmentVariables.Take("WATCHDOG_PID");
        string? interval = EnvironmentVariables.Take("WATCHDOG_USEC");
        bool isForUs = string.IsNullOrEmpty(pid) || pid == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        bool isNumber = long.TryParse(interval, NumberStyles.None, CultureInfo.InvariantCulture, out long microseconds);
        bool hasWatchdog = isForUs && isNumber && microseconds is > 0 and < long.MaxValue / 1000;
        return new(socket, hasWatchdog ? Duration.FromNanoseconds(microseconds * 1000) : null);
    }

    /// <summary>Start-up, or a reload, is complete.</summary>
    public void Ready() => Notify("READY=1");

    /// <summary>The configuration is being read again; <see cref="Ready"/> ends it.</summary>
    /// <param name="monotonic">CLOCK_MONOTONIC now, as the manager wants to know (Type=notify-reload).</param>
    public void Reloading(Duration monotonic) =>
        Notify(string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={monotonic.Nanoseconds / 1000}"));

    /// <summary>Shutting down has begun.</summary>
    public void Stopping() => Notify("STOPPING=1");

    /// <summary>For a daemon's main loop, once each round: gives a sign of life, and says how long the loop may wait before the next.</summary>
    /// <param name="wanted">How long it would wait by itself; null: without end.</param>
    /// <returns>The shorter of the two; null if nobody wants signs of life and the loop would wait without end.</returns>
    [return: NotNullIfNotNull(nameof(wanted))]
    public Duration? WatchdogWait(Duration? wanted)
    {
        if (WatchdogInterval is not { } interval)
        {
            return wanted;
        }

        var half = interval.Half();
        var now = Clocks.Boot();
        if (_sign is not { } last || now - last >= half)
        {
            Notify("WATCHDOG=1");
            _sign = now;
        }

        var left = half - (now - _sign.Value);
        return wanted is { } asked && asked < left ? asked : left;
    }

    /// <summary>One line for <c>systemctl status</c>.</summary>
    public void Status(string text) => Notify($"STATUS={text.ReplaceLineEndings(" ")}");

    /// <inheritdoc/>
    public void Dispose() => _socket?.Dispose();

    private void Notify(string message)
    {
        if (_socket is null)
        {
            return;
        }

        try
        {
            _socket.SendTo(Encoding.UTF8.GetBytes(message), _manager!);
        }
        catch (SocketException)
        {
            // The manager restarts or its queue is full: time keeping does not depend on being heard.
        }
    }
}
