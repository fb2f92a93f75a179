using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace TimeSuite.Linux;

/// <summary>The reader's end of clockd's time page. Safe from any thread; no call into clockd, no system call after opening.</summary>
public sealed class TimePage : IDisposable
{
    private const int Tries = 100, TriesBeforeYielding = 20;

    private readonly MappedPage _page;

    private TimePage(MappedPage page) => _page = page;

    /// <summary>
    /// Maps the page. The mapping stays good over restarts of clockd, which never replaces the file; if somebody has removed it meanwhile,
    /// <see cref="IsSameAs"/> tells.
    /// </summary>
    /// <param name="path">/run/timesuite/clockd/clock.</param>
    /// <param name="page">The page, if there is one of this boot and of a layout that is known here.</param>
    public static bool TryOpen(string path, [NotNullWhen(true)] out TimePage? page)
    {
        page = null;
        var mapped = MappedPage.OpenToRead(path);
        if (mapped is null)
        {
            return false;
        }

        if (!IsOfThisBoot(mapped, BootId.Read()))
        {
            mapped.Dispose();
            return false;
        }

        page = new(mapped);
        return true;
    }

    /// <summary>Copies what the page says, all of one moment.</summary>
    /// <returns>False if clockd stays in the middle of a write: then the clock is unsynchronised. Never spins without end.</returns>
    public bool TryRead(out TimePageReading reading)
    {
        for (int attempt = 0; attempt < Tries; attempt++)
        {
            uint before = Volatile.Read(ref _page.Sequence);
            if ((before & 1) == 0)
            {
                reading.Body = _page.Body;
                Interlocked.MemoryBarrier(); // the copy is complete before the sequence is looked at again
                if (Volatile.Read(ref _page.Sequence) == before)
                {
                    return reading.Kind != TimePageKind.None;
                }
            }

            if (attempt < TriesBeforeYielding)
            {
                Thread.SpinWait(20);
            }
            else
            {
                Thread.Yield();
            }
        }

        reading = default;
        return false;
    }

    /// <summary>Which clock it is about; of that alone, without a copy of the rest.</summary>
    public TimePageKind Kind => Volatile.Read(ref _page.Body.Kind) switch
    {
        (uint)TimePageKind.System => TimePageKind.System,
        (uint)TimePageKind.Shadow => TimePageKind.Shadow,
        _ => TimePageKind.None,
    };

    /// <summary>Whether both are mappings of one file.</summary>
    public bool IsSameAs(TimePage other) => _page.Identity == other._page.Identity;

    public void Dispose() => _page.Dispose();

    internal static bool IsOfThisBoot(MappedPage page, Guid boot) =>
        page.Header.StartsWith(MappedPage.Magic)
        && MemoryMarshal.Read<uint>(page.Header[8..]) == MappedPage.LayoutVersion
        && new Guid(page.Header.Slice(MappedPage.BootIdAt, 16), bigEndian: true) == boot;
}
