using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using System.Net.Sockets;
using TimeSuite.Linux;

namespace TimeSuite.Rpc;

/// <summary>One connection that passed the gate. Its identity is the object: two connections of one process are two peers.</summary>
/// <param name="credentials">Who connected, by the kernel's word.</param>
/// <param name="gone">Fires when the connection closes, however it closes.</param>
public sealed class Peer(PeerCredentials credentials, CancellationToken gone)
{
    public PeerCredentials Credentials => credentials;

    public CancellationToken Gone => gone;
}

/// <summary>Turns strangers away from a Unix socket before a byte of theirs is parsed, and limits how many friends fit in.</summary>
/// <param name="admits">Whether this peer may talk at all; the socket is for questions about supplementary groups.</param>
/// <param name="refused">Told of each connection that was closed, and why.</param>
/// <param name="maxConnections">Connections in all.</param>
/// <param name="maxPerUid">Connections of one user.</param>
public sealed class PeerGate(
    Func<PeerCredentials, Socket, bool> admits, Action<PeerCredentials, string> refused, int maxConnections = 8, int maxPerUid = 2)
{
    private readonly Dictionary<uint, int> _connections = [];

    /// <summary>Puts the gate in front of everything that is parsed on <paramref name="listen"/>.</summary>
    /// <remarks>Connection middleware, below HTTP/2: a stranger's frames are never decoded.</remarks>
    public void Guard(ListenOptions listen) => listen.Use(next => async connection =>
    {
        var socket = connection.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket;
        var credentials = PeerCredentials.Of(socket);
        if (!admits(credentials, socket))
        {
            refused(credentials, "not admitted");
            return;
        }

        if (!TryEnter(credentials.Uid))
        {
            refused(credentials, "too many connections");
            return;
        }

        // Whichever comes first: after a flood of resets the rest of the pipeline may take long to notice that its connection is gone.
        int left = 0;
        await using var gone = connection.ConnectionClosed.Register(LeaveOnce);
        try
        {
            connection.Features.Set(new Peer(credentials, connection.ConnectionClosed));
            await next(connection);
        }
        finally
        {
            LeaveOnce();
        }

        void LeaveOnce()
        {
            if (Interlocked.Exchange(ref left, 1) == 0)
            {
                Leave(credentials.Uid);
            }
        }
    });

    private bool TryEnter(uint uid)
    {
        lock (_connections)
        {
            int own = _connections.GetValueOrDefault(uid);
            if (own >= maxPerUid || _connections.Values.Sum() >= maxConnections)
            {
                return false;
            }

            _connections[uid] = own + 1;
            return true;
        }
    }

    private void Leave(uint uid)
    {
        lock (_connections)
        {
            if (--_connections[uid] == 0)
            {
                _connections.Remove(uid);
            }
        }
    }
}
