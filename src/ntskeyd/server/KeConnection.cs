using System.Buffers;
using System.Net.Sockets;
using TimeSuite.Nts;
using TimeSuite.Nts.Tls;

namespace TimeSuite.Ntskeyd.Server;

/// <summary>One exchange with one client: a handshake, a request, a reply, and nothing else. All of it within the deadline.</summary>
internal static class KeConnection
{
    private const int BufferSize = 4_096;
    private const int MostReceived = 48 * 1_024; // octets of TLS: a ClientHello, its retry, a request, each at its longest

    /// <summary>Serves; the caller disposes of the socket.</summary>
    /// <returns>What came of it, for the counters.</returns>
    public static async Task<string> ServeAsync(Socket socket, KeTls tls, KeOffer offer, Func<NtsKeys, byte[]?> makeCookie, CancellationToken deadline)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize), request = ArrayPool<byte>.Shared.Rent(KeMessage.LongestRequest + 1);
        int received = 0, have = 0, length = 0;
        try
        {
            while (received < MostReceived)
            {
                int count = await socket.ReceiveAsync(buffer.AsMemory(0, BufferSize), deadline);
                if (count == 0)
                {
                    return tls.State == KeTlsState.Handshaking ? "cut-handshake" : "cut-request";
                }

                received += count;
                tls.Offer(buffer.AsSpan(0, count));
                for (int read; (read = tls.Read(request.AsSpan(have, KeMessage.LongestRequest + 1 - have))) > 0;)
                {
                    have += read;
                }

                var arrival = have == 0 ? KeArrival.Incomplete : KeMessage.Measure(request.AsSpan(0, have), KeMessage.LongestRequest, out length);
                string? outcome = tls.Fault switch
                {
                    KeTlsFault.None => null,
                    KeTlsFault.NoNtsKe => "no-ntske",
                    KeTlsFault.Refused => "refused-by-client",
                    _ => "bad-tls",
                };
                if (outcome is null && arrival == KeArrival.TooLong)
                {
                    tls.Finish();
                    outcome = "too-long";
                }
                else if (outcome is null && arrival == KeArrival.Complete)
                {
                    outcome = Name(KeServer.Answer(request.AsSpan(0, length), offer, tls.Export, makeCookie, out byte[] reply));
                    tls.Write(reply);
                    tls.Finish();
                }
                else if (outcome is null && tls.State == KeTlsState.Finished)
                {
                    outcome = "cut-request";
                }

                for (int taken; (taken = tls.Take(buffer.AsSpan(0, BufferSize))) > 0;)
                {
                    await SendAllAsync(socket, buffer.AsMemory(0, taken), deadline);
                }

                if (outcome is not null)
                {
                    await PartAsync(socket, buffer, deadline);
                    return outcome;
                }
            }

            return "too-long";
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
            ArrayPool<byte>.Shared.Return(request, clearArray: true);
        }
    }

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
        KeOutcome.NoProtocol => "no-protocol",
        KeOutcome.NoAead => "no-aead",
        KeOutcome.UnknownRecord => "unknown-record",
        KeOutcome.NoCookies => "no-cookies",
        _ => "bad-request",
    };
}
