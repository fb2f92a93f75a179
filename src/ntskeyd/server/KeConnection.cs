using System.Buffers;
using System.Net.Sockets;
using TimeSuite.Nts;
using TimeSuite.Nts.Tls;

namespace TimeSuite.Ntskeyd.Server;

/// <summary>One exchange with one client: a handshake, a request, a reply, and nothing else, all of it within the deadline. Only a pool that has shown its token may go on and ask more.</summary>
/// <param name="socket">Accepted; the caller disposes of it.</param>
/// <param name="tls">Our end, nothing said yet.</param>
/// <param name="offer">Ours.</param>
/// <param name="makeCookie">As <see cref="KeServer.Answer"/> wants it.</param>
/// <param name="kept">Called with what came of each request behind which the connection was kept.</param>
internal sealed class KeConnection(Socket socket, KeTls tls, KeOffer offer, Func<NtsKeys, byte[]?> makeCookie, Action<string> kept)
{
    private const string PoolLeft = "pool-left";
    private const int BufferSize = 4_096;
    private const int MostReceived = 48 * 1_024; // octets of TLS: a ClientHello, its retry, a request, each at its longest

    /// <summary>How long a pool's connection may lie idle.</summary>
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(60);

    /// <summary>How long it may take to hang up after that.</summary>
    private static readonly TimeSpan s_parting = TimeSpan.FromSeconds(2);

    private int _have; // octets of the request so far
    private bool _isKept, _wasKept; // behind the last request, behind any

    /// <summary>Serves.</summary>
    /// <param name="deadline">Of the exchange; set anew where the connection is kept.</param>
    /// <returns>What came of it, for the counters.</returns>
    public async Task<string> ServeAsync(CancellationTokenSource deadline)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize), request = ArrayPool<byte>.Shared.Rent(KeMessage.LongestRequest + 1);
        try
        {
            for (int received = 0; received < MostReceived;)
            {
                int count = await socket.ReceiveAsync(buffer.AsMemory(0, BufferSize), deadline.Token);
                if (count == 0)
                {
                    return tls.State == KeTlsState.Handshaking ? "cut-handshake" : Cut();
                }

                received += count;
                tls.Offer(buffer.AsSpan(0, count));
                var (outcome, isKept) = GoOn(request);
                for (; isKept; (outcome, isKept) = GoOn(request))
                {
                    kept(outcome!);
                    deadline.CancelAfter(s_idle);
                    received = 0;
                }

                try
                {
                    for (int taken; (taken = tls.Take(buffer.AsSpan(0, BufferSize))) > 0;)
                    {
                        await SendAllAsync(socket, buffer.AsMemory(0, taken), deadline.Token);
                    }

                    if (outcome is not null)
                    {
                        if (_wasKept)
                        {
                            deadline.CancelAfter(s_parting);
                        }

                        await PartAsync(socket, buffer, deadline.Token);
                    }
                }
                catch (SocketException) when (tls.Fault != KeTlsFault.None)
                {
                    // Who is refused need not stay to hear why.
                }

                if (outcome is not null)
                {
                    return outcome;
                }
            }

            return "too-long";
        }
        catch (OperationCanceledException) when (_isKept)
        {
            return PoolLeft;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
            ArrayPool<byte>.Shared.Return(request, clearArray: true);
        }
    }

    /// <summary>Goes as far as what has come reaches.</summary>
    /// <param name="request">What the client has said so far.</param>
    /// <returns>What came of the exchange; null: there is more to come. Whether it was a request behind which another may follow.</returns>
    private (string? Outcome, bool IsKept) GoOn(byte[] request)
    {
        for (int read; (read = tls.Read(request.AsSpan(_have, KeMessage.LongestRequest + 1 - _have))) > 0;)
        {
            _have += read;
        }

        if (tls.Fault != KeTlsFault.None)
        {
            return (tls.Fault switch { KeTlsFault.NoNtsKe => "no-ntske", KeTlsFault.Refused => "refused-by-client", _ => "bad-tls" }, false);
        }

        int length = 0;
        switch (_have == 0 ? KeArrival.Incomplete : KeMessage.Measure(request.AsSpan(0, _have), KeMessage.LongestRequest, out length))
        {
            case KeArrival.TooLong:
                tls.Finish();
                return ("too-long", false);
            case KeArrival.Complete:
                var reply = KeServer.Answer(request.AsSpan(0, length), offer, _wasKept ? null : tls.Export, makeCookie);
                tls.Write(reply.Message);
                _have -= length;
                request.AsSpan(length, _have).CopyTo(request);
                request.AsSpan(_have, length).Clear(); // it may have held keys
                _isKept = reply.IsKept;
                _wasKept |= _isKept;
                if (!_isKept)
                {
                    tls.Finish();
                }

                return (Name(reply.Outcome), _isKept);
            default:
                return (tls.State == KeTlsState.Finished ? Cut() : null, false);
        }
    }

    private string Cut() => _isKept && _have == 0 ? PoolLeft : "cut-request";

    public static async Task SendAllAsync(Socket socket, ReadOnlyMemory<byte> octets, CancellationToken deadline)
    {
        while (!octets.IsEmpty)
        {
            octets = octets[await socket.SendAsync(octets, deadline)..];
        }
    }

    /// <summary>Waits for the client to hang up: a socket that is closed with octets unread takes the reply with it.</summary>
    private static async Task PartAsync(Socket socket, byte[] buffer, CancellationToken deadline)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
            for (int rest = MostReceived, count = 1; count > 0 && rest > 0; rest -= count)
            {
                count = await socket.ReceiveAsync(buffer.AsMemory(0, BufferSize), deadline);
            }
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            // It has had its reply, or does not want it.
        }
    }

    private static string Name(KeOutcome outcome) => outcome switch
    {
        KeOutcome.Served => "served",
        KeOutcome.ServedPool => "served-pool",
        KeOutcome.Told => "told-pool",
        KeOutcome.NoProtocol => "no-protocol",
        KeOutcome.NoAead => "no-aead",
        KeOutcome.UnknownRecord => "unknown-record",
        KeOutcome.NoCookies => "no-cookies",
        _ => "bad-request",
    };
}
