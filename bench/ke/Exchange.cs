using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using TimeSuite.Linux;
using TimeSuite.Nts;
using TimeSuite.Nts.Tls;

namespace TimeSuite.KeBench;

/// <summary>What one key exchange gave.</summary>
internal sealed record Exchange(KeAnswer Answer, NtsKeys Keys)
{
    private static readonly KeCrypto s_crypto = KeCrypto.OpenSsl(RandomNumberGenerator.Fill, KeyAgreement.Begin);

    /// <summary>A whole key exchange with a server on loopback, whose certificate is not looked at.</summary>
    /// <returns>Null: it failed.</returns>
    public static async Task<Exchange?> HoldAsync(int port, NtsAead aead)
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(IPAddress.Loopback, port);
            using var tls = new KeTlsClient(s_crypto, "localhost", _ => null);
            byte[] buffer = new byte[8192], said = new byte[KeMessage.LongestSize];
            bool isAsked = false;
            for (int have = 0; ;)
            {
                if (!isAsked && tls.State == KeTlsState.Open)
                {
                    isAsked = tls.Write(KeClient.Request([aead], []));
                }

                for (int taken; (taken = tls.Take(buffer)) > 0;)
                {
                    await socket.SendAsync(buffer.AsMemory(0, taken));
                }

                for (int read; (read = tls.Read(said.AsSpan(have))) > 0;)
                {
                    have += read;
                }

                if (KeMessage.Measure(said.AsSpan(0, have), KeMessage.LongestSize, out int length) == KeArrival.Complete)
                {
                    return KeClient.TryRead(said.AsSpan(0, length), [aead], out var answer, out _)
                        ? new(answer, NtsKeys.Export(aead, answer.IsCompliant ? aead : NtsAead.AesSivCmac256, tls.Export)) : null;
                }

                int count = await socket.ReceiveAsync(buffer.AsMemory());
                if (count == 0 || tls.Fault != KeTlsFault.None)
                {
                    return null;
                }

                tls.Offer(buffer.AsSpan(0, count));
            }
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
