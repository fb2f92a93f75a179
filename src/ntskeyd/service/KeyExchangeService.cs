using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using TimeSuite.Linux;
using TimeSuite.Nts;
using TimeSuite.Ntskeyd.Client;
using TimeSuite.Ntskeyd.Keys;
using TimeSuite.Rpc;
using Wire = TimeSuite.Rpc.Nts.V1;

namespace TimeSuite.Ntskeyd.Service;

/// <summary>For ntpd alone: the wire's words to <see cref="Client.KeyExchange"/> and <see cref="CookieKeyStore"/> and back.</summary>
internal sealed partial class KeyExchangeService(Client.KeyExchange exchange, CookieKeyStore keys, KeepingKeyFile keeping, ILogger<KeyExchangeService> log, CancellationToken stop) : Wire.KeyExchange.KeyExchangeBase, IDisposable
{
    private const int AtATime = 8;
    private readonly SemaphoreSlim _places = new(AtATime);

    public void Dispose() => _places.Dispose();

    public override async Task<Wire.EstablishReply> Establish(Wire.EstablishRequest request, ServerCallContext context)
    {
        var aeads = request.Aeads.Where(aead => aead <= ushort.MaxValue).Select(aead => (NtsAead)aead).Where(aead => aead.IsKnown()).ToList();
        if (request.Host.Length is 0 or > 253 || request.Port is 0 or > ushort.MaxValue || aeads.Count == 0 || request.AddressFamily is not (0 or 4 or 6) || request.Have.Any(name => name.Length > 253))
        {
            throw new RpcException(new(StatusCode.InvalidArgument, "host, port, AEADs or address family make no sense"));
        }

        Instant<Utc>? verifyAt = null;
        if (request.VerifyAt is not null)
        {
            if (!request.VerifyAt.TryToDomain(out var since))
            {
                throw new RpcException(new(StatusCode.InvalidArgument, "verify_at is no time"));
            }

            verifyAt = new(since);
        }

        var order = new ExchangeOrder(
            request.Host, (int)request.Port, aeads, request.TrustAnchors, [.. request.Pins.Select(pin => pin.ToByteArray())], (int)request.AddressFamily, request.Have, verifyAt);
        await _places.WaitAsync(context.CancellationToken);
        try
        {
            using var exchanged = await exchange.HoldAsync(order, context.CancellationToken);
            var reply = new Wire.EstablishReply
            {
                NtpServer = exchanged.Answer.NtpServer ?? "",
                NtpPort = exchanged.Answer.NtpPort ?? 0u,
                Address = exchanged.Address.ToString(),
                Aead = (uint)exchanged.Answer.Aead,
                ClientToServer = ByteString.CopyFrom(exchanged.Keys.ClientToServer),
                ServerToClient = ByteString.CopyFrom(exchanged.Keys.ServerToClient),
                ValidFrom = exchanged.Trust.ValidFrom.ToWire(),
                ValidUntil = exchanged.Trust.ValidUntil.ToWire(),
            };
            reply.Cookies.AddRange(exchanged.Answer.Cookies.Select(cookie => ByteString.CopyFrom(cookie)));
            if (exchanged.Others is { } others)
            {
                reply.OtherClientToServer = ByteString.CopyFrom(others.ClientToServer);
                reply.OtherServerToClient = ByteString.CopyFrom(others.ServerToClient);
            }

            return reply;
        }
        catch (ExchangeException failure)
        {
            LogFailed(log, failure.Message);
            throw new RpcException(new(failure.Fault switch
            {
                ExchangeFault.Untrusted => StatusCode.Unauthenticated,
                ExchangeFault.OutOfPeriod => StatusCode.OutOfRange,
                ExchangeFault.NoNts => StatusCode.FailedPrecondition,
                ExchangeFault.BadOrder => StatusCode.InvalidArgument,
                _ => StatusCode.Unavailable,
            }, failure.Message));
        }
        finally
        {
            _places.Release();
        }
    }

    public override Task<Wire.KeepingKey> GetKeepingKey(Wire.GetKeepingKeyRequest request, ServerCallContext context) =>
        Task.FromResult(new Wire.KeepingKey { Secret = ByteString.CopyFrom(keeping.Secret(Clocks.Realtime())) });

    public override async Task WatchCookieKeys(Wire.WatchCookieKeysRequest request, IServerStreamWriter<Wire.CookieKeys> responseStream, ServerCallContext context)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, stop);
        while (!end.IsCancellationRequested)
        {
            var (ring, changed) = keys.Watch();
            await responseStream.WriteAsync(ring.ToWire(), end.Token);
            await changed.WaitAsync(end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(LogLevel.Information, "{Failure}")]
    private static partial void LogFailed(ILogger log, string failure);
}
