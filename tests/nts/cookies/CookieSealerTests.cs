namespace TimeSuite.Nts.Tests.Cookies;

public sealed class CookieSealerTests
{
    private static readonly CookieKey First = Key(1), Second = Key(2), Third = Key(3);

    [Theory]
    [InlineData(15, 104)]
    [InlineData(16, 136)]
    [InlineData(17, 168)]
    [InlineData(30, 72)]
    public void A_cookie_gives_back_the_keys_that_were_put_in(int number, int size)
    {
        var aead = (NtsAead)number;
        var sealer = Sealer(new(First, []));
        byte[] cookie = Make(sealer, aead, out byte[] keys);
        Assert.Equal(size, cookie.Length);

        byte[] found = new byte[2 * NtsAeads.LongestKey];
        Assert.True(sealer.TryOpen(cookie, out var foundAead, found));
        Assert.Equal(aead, foundAead);
        Assert.Equal(keys, found[..keys.Length]);
    }

    [Fact]
    public void Two_cookies_of_the_same_keys_have_nothing_in_common_but_the_id()
    {
        var sealer = Sealer(new(First, []));
        byte[] one = Make(sealer, NtsAead.AesSivCmac256, out _), other = Make(sealer, NtsAead.AesSivCmac256, out _);

        Assert.Equal(one[..4], other[..4]);
        Assert.True(one.Zip(other).Skip(4).Count(pair => pair.First == pair.Second) < 10);
    }

    [Fact]
    public void Any_changed_bit_closes_it()
    {
        var sealer = Sealer(new(First, [Second]));
        byte[] cookie = Make(sealer, NtsAead.AesSivCmac256, out _), keys = new byte[2 * NtsAeads.LongestKey];
        for (int bit = 0; bit < cookie.Length * 8; bit++)
        {
            cookie[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.False(sealer.TryOpen(cookie, out _, keys));
            cookie[bit / 8] ^= (byte)(1 << bit % 8);
        }

        Assert.True(sealer.TryOpen(cookie, out _, keys));
    }

    [Fact]
    public void Cookies_of_old_keys_and_of_the_next_open_and_of_forgotten_ones_do_not()
    {
        byte[] old = Make(Sealer(new(First, [])), NtsAead.AesSivCmac256, out _), next = Make(Sealer(new(Third, [])), NtsAead.AesSivCmac256, out _), keys = new byte[2 * NtsAeads.LongestKey];
        var sealer = Sealer(new(Second, [First, Third]));
        Assert.True(sealer.TryOpen(old, out _, keys));
        Assert.True(sealer.TryOpen(next, out _, keys));

        sealer.Use(new(Third, [Second]));
        Assert.False(sealer.TryOpen(old, out _, keys));
        Assert.True(sealer.TryOpen(next, out _, keys));
    }

    [Fact]
    public void Without_a_key_none_is_made()
    {
        Assert.False(Sealer(CookieKeys.None).TrySeal(NtsAead.Aes128GcmSiv, new byte[16], new byte[16], new byte[72]));
    }

    [Fact]
    public void Octets_of_any_number_and_kind_do_not_open_and_throw_nothing()
    {
        var chance = new Random(4);
        var sealer = Sealer(new(First, []));
        byte[] keys = new byte[2 * NtsAeads.LongestKey];
        for (int length = 0; length <= 400; length++)
        {
            byte[] cookie = new byte[length];
            chance.NextBytes(cookie);
            new byte[] { 0, 0, 0, 1 }.AsSpan(0, Math.Min(4, length)).CopyTo(cookie); // a key that we have
            Assert.False(sealer.TryOpen(cookie, out _, keys));
        }
    }

    [Fact]
    public void Keys_make_sense_or_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new CookieKeys(First, [First]));
        Assert.Throws<ArgumentException>(() => new CookieKeys(First, [new CookieKey(9, new byte[31])]));
        Assert.Throws<ArgumentException>(() => new CookieKeys(null, Enumerable.Range(1, 17).Select(id => Key((byte)id))));
    }

    private static CookieKey Key(byte id) => new(id, Enumerable.Repeat(id, CookieKey.SecretSize).ToArray());

    private static CookieSealer Sealer(CookieKeys keys)
    {
        byte[] secret = new byte[16];
        new Random(keys.All.Count).NextBytes(secret);
        var sealer = new CookieSealer(new(secret));
        sealer.Use(keys);
        return sealer;
    }

    private static byte[] Make(CookieSealer sealer, NtsAead aead, out byte[] keys)
    {
        keys = new byte[2 * aead.KeySize()];
        new Random(7).NextBytes(keys);
        byte[] cookie = new byte[CookieSealer.SizeFor(aead)];
        Assert.True(sealer.TrySeal(aead, keys.AsSpan(0, aead.KeySize()), keys.AsSpan(aead.KeySize()), cookie));
        return cookie;
    }
}
