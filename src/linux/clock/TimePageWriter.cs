using System.Runtime.InteropServices;
using TimeSuite.Time;

namespace TimeSuite.Linux;

/// <summary>clockd's end of the time page. One thread at a time; other processes are kept out by a lock on the file.</summary>
public sealed class TimePageWriter : IDisposable
{
    private readonly MappedPage _page;

    private TimePageWriter(MappedPage page) => _page = page;

    /// <summary>What an earlier writer of this boot left, if there was one.</summary>
    public TimePageReading? Earlier { get; private init; }

    /// <summary>Opens or makes the page; the inode stays the same for ever.</summary>
    /// <param name="path">/run/timesuite/clockd/clock.</param>
    /// <param name="boot">A page of another boot is begun anew.</param>
    /// <exception cref="IOException">Another writer has it, or the file cannot be had.</exception>
    public static TimePageWriter Open(string path, Guid boot)
    {
        var page = MappedPage.OpenToWrite(path);
        if (!TimePage.IsOfThisBoot(page, boot))
        {
            Begin(page, boot);
            return new(page);
        }

        if ((page.Sequence & 1) != 0)
        {
            // Killed in the middle of a write. The copy was complete before the sequence went odd.
            page.Body = page.Mend;
            Volatile.Write(ref page.Sequence, unchecked(page.Sequence + 1));
        }

        var earlier = new TimePageReading { Body = page.Body };
        return new(page) { Earlier = earlier.Kind == TimePageKind.None ? null : earlier };
    }

    /// <summary>Publishes.</summary>
    /// <param name="clock">The clock, for its kind and its segments.</param>
    /// <param name="state">What it does.</param>
    /// <param name="announced">What is known of its error, as of <paramref name="announcedAt"/>.</param>
    /// <param name="announcedAt">When the steerer said so; a suspend after it makes readers doubt.</param>
    /// <param name="bound">Half-width of the interval that holds true time now, the pending phase included.</param>
    /// <param name="generation">Steps since boot.</param>
    /// <param name="now">Now.</param>
    public void Publish(
        ISteerableClock clock, in ClockState state, in Announcement announced, Moment announcedAt, Duration bound, ulong generation, Moment now)
    {
        var body = new TimePageBody
        {
            Kind = (uint)clock.Kind,
            Flags = announced.Synchronized ? TimePageBody.SynchronizedFlag : 0,
            Leap = (int)announced.Leap,
            TaiOffset = announced.TaiOffset,
            TimeConstant = (uint)state.TimeConstant,
            StepGeneration = generation,
            Frequency = ClockSegment.ToTicks(state.Frequency),
            BoundGrowth = ClockSegment.ToTicks(announced.Growth),
            AsOf = PageTime.From(now.Raw.SinceEpoch),
            Announced = PageTime.From(announcedAt.Raw.SinceEpoch),
            Interval = PageTime.From(announced.Interval),
            Bound = PageTime.From(bound),
            PendingPhase = PageTime.From(state.PendingPhase),
            SlewStarts = PageTime.From(state.SlewStarts.SinceEpoch),
            Suspended = PageTime.From(announcedAt.Suspended),
            Sigma = PageTime.From(announced.Sigma),
        };
        foreach (var segment in clock.Segments)
        {
            body.Segments[(int)body.SegmentCount++] = new()
            {
                Start = PageTime.From(segment.Start.SinceEpoch),
                Base = PageTime.From(segment.Base.SinceEpoch),
                Rate = segment.RateTicks,
                Generation = segment.Generation,
                Suspended = PageTime.From(segment.Suspended),
            };
        }

        Write(body);
    }

    public void Dispose() => _page.Dispose();

    internal void Write(in TimePageBody body)
    {
        _page.Mend = body;
        uint sequence = _page.Sequence;
        Interlocked.MemoryBarrier(); // the copy before the odd sequence
        Volatile.Write(ref _page.Sequence, unchecked(sequence + 1));
        Interlocked.MemoryBarrier(); // the odd sequence before the body
        _page.Body = body;
        Volatile.Write(ref _page.Sequence, unchecked(sequence + 2)); // release: the body before the even sequence
    }

    /// <summary>Readers of an earlier boot's page see an odd sequence until the first write.</summary>
    private static void Begin(MappedPage page, Guid boot)
    {
        Volatile.Write(ref page.Sequence, page.Sequence | 1);
        Interlocked.MemoryBarrier();
        page.Mend = default;
        page.Body = default;
        MappedPage.Magic.CopyTo(page.Header);
        MemoryMarshal.Write(page.Header[8..], MappedPage.LayoutVersion);
        MemoryMarshal.Write(page.Header[12..], (uint)MappedPage.Size);
        boot.TryWriteBytes(page.Header.Slice(MappedPage.BootIdAt, 16), bigEndian: true, out _);
        Volatile.Write(ref page.Sequence, unchecked(page.Sequence + 1));
    }
}
