using System.Net;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using TimeSuite.Config;
using TimeSuite.Linux;
using TimeSuite.Nts;
using TimeSuite.Ntpd.Sources;
using TimeSuite.Rpc;
using TimeSuite.Time;
using Wire = TimeSuite.Rpc.Nts.V1;

namespace TimeSuite.Ntpd.KeyService;

/// <summary>Our end of ntskeyd's socket: keys of sources, and keys of the cookies that we give as a server.</summary>
/// <param name="socketPath">keys.sock.</param>
/// <param name="kept">Of the run before.</param>
/// <param name="resolver">For the name of a server that the key exchange told of.</param>
/// <param name="log">For what goes wrong.</param>
internal sealed partial class KeyServiceLink(string socketPath, KeptSessionFile kept, INameResolver resolver, ILogger<KeyServiceLink> log) : INtsExchange
{
    private const int NtpPort = 123;

    private static readonly NtsAead[] s_aeads = [NtsAead.Aes128GcmSiv, NtsAead.AesSivCmac256];
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15), s_longestPause = TimeSpan.FromSeconds(8);

    private readonly GrpcChannel _channel = UnixChannel.Open(socketPath);

    private Wire.KeyExchange.KeyExchangeClient Client => field ??= new(_channel);

    public void Establish(SourceConfig source, IReadOnlyList<string> have, Instant<Utc>? verifyAt, Action<NtsAnswer> answer) => _ = EstablishAsync(source, have, verifyAt, answer);

    /// <summary>Hands on the keys of cookies, at once and at each rotation, until told to stop.</summary>
    public async Task WatchAsync(Action<CookieKeys> use, CancellationToken stop)
    {
        var pause = TimeSpan.FromMilliseconds(200);
        bool isSaid = false;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var call = Client.WatchCookieKeys(new(), cancellationToken: stop);
                while (await call.ResponseStream.MoveNext(stop))
                {
                    use(Read(call.ResponseStream.Current));
                    (pause, isSaid) = (TimeSpan.FromMilliseconds(200), false);
                }
            }
            catch (Exception exception) when (exception is RpcException or IOException or OperationCanceledException or ArgumentException)
            {
                if (!isSaid && !stop.IsCancellationRequested)
                {
                    LogNoKeys(log, Silence.Reason("ntskeyd", exception), socketPath);
                    isSaid = true;
                }
            }

            await Task.Delay(pause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
        }
    }

    private async Task EstablishAsync(SourceConfig source, IReadOnlyList<string> have, Instant<Utc>? verifyAt, Action<NtsAnswer> answer)
    {
        try
        {
            if (await kept.TakeAsync(Client, source, have) is { } session)
            {
                answer(new NtsAnswer.Established(session.Name, new IPAddress(session.Address), session.NtpPort, Read(session), new(session.ValidFrom, session.ValidUntil), session.EstablishedAt, IsKept: true));
                return;
            }

            var request = new Wire.EstablishRequest
            {
                Host = source.Name,
                Port = (uint)source.NtsPort,
                TrustAnchors = source.NtsTrust ?? "",
                AddressFamily = (uint)(source.AddressFamily ?? 0),
                VerifyAt = verifyAt?.ToWire(),
            };
            request.Aeads.AddRange(s_aeads.Select(aead => (uint)aead));
            request.Have.AddRange(have);
            if (source.NtsPin is { } pin)
            {
                request.Pins.Add(Google.Protobuf.ByteString.CopyFrom(Convert.FromHexString(pin)));
            }

            var reply = await Client.EstablishAsync(request, deadline: DateTime.UtcNow + s_patience);
            Locate(source, reply, verifyAt, answer);
        }
        catch (RpcException exception)
        {
            bool isLocal = exception.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded && exception.Status.DebugException is not null;
            answer(new NtsAnswer.Failed(isLocal ? "ntskeyd does not answer: is it running?" : exception.Status.Detail, isLocal, exception.StatusCode == StatusCode.OutOfRange));
        }
        catch (Exception exception) when (exception is IOException or ArgumentException)
        {
            answer(new NtsAnswer.Failed(exception.Message, IsLocal: true));
        }
    }

    /// <summary>Finds the address of whom the key exchange told to ask, and answers.</summary>
    /// <exception cref="ArgumentException">The reply makes no sense.</exception>
    private void Locate(SourceConfig source, Wire.EstablishReply reply, Instant<Utc>? verifiedAt, Action<NtsAnswer> answer)
    {
        if (!reply.ValidFrom.TryToDomain(out var from) || !reply.ValidUntil.TryToDomain(out var until))
        {
            throw new ArgumentException("ntskeyd does not say when the certificate is valid");
        }

        var (period, at) = (new Period(new(from), new(until)), verifiedAt ?? new(from)); // at an unknown time: as early as can be
        var client = Read(reply);
        string name = reply.NtpServer.Length > 0 ? reply.NtpServer : source.Name;
        int port = reply.NtpPort == 0 ? NtpPort : (int)reply.NtpPort;
        if (reply.NtpServer.Length == 0 && IPAddress.TryParse(reply.Address, out var same))
        {
            answer(new NtsAnswer.Established(name, same, port, client, period, at, IsKept: false));
            return;
        }

        resolver.Resolve(name, source.AddressFamily, addresses =>
        {
            if (addresses.Count > 0)
            {
                answer(new NtsAnswer.Established(name, addresses[0], port, client, period, at, IsKept: false));
                return;
            }

            client.Dispose();
            answer(new NtsAnswer.Failed($"the key exchange told to ask {name}, a name that does not resolve", IsLocal: false));
        });
    }

    /// <exception cref="ArgumentException">The keys have not their length.</exception>
    private static NtsClient Read(Wire.EstablishReply reply)
    {
        var aead = (NtsAead)reply.Aead;
        var keys = new NtsKeys(aead, reply.ClientToServer.Span, reply.ServerToClient.Span);
        var others = reply.OtherClientToServer.IsEmpty ? null : new NtsKeys(aead, reply.OtherClientToServer.Span, reply.OtherServerToClient.Span);
        return new(keys, others, reply.Cookies.Select(cookie => cookie.ToByteArray()), KernelRandom.Next);
    }

    private static NtsClient Read(KeptSession session) =>
        new(new(session.Aead, session.ClientToServer, session.ServerToClient), null, session.Cookies, KernelRandom.Next);

    private static CookieKeys Read(Wire.CookieKeys keys)
    {
        var all = keys.Keys.Select(key => (Key: new CookieKey(key.Id, key.Secret.Span), key.Seals)).ToList();
        return new(all.Find(key => key.Seals).Key, all.Where(key => !key.Seals).Select(key => key.Key));
    }

    [LoggerMessage(LogLevel.Warning, "No keys for cookies: {Reason} at {Socket}; requests with NTS are not answered until it does (systemctl status timesuite-ntskeyd)")]
    private static partial void LogNoKeys(ILogger log, string reason, string socket);
}
