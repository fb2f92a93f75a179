using System.Runtime.InteropServices;
using TimeSuite.Time;

namespace TimeSuite.Linux;

/// <summary>clockd's end of the time page. One thread at a time; other processes are kept out by a lock on the file.</summary>
public sealed class TimePageWriter : ITimePagePublisher, IDisposable
{
    private readonly MappedPage _page;

    private TimePageWriter(MappedPage page) => _page = page;

    public TimePageReading? Earlier { get; private init; }

    /// <summary>Whether there was a page that no clockd can have left like that: it is taken as absent, but one has run before.</summary>
    public bool IsBroken { get; private init; }

    /// <summary>Opens or makes the page; the inode stays the same for ever.</summary>
    /// <param name="path">/run/timesuite/clockd/clock.</param>
    /// <param name="boot">A page of another boot is begun anew.</param>
    /// <param name="now">Now; nothing in the page can be from later. Null: that is not looked at.</param>
    /// <param name="warn">Told of a page that is broken.</param>
    /// <exception cref="IOException">Another writer has it, or the file cannot be had.</exception>
    public static TimePageWriter Open(string path, Guid boot, Instant<Raw>? now = null, Action<string>? warn = null)
    {
        var page = MappedPage.OpenToWrite(path);
        bool isOfThisBoot = TimePage.IsOfThisBoot(page, boot);
        if (isOfThisBoot && (page.Sequence & 1) != 0)
        {
            // Killed in the middle of a write. The copy was complete before the sequence went odd.
            page.Body = page.Mend;
            Volatile.Write(ref page.Sequence, unchecked(page.Sequence + 1));
        }

        var earlier = new TimePageReading { Body = page.Body };
        bool isWritten = page.HasBody;
        bool isBroken = page.WasCut || (isOfThisBoot ? isWritten && !earlier.IsPlausible(now) : !page.HasMagic);
        if (isBroken)
        {
            warn?.Invoke($"{path} makes no sense: it is begun anew, and what it said of this boot is lost");
        }

        if (isBroken || !isOfThisBoot)
        {
            Begin(page, boot);
        }

        return new(page) { Earlier = isWritten && isOfThisBoot && !isBroken ? earlier : null, IsBroken = isBroken };
    }

    public void Publish(in TimePageReading page) => Write(page.Body);

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
