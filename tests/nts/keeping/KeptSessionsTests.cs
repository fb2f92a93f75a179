using System.Net;

namespace TimeSuite.Nts.Tests.Keeping;

public sealed class KeptSessionsTests
{
    private static readonly byte[] Key = Octets(32, 7), Nonce = Octets(16, 9);

    [Theory]
    [InlineData(NtsAead.AesSivCmac256, "192.0.2.7", 8)]
    [InlineData(NtsAead.AesSivCmac512, "2001:db8::7", 1)]
    [InlineData(NtsAead.Aes128GcmSiv, "192.0.2.8", 3)]
    public void What_is_sealed_comes_back_as_it_was(NtsAead aead, string address, int cookies)
    {
        KeptSession[] sessions = [Session(aead, address, cookies), Session(aead, "192.0.2.1", 2)];

        Assert.True(KeptSessions.TryOpen(KeptSessions.Seal(sessions, Key, Nonce), Key, out var found));

        Assert.Equal(2, found.Count);
        foreach (var (was, now) in sessions.Zip(found))
        {
            Assert.True(Same(was, now));
            Assert.Equal(was.ClientToServer, now.ClientToServer);
            Assert.Equal(was.ServerToClient, now.ServerToClient);
            Assert.Equal(was.Cookies, now.Cookies);
        }
    }

    [Fact]
    public void Nothing_of_it_can_be_read_without_the_key()
    {
        byte[] file = KeptSessions.Seal([Session(NtsAead.AesSivCmac256, "192.0.2.7", 8)], Key, Nonce);

        Assert.Equal(-1, file.AsSpan().IndexOf("time.example"u8));
        Assert.Equal(-1, file.AsSpan().IndexOf(Octets(32, 1).AsSpan(0, 8)));
        Assert.False(KeptSessions.TryOpen(file, Octets(32, 8), out _));
    }

    [Fact]
    public void A_file_that_is_cut_or_changed_anywhere_is_refused()
    {
        byte[] file = KeptSessions.Seal([Session(NtsAead.AesSivCmac256, "192.0.2.7", 2)], Key, Nonce);
        for (int octet = 0; octet < file.Length; octet++)
        {
            byte[] changed = [.. file];
            changed[octet] ^= 0x10;
            Assert.False(KeptSessions.TryOpen(changed, Key, out _));
            Assert.False(KeptSessions.TryOpen(file.AsSpan(0, octet), Key, out _));
        }
    }

    [Fact]
    public void Whatever_stands_inside_of_the_seal_never_throws()
    {
        var random = new Random(4);
        byte[] good = Plain([Session(NtsAead.AesSivCmac256, "192.0.2.7", 2), Session(NtsAead.Aes128GcmSiv, "2001:db8::7", 8)]);
        Assert.True(KeptReader.TryRead(good, out _));
        int read = 0;
        for (int run = 0; run < 100_000; run++)
        {
            byte[] bad = [.. good.AsSpan(0, random.Next(good.Length + 1))];
            for (int change = random.Next(1, 4); change > 0 && bad.Length > 0; change--)
            {
                bad[random.Next(Math.Min(bad.Length, 40))] = (byte)random.Next(256);
            }

            read += KeptReader.TryRead(bad, out var sessions) && sessions.All(session => session.Aead.IsKnown() && session.Cookies.Count is >= 1 and <= 8) ? 1 : 0;
        }

        Assert.NotEqual(100_000, read);
    }

    [Fact]
    public void No_more_than_64_are_kept()
    {
        byte[] file = KeptSessions.Seal([.. Enumerable.Range(0, 100).Select(_ => Session(NtsAead.AesSivCmac512, "2001:db8::7", 8))], Key, Nonce);

        Assert.True(KeptSessions.TryOpen(file, Key, out var found));
        Assert.Equal(KeptSessions.Most, found.Count);
    }

    private static readonly Func<KeptSession, KeptSession, bool> Same = (a, b) =>
        (a.Host, a.Port, a.Name, Convert.ToHexString(a.Address), a.NtpPort, a.Aead, a.EstablishedAt, a.ValidFrom, a.ValidUntil)
        == (b.Host, b.Port, b.Name, Convert.ToHexString(b.Address), b.NtpPort, b.Aead, b.EstablishedAt, b.ValidFrom, b.ValidUntil);

    private static KeptSession Session(NtsAead aead, string address, int cookies) => new(
        "time.example", 4460, "ntp.example", IPAddress.Parse(address).GetAddressBytes(), 123, aead, Octets(aead.KeySize(), 1), Octets(aead.KeySize(), 2),
        [.. Enumerable.Range(0, cookies).Select(index => Octets(100 + index, index))], At(1_800_000_000), At(1_790_000_000), At(1_900_000_000));

    private static Instant<Utc> At(long seconds) => new(Duration.FromSeconds(seconds));

    private static byte[] Octets(int count, int seed)
    {
        byte[] octets = new byte[count];
        new Random(seed).NextBytes(octets);
        return octets;
    }

    private static byte[] Plain(KeptSession[] sessions)
    {
        byte[] plain = new byte[10_000];
        var writer = new KeptWriter(plain);
        writer.Number(sessions.Length, 2);
        foreach (var session in sessions)
        {
            writer.Put(session);
        }

        return plain[..writer.Length];
    }
}
