using System.Reflection;
using System.Runtime.CompilerServices;

namespace TimeSuite.Nts.Tests.Cookies;

public sealed class CookieKeyTests
{
    [Fact]
    public void The_secret_of_a_key_that_nobody_has_any_more_is_zeroed()
    {
        byte[] octets = OctetsOfALostKey();

        GC.Collect();
        GC.WaitForPendingFinalizers();

        Assert.All(octets, octet => Assert.Equal(0, octet));
    }

    [Fact]
    public void A_key_keeps_a_copy_and_one_of_another_length_is_none()
    {
        byte[] given = [.. Enumerable.Range(1, CookieKey.SecretSize).Select(number => (byte)number)], kept = new byte[CookieKey.SecretSize];
        var key = new CookieKey(1, given);
        given.AsSpan().Clear();
        key.CopyTo(kept);

        Assert.Equal(Enumerable.Range(1, CookieKey.SecretSize), kept.Select(octet => (int)octet));
        Assert.True(key.IsWhole);
        Assert.False(new CookieKey(1, kept.AsSpan(1)).IsWhole);
        Assert.False(new CookieKey(1, new byte[33]).IsWhole);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static byte[] OctetsOfALostKey()
    {
        var key = new CookieKey(1, [.. Enumerable.Repeat((byte)0x5A, CookieKey.SecretSize)]);
        byte[] octets = (byte[])typeof(CookieKey).GetField("_secret", BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(key)!;
        Assert.All(octets, octet => Assert.Equal(0x5A, octet)); // not before; once nobody has the key, it may be collected at any moment
        GC.KeepAlive(key);
        return octets;
    }
}
