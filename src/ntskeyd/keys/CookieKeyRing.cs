using System.Security.Cryptography;
using TimeSuite.Nts;
using TimeSuite.Nts.Tls;

namespace TimeSuite.Ntskeyd.Keys;

/// <summary>A key of cookies and when it was, or will be, the one that seals.</summary>
internal sealed record RingKey(CookieKey Key, Instant<Utc> From);

/// <summary>The keys of cookies: earlier ones that still open, the one that seals, the next one. Does not change; each change is another ring.</summary>
/// <param name="keys">In the order in which they seal.</param>
/// <param name="sealing">Which of them seals now; the one behind it is the next.</param>
internal sealed class CookieKeyRing(IReadOnlyList<RingKey> keys, int sealing)
{
    public IReadOnlyList<RingKey> Keys => keys;

    public int SealingIndex => sealing;

    public RingKey Sealing => keys[sealing];

    public RingKey Next => keys[sealing + 1];

    /// <summary>Whether it can be one: at least one that seals and a next one, all different, no more than ntpd takes.</summary>
    public static bool IsSound(IReadOnlyList<RingKey> keys, int sealing) =>
        keys.Count <= CookieKeys.Most && sealing >= 0 && sealing + 2 == keys.Count
        && keys.All(key => key.Key.IsWhole)
        && keys.DistinctBy(key => key.Key.Id).Count() == keys.Count;

    /// <summary>The first ring of a server.</summary>
    public static CookieKeyRing Start(Instant<Utc> now, Duration rotate, KeChance chance)
    {
        var first = new RingKey(NewKey([], chance), now);
        return new([first, new(NewKey([first], chance), now + rotate)], 0);
    }

    /// <summary>The ring as it should be by now: at most one rotation further, however far the clock went.</summary>
    /// <returns>This one, if nothing is due.</returns>
    public CookieKeyRing Advance(Instant<Utc> now, Duration rotate, int oldKeys, KeChance chance)
    {
        if (now >= Next.From)
        {
            return Rotate(now, rotate, oldKeys, chance);
        }

        // A clock that was set back, or an interval that was made shorter, must not leave a key in use for longer than an interval.
        bool isTooFar = Next.From > now + rotate;
        bool hasTooMany = sealing > oldKeys;
        return !isTooFar && !hasTooMany ? this : Cut([.. keys.Take(sealing + 1), isTooFar ? Next with { From = now + rotate } : Next], sealing, oldKeys);
    }

    /// <summary>The next key seals from now on, and there is another next one.</summary>
    public CookieKeyRing Rotate(Instant<Utc> now, Duration rotate, int oldKeys, KeChance chance) =>
        Cut([.. keys.Take(sealing + 1), Next with { From = now }, new(NewKey(keys, chance), now + rotate)], sealing + 1, oldKeys);

    /// <summary>As src/nts and ntpd use them.</summary>
    public CookieKeys ToCookieKeys() => new(Sealing.Key, keys.Where((_, index) => index != sealing).Select(key => key.Key));

    private static CookieKeyRing Cut(RingKey[] keys, int sealing, int oldKeys)
    {
        int surplus = Math.Max(0, sealing - oldKeys);
        return new(keys[surplus..], sealing - surplus);
    }

    private static CookieKey NewKey(IReadOnlyList<RingKey> others, KeChance chance)
    {
        Span<byte> octets = stackalloc byte[CookieKey.SecretSize + sizeof(uint)];
        uint id;
        do
        {
            chance(octets);
            id = BitConverter.ToUInt32(octets[CookieKey.SecretSize..]);
        }
        while (others.Any(other => other.Key.Id == id));

        var key = new CookieKey(id, octets[..CookieKey.SecretSize]);
        CryptographicOperations.ZeroMemory(octets);
        return key;
    }
}
