using System.Globalization;
using TimeSuite.Linux;
using TimeSuite.Time;

namespace TimeSuite.Clockd.Tests;

public sealed class TimePageTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("timepage");
    private readonly Guid _boot = BootId.Read();

    private string PagePath => Path.Combine(_folder.FullName, "clock");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void What_was_published_is_read()
    {
        using var writer = TimePageWriter.Open(PagePath, _boot);
        Publish(writer, 7);
        var reading = Read();

        Assert.Equal(TimePageKind.System, reading.Kind);
        Assert.True(reading.Synchronized);
        Assert.Equal(LeapSecond.Delete, reading.Leap);
        Assert.Equal(37, reading.TaiOffset);
        Assert.Equal(7UL, reading.StepGeneration);
        Assert.Equal(-12.5, reading.Frequency.Ppm, precision: 9);
        Assert.Equal(Duration.FromSeconds(-7L), reading.PendingPhase);
        Assert.Equal(5, reading.TimeConstant);
        Assert.Equal(Duration.FromSeconds(7L), reading.Bound);
        Assert.Equal(new Instant<Raw>(Duration.FromSeconds(7L)), reading.AsOf);
        Assert.Equal(Duration.FromSeconds(0.0005), reading.Sigma);
    }

    [Fact]
    public void The_bound_grows_and_goes_stale_after_twice_the_interval_or_a_suspend()
    {
        using var writer = TimePageWriter.Open(PagePath, _boot);
        Publish(writer, 100); // interval 10 s, growth 100 ppm, bound 100 s
        var reading = Read();

        Assert.Equal(100 + 0.0015, reading.BoundAt(new(Duration.FromSeconds(115L))).Seconds, precision: 9);
        Assert.True(reading.IsSynchronizedAt(new(Duration.FromSeconds(120L)), Duration.Zero));
        Assert.False(reading.IsSynchronizedAt(new(Duration.FromSeconds(120.001)), Duration.Zero));
        Assert.True(reading.IsSynchronizedAt(new(Duration.FromSeconds(101L)), Duration.FromSeconds(0.0001)));
        Assert.False(reading.IsSynchronizedAt(new(Duration.FromSeconds(101L)), Duration.FromSeconds(3L)));
    }

    [Fact]
    public void The_file_is_never_replaced_and_everybody_may_read_it()
    {
        using (var first = TimePageWriter.Open(PagePath, Guid.NewGuid()))
        {
            Publish(first, 1);
        }

        Assert.False(TimePage.TryOpen(PagePath, out _)); // of another boot
        using var held = File.Open(PagePath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using (var second = TimePageWriter.Open(PagePath, _boot))
        {
            Assert.Null(second.Earlier);
            Publish(second, 2);
        }

        var octets = new byte[8192];
        Assert.Equal(4096, held.ReadAtLeast(octets, octets.Length, throwOnEndOfStream: false)); // the old inode has what was written now
        Assert.Equal(2UL, BitConverter.ToUInt64(octets, 64 + 24));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead, File.GetUnixFileMode(PagePath));
    }

    [Fact]
    public void A_second_writer_is_kept_out()
    {
        using var first = TimePageWriter.Open(PagePath, _boot);

        Assert.Throws<IOException>(() => TimePageWriter.Open(PagePath, _boot));
    }

    [Fact]
    public void A_planted_symbolic_link_is_not_followed()
    {
        string target = Path.Combine(_folder.FullName, "target");
        File.WriteAllText(target, "precious");
        File.CreateSymbolicLink(PagePath, target);

        Assert.Throws<IOException>(() => TimePageWriter.Open(PagePath, _boot));
        Assert.Equal("precious", File.ReadAllText(target));
    }

    [Fact]
    public void A_sequence_that_stays_odd_ends_the_reading()
    {
        using (var writer = TimePageWriter.Open(PagePath, _boot))
        {
            Publish(writer, 1);
        }

        KillInTheMiddleOfAWrite();
        Assert.True(TimePage.TryOpen(PagePath, out var page));
        using (page)
        {
            Assert.False(page.TryRead(out var reading));
            Assert.False(reading.IsSynchronizedAt(default, default));
        }
    }

    [Fact]
    public void A_writer_that_was_killed_in_the_middle_of_a_write_loses_nothing()
    {
        using (var writer = TimePageWriter.Open(PagePath, _boot))
        {
            Publish(writer, 1);
        }

        KillInTheMiddleOfAWrite();
        using var next = TimePageWriter.Open(PagePath, _boot);
        Assert.Equal(1UL, next.Earlier?.StepGeneration);
        Assert.Equal(1UL, Read().StepGeneration);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public void A_file_that_is_no_page_is_not_read(int length)
    {
        File.WriteAllBytes(PagePath, new byte[length]);

        Assert.False(TimePage.TryOpen(PagePath, out _));
        Assert.False(TimePage.TryOpen(PagePath + "-absent", out _));
    }

    /// <summary>Every field of a write is derived from one number; a reading that mixes two writes shows.</summary>
    [Fact]
    public void Readers_never_see_half_a_write()
    {
        using var writer = TimePageWriter.Open(PagePath, _boot);
        Publish(writer, 1);
        using var stop = new CancellationTokenSource();
        long torn = 0, read = 0, failed = 0;
        var readers = Enumerable.Range(0, 2).Select(_ => new Thread(() =>
        {
            Assert.True(TimePage.TryOpen(PagePath, out var page));
            using (page)
            {
                while (!stop.IsCancellationRequested)
                {
                    if (page.TryRead(out var reading))
                    {
                        var seconds = Duration.FromSeconds((long)reading.StepGeneration);
                        bool isWhole = reading.Bound == seconds && reading.PendingPhase == -seconds && reading.AsOf.SinceEpoch == seconds;
                        Interlocked.Add(ref torn, isWhole ? 0 : 1);
                        Interlocked.Increment(ref read);
                    }
                    else
                    {
                        Interlocked.Increment(ref failed);
                    }
                }
            }
        })).ToList();
        readers.ForEach(reader => reader.Start());
        for (long number = 2; number < 200_000 || Interlocked.Read(ref read) < 10_000; number++)
        {
            Publish(writer, number);
        }

        stop.Cancel();
        readers.ForEach(reader => reader.Join());
        Assert.Equal(0, torn);
    }

    [Fact]
    public void The_header_file_reads_what_the_library_reads()
    {
        string program = CProgram.Compile("read_clock", _folder.FullName);
        using var writer = TimePageWriter.Open(PagePath, _boot);
        var now = Moment.Now();
        var shadow = ShadowClock.Resume(null, Duration.FromSeconds(0.05), FrequencyOffset.FromPpm(30), now);
        shadow.StepBy(Duration.FromSeconds(1L), generation: 3, now);
        shadow.Steer(FrequencyOffset.FromPpm(-40), new(Duration.FromSeconds(-0.01), Duration.Zero, FrequencyOffset.FromPpm(500)), now);
        writer.Publish(TimePageReading.Of(shadow, shadow.Read(now), Announced, now, Duration.FromSeconds(0.002), 3, now));

        string[] printed = CProgram.Run(program, PagePath);
        var raw = new Instant<Raw>(Duration.FromFixedPoint(Long(printed[2]), ulong.Parse(printed[3], CultureInfo.InvariantCulture)));
        var reading = Read();
        Assert.True(reading.TryMap(raw, Clocks.Suspended(), out var time, out _));
        Assert.Equal(time.SinceEpoch, Duration.FromFixedPoint(Long(printed[0]), ulong.Parse(printed[1], CultureInfo.InvariantCulture))); // to the last bit
        Assert.Equal(reading.BoundAt(raw), Duration.FromFixedPoint(Long(printed[4]), ulong.Parse(printed[5], CultureInfo.InvariantCulture)));
        Assert.Equal(["1", "2", "37", "3"], printed[6..]); // synchronized, leap, TAI, generation
    }

    [Fact]
    public void The_header_file_gives_up_on_a_sequence_that_stays_odd()
    {
        string program = CProgram.Compile("read_clock", _folder.FullName);
        using (var writer = TimePageWriter.Open(PagePath, _boot))
        {
            Publish(writer, 1);
        }

        KillInTheMiddleOfAWrite();
        Assert.Equal(["none"], CProgram.Run(program, PagePath));
    }

    private static Announcement Announced => new()
    {
        Synchronized = true,
        Sigma = Duration.FromSeconds(0.0005),
        Growth = FrequencyOffset.FromPpm(100),
        Interval = Duration.FromSeconds(10L),
        Leap = LeapSecond.Delete,
        TaiOffset = 37,
    };

    private static void Publish(TimePageWriter writer, long number)
    {
        var seconds = Duration.FromSeconds(number);
        var state = new ClockState { Frequency = FrequencyOffset.FromPpm(-12.5), PendingPhase = -seconds, TimeConstant = 5 };
        var now = new Moment(new(seconds), default, default, default);
        writer.Publish(TimePageReading.Of(new KernelClock(new KernelModel(0), setsRtc: false), state, Announced, now, bound: seconds, (ulong)number, now));
    }

    private static long Long(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private TimePageReading Read()
    {
        Assert.True(TimePage.TryOpen(PagePath, out var page));
        using (page)
        {
            Assert.True(page.TryRead(out var reading));
            return reading;
        }
    }

    private void KillInTheMiddleOfAWrite()
    {
        byte[] octets = File.ReadAllBytes(PagePath);
        octets[32] |= 1;
        octets.AsSpan(64, 300).Fill(0xA5);
        using var file = File.OpenHandle(PagePath, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        RandomAccess.Write(file, octets, 0);
    }
}
