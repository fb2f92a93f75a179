using System.ComponentModel;
using Microsoft.Extensions.Logging;
using TimeSuite.Linux;

namespace TimeSuite.Ntpd.Serving;

/// <summary>Sockets of one address, one for each thread if there are as many; fewer are shared by the threads.</summary>
/// <param name="Endpoint">The address and port that they have.</param>
/// <param name="Sockets">In the order in which they were bound.</param>
internal sealed record HandedGroup(string Endpoint, IReadOnlyList<UdpSocket> Sockets);

/// <summary>The sockets that the service manager has opened for serving time: those with FileDescriptorName=ntp. See systemd.socket(5).</summary>
/// <remarks>They are kept for the life of the process, whether they are served or not: once closed, they could not be had again.</remarks>
internal sealed partial class HandedSockets : IDisposable
{
    public const string Name = "ntp";

    private HandedSockets(IReadOnlyList<HandedGroup> groups) => Groups = groups;

    public IReadOnlyList<HandedGroup> Groups { get; }

    /// <summary>Takes what is ours; what is no UDP socket is closed with a warning.</summary>
    public static HandedSockets Take(ListenFds handed, ILogger<HandedSockets> log)
    {
        var sockets = new List<UdpSocket>();
        while (handed.Take(Name) is { } descriptor)
        {
            try
            {
                sockets.Add(UdpSocket.Adopt(descriptor, serves: true));
            }
            catch (Win32Exception exception)
            {
                LogUnusable(log, exception.Message);
                descriptor.Dispose();
            }
        }

        foreach (string other in handed.Names.Distinct().Where(name => !name.EndsWith(".sock", StringComparison.Ordinal))) // those are for gRPC
        {
            LogUnknown(log, other, Name);
        }

        var groups = sockets.GroupBy(socket => socket.Local.ToString()).Select(group => new HandedGroup(group.Key, [.. group])).ToList();
        foreach (var group in groups.Where(group => group.Sockets.Count > 1))
        {
            try
            {
                group.Sockets[0].SteerByClient(group.Sockets.Count);
            }
            catch (Win32Exception exception)
            {
                LogNotSteered(log, group.Endpoint, exception.Message);
            }
        }

        return new(groups);
    }

    public void Dispose()
    {
        foreach (var socket in Groups.SelectMany(group => group.Sockets))
        {
            socket.Dispose();
        }
    }

    [LoggerMessage(LogLevel.Warning, "A socket of the service manager is of no use: {Reason}")]
    private static partial void LogUnusable(ILogger log, string reason);

    [LoggerMessage(LogLevel.Warning, "The service manager has handed over a socket named {Name}; only those with FileDescriptorName={Known} are used")]
    private static partial void LogUnknown(ILogger log, string name, string known);

    [LoggerMessage(LogLevel.Warning, "{Endpoint}: requests of one client come to several threads, and rates count for each apart ({Reason}). Does its unit have ReusePort=yes?")]
    private static partial void LogNotSteered(ILogger log, string endpoint, string reason);
}
