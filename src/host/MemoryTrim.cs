using TimeSuite.Linux;

namespace TimeSuite.Host;

/// <summary>Gives back, two seconds after the start and each minute, what starting or a crowd of callers took: a daemon at rest allocates next to nothing, so nobody else would.</summary>
public sealed class MemoryTrim : IDisposable
{
    private const long WorthIt = 1 << 20; // octets allocated since the last time

    private readonly Timer _timer;
    private long _allocated;

    public MemoryTrim()
    {
        _timer = new(_ => Trim(), null, TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(1));
    }

    public void Dispose() => _timer.Dispose();

    private void Trim()
    {
        if (GC.GetTotalAllocatedBytes() - _allocated > WorthIt)
        {
            ProgramPages.Release();
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            _allocated = GC.GetTotalAllocatedBytes();
        }
    }
}
