using Microsoft.Extensions.Logging;
using TimeSuite.Linux;
using TimeSuite.Ntp;

namespace TimeSuite.Ntpd.Serving;

/// <summary>The sockets that time is served on. They outlive a server, so that one with other threads answers what has come meanwhile, and needs no right to its port.</summary>
/// <param name="handed">Of the service manager: if there are any, they are served and no others, and they are not closed here.</param>
/// <param name="right">To ports that not everybody may bind.</param>
/// <param name="log">For what is opened and is not as one would expect.</param>
internal sealed partial class ServedSockets(IReadOnlyList<HandedGroup> handed, ConfinedRight right, ILogger<ServedSockets> log) : IDisposable
{
    private readonly Dictionary<string, List<UdpSocket>> _own = [];
    private ClientBits _clients = new(ServicePolicy.Open.Ipv4Bits, ServicePolicy.Open.Ipv6Bits);

    /// <summary>The addresses to serve where these are configured.</summary>
    public IReadOnlyList<string> Choose(IEnumerable<string> configured) =>
        [.. handed.Count > 0 ? handed.Select(group => group.Endpoint) : configured.Distinct()];

    /// <summary>What makes one client from now on: all that it sends is given to one thread, which counts it.</summary>
    public void TellApart(ClientBits clients)
    {
        if (clients == _clients)
        {
            return;
        }

        _clients = clients;
        foreach (var (endpoint, sockets) in _own.Select(own => (own.Key, (IReadOnlyList<UdpSocket>)own.Value)).Concat(handed.Select(group => (group.Endpoint, group.Sockets))))
        {
            try
            {
                if (sockets.Count > 1)
                {
                    sockets[0].SteerByClient(sockets.Count, clients.Ipv4, clients.Ipv6);
                }
            }
            catch (System.ComponentModel.Win32Exception exception)
            {
                LogNotSteered(log, endpoint, exception.Message);
            }
        }
    }

    /// <summary>Those of an address, opened where they are missing. As many as there are threads, or more, or fewer, which are to be shared.</summary>
    /// <param name="endpoint">One that <see cref="Choose"/> has named.</param>
    /// <param name="threads">That will serve them.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">There is none, and none can be had; what can be done about it is in the message.</exception>
    public IReadOnlyList<UdpSocket> Open(string endpoint, int threads)
    {
        if (handed.FirstOrDefault(group => group.Endpoint == endpoint) is { } group)
        {
            return group.Sockets;
        }

        var point = ListenPoint.Parse(endpoint);
        if (_own.TryGetValue(endpoint, out var open))
        {
            Grow(point, open, threads);
            return open;
        }

        List<UdpSocket> sockets;
        try
        {
            sockets = right.Run(() => point.Open(threads, _clients));
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new System.ComponentModel.Win32Exception(exception.NativeErrorCode, $"{exception.Message}; {Remedy(point)}");
        }

        _own.Add(endpoint, sockets);
        if (sockets[0].AwaitsItsAddress)
        {
            LogAwaited(log, endpoint);
        }

        return sockets;
    }

    /// <summary>Closes those of all other addresses.</summary>
    public void Keep(IReadOnlyCollection<string> endpoints)
    {
        foreach (string gone in _own.Keys.Except(endpoints).ToList())
        {
            _own[gone].ForEach(socket => socket.Dispose());
            _own.Remove(gone);
        }
    }

    public void Dispose() => Keep([]);

    private void Grow(ListenPoint point, List<UdpSocket> open, int threads)
    {
        if (open.Count >= threads)
        {
            return; // none too many is closed: what waits in it would be lost
        }

        try
        {
            right.Run(() => point.Join(open, threads, _clients));
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            LogShared(log, point.Text, open.Count, threads, exception.Message);
        }
    }

    private string Remedy(ListenPoint point)
    {
        int free = PrivilegedPorts.End;
        return point.Local.Port >= free || right.IsHeld || Capabilities.Read().Has(Capabilities.NetBindService)
            ? "ntpd tries again each minute"
            : FormattableString.Invariant($"ntpd can bind ports below {free} at its start only, with CAP_NET_BIND_SERVICE: restart it; under systemd: systemctl daemon-reload && systemctl restart timesuite.target, so that timesuite-ntpd.socket, made anew, hands the port over");
    }

    [LoggerMessage(LogLevel.Warning, "{Endpoint}: requests of one client come to several threads, and rates count for each apart ({Reason})")]
    private static partial void LogNotSteered(ILogger log, string endpoint, string reason);

    [LoggerMessage(LogLevel.Warning, "This machine does not have the address of {Endpoint} yet; it is served as soon as it does")]
    private static partial void LogAwaited(ILogger log, string endpoint);

    [LoggerMessage(LogLevel.Warning, "{Endpoint}: {Threads} threads share {Sockets} sockets, and rates count for each thread apart, until ntpd is restarted ({Reason})")]
    private static partial void LogShared(ILogger log, string endpoint, int sockets, int threads, string reason);
}
