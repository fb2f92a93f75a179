using Grpc.Core;
using TimeSuite.Time;

namespace TimeSuite.Clockd.Tests;

/// <summary>A page that no clockd can have left is no page: the clock starts as if there were none, and no permit is given back.</summary>
public sealed class BrokenPageTests
{
    private const int Body = 64, Segments = Body + 192, SegmentSize = 64;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(32)]
    [InlineData(100)]
    [InlineData(300)]
    [InlineData(2048)]
    [InlineData(4095)]
    public void A_page_that_was_cut_is_begun_anew(int length) => Breaks(page => page[..length]);

    [Theory]
    [InlineData(0)] // even the header
    [InlineData(Body)]
    public void Random_octets_are_no_page(int from)
    {
        var random = new Random(5);
        for (int attempt = 0; attempt < 20; attempt++)
        {
            Breaks(page =>
            {
                random.NextBytes(page.AsSpan(from));
                page[32] &= 0xFE; // in no write
                return page;
            });
        }
    }

    [Theory]
    [InlineData(Body + 32, long.MaxValue)] // frequency
    [InlineData(Body + 40, -1)] // growth
    [InlineData(Body + 48, long.MinValue)] // as of
    [InlineData(Body + 48, 1L << 32)] // later than now
    [InlineData(Body + 64, long.MaxValue)] // announced
    [InlineData(Body + 80, long.MaxValue)] // interval
    [InlineData(Body + 80, -1)]
    [InlineData(Body + 96, -1)] // bound
    [InlineData(Body + 96, long.MaxValue)]
    [InlineData(Body + 112, long.MinValue)] // pending phase
    [InlineData(Body + 128, long.MaxValue)] // slew starts
    [InlineData(Body + 144, long.MinValue)] // suspended
    [InlineData(Body + 160, long.MaxValue)] // sigma
    [InlineData(Body + 24, -1)] // generation
    [InlineData(Body, 3)] // kind, flags
    [InlineData(Body + 16, 9L << 32)] // segments
    [InlineData(Segments, 1L << 32)] // start
    [InlineData(Segments, -1)]
    [InlineData(Segments + 16, 1_099_511_627_775)] // base
    [InlineData(Segments + 16, -1)]
    [InlineData(Segments + 32, long.MaxValue)] // rate
    [InlineData(Segments + 40, -1)] // generation
    [InlineData(Segments + 48, long.MinValue)] // suspended
    public void A_number_that_no_clockd_can_have_written_breaks_the_page(int at, long value) => Breaks(page =>
    {
        BitConverter.TryWriteBytes(page.AsSpan(at), value);
        return page;
    });

    [Fact]
    public void Whatever_is_in_it_clockd_starts_and_goes_on()
    {
        var random = new Random(9);
        long[] extremes = [0, 1, -1, long.MaxValue, long.MinValue, 1L << 33, (1L << 33) - 1, 1L << 61, 1L << 40];
        for (int attempt = 0; attempt < 200; attempt++)
        {
            using var host = Started();
            Change(host, page =>
            {
                for (int change = 0; change < 2; change++)
                {
                    int at = Body + (8 * random.Next((Segments + SegmentSize - Body) / 8));
                    BitConverter.TryWriteBytes(page.AsSpan(at), extremes[random.Next(extremes.Length)]);
                }

                return page;
            });
            host.Restart();
            host.Pass(2);
            host.Session.Housekeep();
            Assert.InRange(host.Time.SinceEpoch.Seconds, 0, 2e10);
            Assert.True(host.ReadPage().Bound.Sign >= 0);
        }
    }

    [Fact]
    public void A_page_that_was_only_begun_is_no_broken_one()
    {
        using var host = Started();
        File.Delete(host.RuntimeFile);
        File.Delete(host.DiskFile);
        Change(host, page =>
        {
            page.AsSpan(Body).Clear();
            return page;
        });
        host.Restart();

        Assert.Equal(StatusCode.OK, host.StepBy(host.Steer(), 1).Code);
        Assert.DoesNotContain(host.Log.Lines, line => line.Line.Contains("makes no sense", StringComparison.Ordinal));
    }

    private static Host Started()
    {
        var host = new Host();
        host.Announce(host.Steer());
        host.WaitForDisk();
        return host;
    }

    private static void Breaks(Func<byte[], byte[]> change)
    {
        using var host = Started();
        File.Delete(host.RuntimeFile);
        File.Delete(host.DiskFile);
        Change(host, change);
        host.Restart();

        Assert.InRange((host.Time - host.Now().Realtime).Seconds, -0.1, 0.1);
        Assert.Contains(host.Log.Lines, line => line.Line.Contains("clock makes no sense", StringComparison.Ordinal));
        Assert.Equal(StatusCode.FailedPrecondition, host.StepBy(host.Steer(), 1).Code); // a clockd ran before: what it used is not known
    }

    private static void Change(Host host, Func<byte[], byte[]> change)
    {
        byte[] changed = change(File.ReadAllBytes(host.PagePath));
        using var file = File.OpenHandle(host.PagePath, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        RandomAccess.SetLength(file, changed.Length);
        RandomAccess.Write(file, changed, 0);
    }
}
