using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using TimeSuite.Lookup;
using TimeSuite.Time;

namespace TimeSuite.Host;

/// <summary>Asks lookupd for the addresses of a name. No daemon that strangers can reach looks one up itself: a resolver loads libraries and speaks to whom it likes.</summary>
/// <param name="socketPath">lookupd's.</param>
/// <param name="log">Is told once when lookupd is away, and once when it is back.</param>
public sealed partial class NameLookup(string socketPath, ILogger<NameLookup> log) : IDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(250);
    private static readonly Duration s_longest = Duration.FromSeconds(60L);
    private const int Tries = 8; // lookupd may just be starting

    private readonly SemaphoreSlim _places = new(4); // as many as lookupd has for one user
    private int _isAway;

    /// <summary>Finds at most 64 addresses. Empty: no such name, nobody who knows, or no lookupd; later it may be otherwise.</summary>
    /// <param name="name">A host's name, or an address in text, which needs nobody to be asked.</param>
    /// <param name="family">4, 6, or anything else for both.</param>
    /// <param name="patience">For the whole, waiting for a place included; at most 60 s.</param>
    /// <param name="cancel">The caller has gone.</param>
    public async Task<IReadOnlyList<IPAddress>> FindAsync(string name, int family, Duration patience, CancellationToken cancel)
    {
        if (IPAddress.TryParse(name, out var literal))
        {
            return [literal];
        }

        patience = patience < s_longest ? patience : s_longest;
        byte[] question = new byte[LookupQuestion.Size];
        if (!new LookupQuestion(name, family switch { 4 => LookupFamily.IPv4, 6 => LookupFamily.IPv6, _ => LookupFamily.Any }, patience).TryWrite(question))
        {
            return []; // nobody can be called that
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(TimeSpan.FromSeconds(patience.Seconds));
        try
        {
            await _places.WaitAsync(deadline.Token);
            try
            {
                var answer = await AskAsync(question, deadline.Token);
                return [.. answer.Addresses.Select(ToIPAddress)];
            }
            finally
            {
                _places.Release();
            }
        }
        catch (OperationCanceledException)
        {
            cancel.ThrowIfCancellationRequested();
            return [];
        }
    }

    public void Dispose() => _places.Dispose();

    private async Task<LookupAnswer> AskAsync(byte[] question, CancellationToken deadline)
    {
        for (int left = Tries; ; left--)
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), deadline);
                SayItIsBack();
                await socket.SendAsync(question, deadline);
                byte[] reply = new byte[LookupAnswer.Size + 1]; // one more than an answer has, or a longer one would look like one
                int length = await socket.ReceiveAsync(reply, deadline);
                _ = LookupAnswer.TryParse(reply.AsSpan(0, length), out var answer);
                return answer;
            }
            catch (SocketException exception) when (left <= 1)
            {
                if (Interlocked.Exchange(ref _isAway, 1) == 0)
                {
                    LogAway(log, socketPath, File.Exists(socketPath) ? exception.Message : "no such socket"); // .NET has another word for that
                }

                return LookupAnswer.Without(LookupStatus.TryAgain);
            }
            catch (SocketException)
            {
                await Task.Delay(s_pause, deadline);
            }
        }
    }

    private void SayItIsBack()
    {
        if (Interlocked.Exchange(ref _isAway, 0) == 1)
        {
            LogBack(log);
        }
    }

    private static IPAddress ToIPAddress(FoundAddress address)
    {
        Span<byte> octets = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(octets, address.Octets);
        return address.IsIPv6 ? new(octets, address.Scope) : new(octets[12..]);
    }

    [LoggerMessage(LogLevel.Warning, "lookupd is not there ({Path}: {Reason}): no name is looked up until it is; addresses need nobody")]
    private static partial void LogAway(ILogger log, string path, string reason);

    [LoggerMessage(LogLevel.Information, "lookupd is there")]
    private static partial void LogBack(ILogger log);
}
