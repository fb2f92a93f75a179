using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using TimeSuite.Linux;
using TimeSuite.Nts;
using TimeSuite.Nts.Tls;
using TimeSuite.Ntskeyd.Server;

namespace TimeSuite.Ntskeyd.Client;

/// <summary>With whom keys are to be exchanged, and how it is known that it is them: VerifyAt is the time in whose light the period of the certificates is judged; null: it is not.</summary>
internal sealed record ExchangeOrder(
    string Host, int Port, IReadOnlyList<NtsAead> Aeads, string TrustAnchors, IReadOnlyList<byte[]> Pins, int AddressFamily, IReadOnlyList<string> Have, Instant<Utc>? VerifyAt);

/// <summary>Why there was no exchange.</summary>
internal enum ExchangeFault
{
    /// <summary>Nobody there, or the connection broke: worth trying again.</summary>
    Unreachable,

    /// <summary>The certificate is not to be trusted.</summary>
    Untrusted,

    /// <summary>The certificate would be trusted at another time.</summary>
    OutOfPeriod,

    /// <summary>It speaks no NTS that we can.</summary>
    NoNts,

    /// <summary>The order itself is wrong, e.g. a file that does not exist.</summary>
    BadOrder,
}

/// <summary>Says why, in a sentence.</summary>
internal sealed class ExchangeException(ExchangeFault fault, string message) : Exception(message)
{
    public ExchangeFault Fault => fault;
}

/// <summary>What an exchange has given. Whoever has it disposes of it.</summary>
/// <param name="Address">Where it was held.</param>
/// <param name="Answer">The server's.</param>
/// <param name="Keys">As both ends have agreed.</param>
/// <param name="Others">Of AEAD 30 without record 1024: those that the standard means.</param>
/// <param name="Trust">Knows the period of the certificates.</param>
internal sealed record Exchanged(IPAddress Address, KeAnswer Answer, NtsKeys Keys, NtsKeys? Others, ChainTrust Trust) : IDisposable
{
    public void Dispose()
    {
        Keys.Dispose();
        Others?.Dispose();
    }
}

/// <summary>Exchanges keys as a client (RFC 8915 section 4).</summary>
/// <param name="crypto">Primitives.</param>
/// <param name="find">Finds addresses.</param>
/// <param name="log">Of lists that are out of date.</param>
internal sealed partial class KeyExchange(KeCrypto crypto, FindAddresses find, ILogger log)
{
    private const int BufferSize = 4_096, LongestList = 16 << 20;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    /// <summary>Files with lists of revoked certificates, read at each exchange.</summary>
    public IReadOnlyList<string> RevocationLists { get; set; } = [];

    /// <exception cref="ExchangeException">There was none.</exception>
    /// <exception cref="OperationCanceledException">The caller has gone.</exception>
    public async Task<Exchanged> HoldAsync(ExchangeOrder order, CancellationToken cancel)
    {
        var trust = new ChainTrust(order.Host, ReadAnchors(order.TrustAnchors), order.Pins, ReadRevoked(order.VerifyAt), order.VerifyAt);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(s_limit);
        try
        {
            using var socket = await Dialler.ConnectAsync(order.Host, order.Port, order.AddressFamily, find, deadline.Token);
            var address = ((IPEndPoint)socket.RemoteEndPoint!).Address;
            using var tls = new KeTlsClient(crypto, IPAddress.TryParse(order.Host, out _) ? null : order.Host, trust.Judge);
            byte[] reply = await ConverseAsync(socket, tls, KeClient.Request(order.Aeads, order.Have), deadline.Token);
            if (!KeClient.TryRead(reply, order.Aeads, out var answer, out string fault))
            {
                throw new ExchangeException(ExchangeFault.NoNts, $"the key exchange with {order.Host} failed: {fault}");
            }

            var keys = NtsKeys.Export(answer.Aead, answer.IsCompliant ? answer.Aead : NtsAead.AesSivCmac256, tls.Export);
            return new(address, answer, keys, answer.IsCompliant ? null : NtsKeys.Export(answer.Aead, answer.Aead, tls.Export), trust);
        }
        catch (SocketException exception)
        {
            throw new ExchangeException(ExchangeFault.Unreachable, $"no connection to {order.Host} port {order.Port}: {exception.Message}");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new ExchangeException(ExchangeFault.Unreachable, $"the key exchange with {order.Host} took longer than {s_limit.TotalSeconds:0} s");
        }

        async Task<byte[]> ConverseAsync(Socket socket, KeTls tls, byte[] request, CancellationToken limit)
        {
            byte[] buffer = new byte[BufferSize], said = new byte[KeMessage.LongestSize + 1];
            bool isAsked = false;
            for (int have = 0, received = 0; received < 4 * KeMessage.LongestSize;)
            {
                if (!isAsked && tls.State == KeTlsState.Open)
                {
                    isAsked = tls.Write(request);
                }

                for (int taken; (taken = tls.Take(buffer)) > 0;)
                {
                    await KeConnection.SendAllAsync(socket, buffer.AsMemory(0, taken), limit);
                }

                for (int read; (read = tls.Read(said.AsSpan(have))) > 0;)
                {
                    have += read;
                }

                var arrival = KeMessage.Measure(said.AsSpan(0, have), KeMessage.LongestSize, out int length);
                if (tls.Fault != KeTlsFault.None)
                {
                    throw new ExchangeException(tls.Fault switch
                    {
                        KeTlsFault.Untrusted => trust.IsOutOfPeriod ? ExchangeFault.OutOfPeriod : ExchangeFault.Untrusted,
                        KeTlsFault.Cut => ExchangeFault.Unreachable,
                        _ => ExchangeFault.NoNts,
                    }, $"no key exchange with {order.Host}: {tls.Failure}");
                }

                if (arrival == KeArrival.Complete)
                {
                    tls.Finish();
                    return said[..length];
                }

                if (arrival == KeArrival.TooLong)
                {
                    throw new ExchangeException(ExchangeFault.NoNts, $"the key exchange with {order.Host} failed: its message is longer than {KeMessage.LongestSize} octets");
                }

                if (tls.State == KeTlsState.Finished)
                {
                    throw new ExchangeException(ExchangeFault.Unreachable, $"{order.Host} hung up in the middle of the key exchange");
                }

                int count = await socket.ReceiveAsync(buffer.AsMemory(), limit);
                received += count;
                if (count == 0)
                {
                    tls.OfferEnd();
                }
                else
                {
                    tls.Offer(buffer.AsSpan(0, count));
                }
            }

            throw new ExchangeException(ExchangeFault.NoNts, $"the key exchange with {order.Host} failed: it says more than any server needs to");
        }
    }

    private static X509Certificate2Collection? ReadAnchors(string path)
    {
        if (path.Length == 0)
        {
            return null;
        }

        try
        {
            var anchors = new X509Certificate2Collection();
            anchors.ImportFromPemFile(path);
            return anchors.Count > 0 ? anchors : throw new ExchangeException(ExchangeFault.BadOrder, $"{path} holds no certificate");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new ExchangeException(ExchangeFault.BadOrder, $"{path} cannot be used: {exception.Message}");
        }
    }

    /// <summary>A list that cannot be read revokes nothing, so nobody is trusted without it; one that is out of date still says what it says.</summary>
    private List<RevocationList> ReadRevoked(Instant<Utc>? now)
    {
        var lists = new List<RevocationList>();
        foreach (string path in RevocationLists)
        {
            if (AtomicFile.Read(path, LongestList, out byte[] file, followsLink: true) is var outcome && outcome != FileOutcome.Read)
            {
                throw new ExchangeException(ExchangeFault.BadOrder, $"{path} cannot be read: {outcome.Words()}; see [nts] revocation-lists");
            }

            if (!RevocationList.TryRead(file, out var list))
            {
                throw new ExchangeException(ExchangeFault.BadOrder, $"{path} holds no list of revoked certificates, PEM or DER; see [nts] revocation-lists");
            }

            lists.Add(list);
            if (list.NextUpdate < now)
            {
                LogOld(log, path);
            }
        }

        return lists;
    }

    [LoggerMessage(LogLevel.Warning, "{Path}: this list of revoked certificates is out of date; it is used as it is: get a newer one")]
    private static partial void LogOld(ILogger log, string path);
}
