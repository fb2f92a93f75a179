using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using TimeSuite.Nts;
using TimeSuite.Ntskeyd.Keys;
using TimeSuite.Ntskeyd.Service;

namespace TimeSuite.Ntskeyd.Tests;

public sealed class CookieKeyTests : IDisposable
{
    private static readonly Duration Week = Duration.FromSeconds(7L * 86_400), Hour = Duration.FromSeconds(3_600L);
    private static readonly Instant<Utc> Now = new(Duration.FromSeconds(1_800_000_000L));

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ntskeyd");

    public void Dispose() => _folder.Delete(recursive: true);

    private static CookieKeyRing Start() => CookieKeyRing.Start(Now, Week, RandomNumberGenerator.Fill);

    private static uint[] Ids(CookieKeyRing ring) => [.. ring.Keys.Select(key => key.Key.Id)];

    [Fact]
    public void The_next_key_is_there_an_interval_before_it_seals_and_two_earlier_ones_still_open()
    {
        var ring = Start();
        uint next = ring.Next.Key.Id;
        Assert.Same(ring, ring.Advance(Now + Week - Hour, Week, 2, RandomNumberGenerator.Fill));

        for (int week = 1; week <= 5; week++)
        {
            var advanced = ring.Advance(ring.Next.From, Week, 2, RandomNumberGenerator.Fill);
            Assert.Equal(ring.Next.Key.Id, advanced.Sealing.Key.Id);
            Assert.Equal(Math.Min(week, 2) + 2, advanced.Keys.Count);
            Assert.Equal(Ids(ring)[^Math.Min(4, ring.Keys.Count - (week > 2 ? 1 : 0))..], Ids(advanced)[..^1]);
            ring = advanced;
        }

        Assert.DoesNotContain(next, Ids(ring)); // five rotations later it is gone
    }

    [Fact]
    public void A_clock_that_jumps_rotates_once_and_one_that_falls_back_keeps_no_key_for_ever()
    {
        var far = Now + Duration.FromSeconds(20L * 365 * 86_400);
        var ring = Start().Advance(far, Week, 2, RandomNumberGenerator.Fill);
        Assert.Equal(3, ring.Keys.Count);
        Assert.Same(ring, ring.Advance(far, Week, 2, RandomNumberGenerator.Fill));

        var back = ring.Advance(Now, Week, 2, RandomNumberGenerator.Fill);
        Assert.Equal(Now + Week, back.Next.From);
        Assert.Equal(Ids(ring), Ids(back));
    }

    [Fact]
    public void Fewer_old_keys_are_kept_as_soon_as_fewer_are_wanted()
    {
        var ring = Start();
        for (int rotation = 0; rotation < 4; rotation++)
        {
            ring = ring.Rotate(Now, Week, 3, RandomNumberGenerator.Fill);
        }

        Assert.Equal(5, ring.Keys.Count);
        Assert.Equal(Ids(ring)[3..], Ids(ring.Advance(Now, Week, 0, RandomNumberGenerator.Fill)));
    }

    [Fact]
    public void A_file_is_read_back_and_no_damage_is_taken_for_keys()
    {
        var ring = Start().Rotate(Now, Week, 2, RandomNumberGenerator.Fill);
        byte[] file = CookieKeyFile.Write(ring);

        Assert.True(CookieKeyFile.TryRead(file, out var read, out _));
        Assert.Equal(Ids(ring), Ids(read));
        Assert.Equal(ring.Keys.Select(key => (SecretOf(key.Key), key.From)), read.Keys.Select(key => (SecretOf(key.Key), key.From)));
        Assert.Equal(ring.SealingIndex, read.SealingIndex);
        for (int cut = 0; cut < file.Length; cut++)
        {
            Assert.False(CookieKeyFile.TryRead(file.AsSpan(0, cut), out _, out _));
            byte[] damaged = [.. file];
            damaged[cut] ^= 1;
            Assert.False(CookieKeyFile.TryRead(damaged, out _, out string fault));
            Assert.NotEmpty(fault);
        }
    }

    [Fact]
    public void A_restart_has_the_same_keys_and_a_damaged_file_is_set_aside()
    {
        string path = Path.Combine(_folder.FullName, "cookie.keys");
        var first = Store(path);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal(Ids(first.Ring), Ids(Store(path).Ring));

        File.WriteAllText(path, "nonsense");
        var third = Store(path);
        Assert.NotEqual(Ids(first.Ring), Ids(third.Ring));
        Assert.Single(_folder.GetFiles("cookie.keys.bad-*"));
        Assert.Equal(Ids(third.Ring), Ids(Store(path).Ring));
    }

    [Fact]
    public void Who_watches_is_told_of_each_rotation()
    {
        var store = Store(Path.Combine(_folder.FullName, "cookie.keys"));
        var (before, changed) = store.Watch();
        Assert.False(changed.IsCompleted);

        uint sealing = store.Rotate(Now);

        Assert.True(changed.IsCompleted);
        Assert.Equal(before.Next.Key.Id, sealing);
        Assert.Equal(sealing, store.Watch().Ring.Sealing.Key.Id);
    }

    [Fact]
    public void Keys_are_carried_to_another_server_and_nonsense_is_not_taken()
    {
        var ring = Start().Rotate(Now, Week, 2, RandomNumberGenerator.Fill);
        var wire = ring.ToWire();
        Assert.True(wire.Keys[1].Seals); // behind the next one
        Assert.True(wire.TryToRing(out var read));
        Assert.Equal(Ids(ring), Ids(read));
        Assert.Equal(ring.SealingIndex, read.SealingIndex);

        wire.Keys[0].Seals = true;
        Assert.False(wire.TryToRing(out _));
        Assert.False(new TimeSuite.Rpc.Nts.V1.CookieKeys().TryToRing(out _));
    }

    private static CookieKeyStore Store(string path)
    {
        var store = new CookieKeyStore(path, RandomNumberGenerator.Fill, NullLogger.Instance);
        store.Load(Now);
        return store;
    }

    private static string SecretOf(CookieKey key)
    {
        byte[] secret = new byte[CookieKey.SecretSize];
        key.CopyTo(secret);
        return Convert.ToHexString(secret);
    }
}
