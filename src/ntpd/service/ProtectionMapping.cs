using TimeSuite.Nts;
using TimeSuite.Ntpd.Sources;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Ntp.V1;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Service;

/// <summary>How a source is protected, as timectl is told.</summary>
internal static class ProtectionMapping
{
    /// <param name="source">What is configured, and its exchanges of keys.</param>
    /// <param name="session">Null while there is none.</param>
    /// <param name="now">The time of the question.</param>
    public static Protection Of(ConfiguredSource source, SourceSession? session, Instant<Raw> now)
    {
        var config = source.Config;
        if (!config.Nts)
        {
            return new() { Mode = config.Key == 0 ? Protection.Types.Mode.None : Protection.Types.Mode.SymmetricKey, KeyId = config.Key };
        }

        var protection = new Protection { Mode = Protection.Types.Mode.Nts, Failure = source.ResolveFailure ?? "" };
        if (session?.Nts is { } nts)
        {
            protection.Aead = (uint)nts.Aead;
            protection.KeyBits = (uint)nts.Aead.KeySize() * 8;
            protection.KeyAge = (now - session.KeysSince).ToWire();
            protection.Cookies = (uint)nts.Cookies;
            protection.CookieSize = (uint)nts.CookieSize;
            protection.Server = session.NtsName;
        }

        protection.LastExchangeAgo = source.ExchangedAt is { } last ? (now - last).ToWire() : null;
        protection.NextExchangeIn = (source.ResolveAt ?? source.KeysDue) is { } next ? Duration.Max(next - now, Duration.Zero).ToWire() : null;
        return protection;
    }
}
