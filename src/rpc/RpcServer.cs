using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TimeSuite.Linux;

namespace TimeSuite.Rpc;

/// <summary>A Unix socket that a daemon serves gRPC on.</summary>
/// <param name="Path">Where; a stale socket of ours that nobody listens on is replaced.</param>
/// <param name="Mode">Permissions of the socket, e.g. 0666 for status and 0660 for control.</param>
/// <param name="Gate">Who is let in.</param>
/// <param name="Handed">The socket, if the service manager has opened it: then path and mode are its unit's. Null: we bind it.</param>
public sealed record RpcEndpoint(string Path, UnixFileMode Mode, PeerGate Gate, Descriptor? Handed = null)
{
    /// <summary>Root and the socket's group.</summary>
    public const UnixFileMode Group = UnixSocketFile.Group;

    /// <summary>Whoever is on this machine; the gate judges.</summary>
    public const UnixFileMode Everybody = UnixSocketFile.Everybody;
}

/// <summary>Kestrel with nothing in it but gRPC on Unix sockets.</summary>
public static class RpcServer
{
    private const int LongestPath = 107; // octets: sun_path of unix(7), and a zero

    /// <summary>A builder of the smallest server there is: no configuration files, no watchers, no environment. Add services, then <see cref="Build"/>.</summary>
    /// <param name="loggers">Where the daemon's own lines go.</param>
    /// <param name="maxMessage">Longest message taken in, octets.</param>
    public static WebApplicationBuilder CreateBuilder(ILoggerFactory loggers, int maxMessage)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "timesuite" });
        builder.Services.AddSingleton(loggers);
        builder.Services.AddRoutingCore();
        builder.Services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = maxMessage;
            grpc.EnableDetailedErrors = false;
        });
        return builder;
    }

    /// <summary>Binds nothing yet; <c>StartAsync</c> does.</summary>
    /// <param name="builder">From <see cref="CreateBuilder"/>.</param>
    /// <param name="endpoints">The sockets.</param>
    /// <param name="maxStreams">Concurrent calls on one connection.</param>
    /// <exception cref="IOException">A socket's path is too long, or another instance listens there.</exception>
    public static WebApplication Build(WebApplicationBuilder builder, IReadOnlyList<RpcEndpoint> endpoints, int maxStreams)
    {
        // Handlers that never block run on the thread that received: no queue, no second thread to wake for each message.
        builder.WebHost.UseKestrelCore().UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true).ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null; // streams live for months; single messages are limited above
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.Http2.MaxStreamsPerConnection = maxStreams;
            kestrel.Limits.Http2.InitialConnectionWindowSize = 65_535;
            kestrel.Limits.Http2.InitialStreamWindowSize = 65_535;
            foreach (var endpoint in endpoints)
            {
                if (endpoint.Handed is { } handed)
                {
                    kestrel.ListenHandle((ulong)handed.Number, listen => Guard(endpoint, listen));
                    continue;
                }

                int length = Encoding.UTF8.GetByteCount(endpoint.Path);
                if (length > LongestPath)
                {
                    throw new IOException($"{endpoint.Path}: {length} octets are too long for a socket's path; at most {LongestPath} will do: use a shorter --runtime-dir");
                }

                UnixSocketFile.RemoveStale(endpoint.Path, SocketType.Stream);
                kestrel.ListenUnixSocket(endpoint.Path, listen => Guard(endpoint, listen));
            }
        });
        return builder.Build();

        static void Guard(RpcEndpoint endpoint, ListenOptions listen)
        {
            listen.Protocols = HttpProtocols.Http2;
            endpoint.Gate.Guard(listen);
        }
    }

    /// <summary>Starts the server and gives its sockets their permissions.</summary>
    /// <remarks>The sockets are made under umask 077 (see Daemon), so nobody gets in before their mode is set.</remarks>
    public static async Task StartAsync(WebApplication server, IReadOnlyList<RpcEndpoint> endpoints, CancellationToken cancel)
    {
        await server.StartAsync(cancel);
        foreach (var endpoint in endpoints.Where(endpoint => endpoint.Handed is null))
        {
            File.SetUnixFileMode(endpoint.Path, endpoint.Mode);
        }
    }
}
