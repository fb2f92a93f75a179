using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Google.Protobuf;
using TimeSuite.Nts;
using TimeSuite.Ntskeyd.Keys;
using TimeSuite.Rpc;
using Wire = TimeSuite.Rpc.Nts.V1;

namespace TimeSuite.Ntskeyd.Service;

/// <summary>Where the ring and its words on the wire meet.</summary>
internal static class KeyMapping
{
    /// <summary>The next one first, then the one that seals, then the earlier ones, newest first.</summary>
    public static Wire.CookieKeys ToWire(this CookieKeyRing ring)
    {
        var wire = new Wire.CookieKeys();
        wire.Keys.AddRange(ring.Keys.Reverse().Select(key => new Wire.CookieKey
        {
            Id = key.Key.Id,
            Secret = SecretOf(key.Key),
            From = key.From.ToWire(),
            Seals = key == ring.Sealing,
        }));
        return wire;
    }

    private static ByteString SecretOf(CookieKey key)
    {
        Span<byte> secret = stackalloc byte[CookieKey.SecretSize];
        key.CopyTo(secret);
        var copy = ByteString.CopyFrom(secret);
        CryptographicOperations.ZeroMemory(secret);
        return copy;
    }

    /// <returns>False if they make no ring.</returns>
    public static bool TryToRing(this Wire.CookieKeys wire, [NotNullWhen(true)] out CookieKeyRing? ring)
    {
        ring = null;
        var keys = new List<RingKey>();
        foreach (var key in wire.Keys.Reverse())
        {
            if (!key.From.TryToDomain(out var from))
            {
                return false;
            }

            keys.Add(new(new(key.Id, key.Secret.Span), new(Duration.FromSeconds(from.WholeSeconds))));
        }

        int sealing = wire.Keys.Count(key => key.Seals) == 1 ? keys.Count - 1 - wire.Keys.ToList().FindIndex(key => key.Seals) : -1;
        ring = CookieKeyRing.IsSound(keys, sealing) ? new(keys, sealing) : null;
        return ring is not null;
    }
}
