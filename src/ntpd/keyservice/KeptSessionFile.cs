using Microsoft.Extensions.Logging;
using TimeSuite.Config;
using TimeSuite.Host;
using TimeSuite.Linux;
using TimeSuite.Nts;
using TimeSuite.Ntpd.Sources;
using TimeSuite.Time;
using Wire = TimeSuite.Rpc.Nts.V1;

namespace TimeSuite.Ntpd.KeyService;

/// <summary>Keys and cookies over a restart or a reboot: <c>STATE/ntpd/nts-sessions</c>, sealed with a key that ntskeyd keeps.</summary>
/// <remarks>Read once and deleted then: a cookie that is used twice tells an onlooker that it is the same client. So only an orderly end keeps them.</remarks>
/// <param name="path">Of the file.</param>
/// <param name="log">For what goes wrong.</param>
internal sealed partial class KeptSessionFile(string path, ILogger<KeptSessionFile> log) : IDisposable
{
    /// <summary>After this time keys are exchanged anew, as they would be without a restart in between.</summary>
    private static readonly Duration LongestAge = Duration.FromSeconds(28L * 86_400);

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    private readonly StateFile _file = new(path, KeptSessions.LongestFile, log) { Mode = StateFile.ReadableByOwner, Loss = "keys are exchanged again" };
    private readonly SemaphoreSlim _turn = new(1);
    private List<KeptSession>? _sessions;
    private byte[]? _key;

    /// <summary>Takes one that a source can go on with, if there is one. Asks ntskeyd for the key, the first time.</summary>
    /// <param name="service">ntskeyd.</param>
    /// <param name="source">Which.</param>
    /// <param name="have">Names of servers that it has already.</param>
    /// <exception cref="Grpc.Core.RpcException">ntskeyd does not answer. The file is as it was.</exception>
    public async Task<KeptSession?> TakeAsync(Wire.KeyExchange.KeyExchangeClient service, SourceConfig source, IReadOnlyList<string> have)
    {
        await _turn.WaitAsync();
        try
        {
            if (_sessions is null)
            {
                var reply = await service.GetKeepingKeyAsync(new(), deadline: DateTime.UtcNow + s_patience);
                Load(reply.Secret.ToByteArray(), Clocks.Realtime());
            }

            var found = _sessions!.Find(session => session.Host == source.Name && session.Port == source.NtsPort && !have.Contains(session.Name));
            _sessions.Remove(found!);
            return found;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Keeps what is good still; nothing if ntskeyd has never told the key.</summary>
    public void Save(IEnumerable<SourceSession> sessions, Instant<Utc> now)
    {
        if (_key is null)
        {
            return;
        }

        var kept = sessions.Where(session => session is { KeysAreProven: true, IsProvisional: false }).Select(Keep).OfType<KeptSession>()
            .Concat(_sessions ?? []).Where(session => IsYoung(session, now)).ToList();
        if (kept.Count > 0)
        {
            Span<byte> nonce = stackalloc byte[KeptSessions.NonceSize];
            KernelRandom.Fill(nonce);
            _file.Write(KeptSessions.Seal(kept, _key, nonce));
        }
    }

    public void Dispose() => _turn.Dispose();

    private static KeptSession? Keep(SourceSession session)
    {
        var address = session.Address.ToIPAddress();
        var (at, period) = session.Exchanged;
        return address.IsIPv6LinkLocal ? null : session.Nts?.Keep(session.Config.Name, session.Config.NtsPort, (session.NtsName, address.GetAddressBytes(), session.Address.Port), at, (period.From, period.Until));
    }

    private static bool IsYoung(KeptSession session, Instant<Utc> now) => (now - session.EstablishedAt).Magnitude < LongestAge;

    private void Load(byte[] key, Instant<Utc> now)
    {
        List<KeptSession>? found = null;
        if (key.Length == KeptSessions.KeySize)
        {
            _key = key;
            _file.Read(content => KeptSessions.TryOpen(content, key, out found) ? null : "it is damaged, or sealed with another key", now);
        }

        if (found is not null && !_file.TryDelete())
        {
            found = null;
        }

        _sessions = found ?? [];
        if (_sessions.Count > 0)
        {
            LogFound(log, _sessions.Count);
        }
    }

    [LoggerMessage(LogLevel.Information, "Keys and cookies of {Count} servers were kept: no key exchange is needed with those")]
    private static partial void LogFound(ILogger log, int count);
}
