using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace TimeSuite.Fuzz;

/// <summary>Which ways through the instrumented code were ever gone, and how often in one run: AFL's map, which SharpFuzz's instrumentation fills in.</summary>
internal sealed unsafe class Coverage
{
    private const int Size = 1 << 16;

    private readonly byte* _map = (byte*)NativeMemory.AllocZeroed(Size); // as long as the process lives: the instrumentation writes to it
    private readonly byte[] _seen = new byte[Size]; // bits: classes of counts

    public Coverage() => Trace.SharedMem = _map;

    /// <summary>Branches of which at least one count was seen. Zero all the time: the assembly is not instrumented.</summary>
    public int Branches => _seen.Count(classes => classes != 0);

    public void Begin()
    {
        new Span<byte>(_map, Size).Clear();
        Trace.PrevLocation = 0;
    }

    /// <summary>Whether the run since <see cref="Begin"/> went a way that none did before it.</summary>
    public bool IsNew()
    {
        bool isNew = false;
        var map = new Span<byte>(_map, Size);
        for (int at = map.IndexOfAnyExcept((byte)0); at >= 0;)
        {
            byte classes = ClassOf(map[at]);
            isNew |= (classes & ~_seen[at]) != 0;
            _seen[at] |= classes;
            int next = map[(at + 1)..].IndexOfAnyExcept((byte)0);
            at = next < 0 ? -1 : at + 1 + next;
        }

        return isNew;
    }

    private static byte ClassOf(byte count) => count switch
    {
        1 => 1,
        2 => 2,
        3 => 4,
        <= 7 => 8,
        <= 15 => 16,
        <= 31 => 32,
        <= 127 => 64,
        _ => 128,
    };
}
