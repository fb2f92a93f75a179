using System.Globalization;
using System.Runtime.InteropServices;

namespace TimeSuite.Linux;

/// <summary>The capability sets of the calling thread, one bit for each capability. See capabilities(7).</summary>
/// <param name="Inheritable">CapInh.</param>
/// <param name="Permitted">CapPrm.</param>
/// <param name="Effective">CapEff.</param>
/// <param name="Bounding">CapBnd.</param>
/// <param name="Ambient">CapAmb.</param>
/// <param name="NoNewPrivileges">No exec gives more rights than there are (prctl(2), PR_SET_NO_NEW_PRIVS): then the bounding set does not matter.</param>
public readonly partial record struct Capabilities(
    ulong Inheritable, ulong Permitted, ulong Effective, ulong Bounding, ulong Ambient, bool NoNewPrivileges = false)
{
    /// <summary>CAP_SYS_TIME: the right to set the system's clock.</summary>
    public const int SysTime = 25;

    /// <summary>CAP_NET_BIND_SERVICE: to bind ports below 1024.</summary>
    public const int NetBindService = 10;

    /// <summary>CAP_NET_RAW: to open packet sockets.</summary>
    public const int NetRaw = 13;

    /// <summary>CAP_NET_ADMIN: to have a network card stamp packets.</summary>
    public const int NetAdmin = 12;

    private const ulong SysTimeBit = 1UL << SysTime;
    private const int PrSetNoNewPrivileges = 38, PrCapbsetDrop = 24, PrCapAmbient = 47, PrCapAmbientLower = 3;
    private const uint CapabilityVersion3 = 0x20080522;

    /// <summary>Whether a capability is in the permitted set, and so in force or to be had by asking.</summary>
    /// <param name="capability">0 to 63, as in capabilities(7).</param>
    public bool Has(int capability) => (Permitted & (1UL << capability)) != 0;

    /// <summary>Whether the calling thread may set the system's clock now.</summary>
    public bool MaySetClock => (Effective & SysTimeBit) != 0;

    /// <summary>Whether CAP_SYS_TIME is in any set: even where it is not in force, it could come back by an exec.</summary>
    public bool CouldSetClock =>
        ((Inheritable | Permitted | Effective | Ambient) & SysTimeBit) != 0 || (!NoNewPrivileges && (Bounding & SysTimeBit) != 0);

    /// <summary>Those of the calling thread.</summary>
    /// <exception cref="InvalidDataException">/proc is not mounted or not Linux's.</exception>
    public static Capabilities Read() => Parse(File.ReadAllText("/proc/thread-self/status"));

    /// <summary>
    /// Takes CAP_SYS_TIME for good from every set of the calling thread, and so from each program that this thread starts.
    /// Other threads keep theirs.
    /// </summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The bounding set still has it and we have no right to change that (CAP_SETPCAP).</exception>
    public static void DropSysTime()
    {
        var now = Read();
        if ((now.Bounding & SysTimeBit) != 0)
        {
            Errno.Check(Prctl(PrCapbsetDrop, SysTime, 0, 0, 0), "prctl PR_CAPBSET_DROP");
        }

        GiveUp(SysTime);
    }

    /// <summary>No program that the calling thread becomes gets rights that this thread has not: neither root's nor those of a file. For good. See prctl(2), PR_SET_NO_NEW_PRIVS.</summary>
    public static void ForbidNew() => Errno.Check(Prctl(PrSetNoNewPrivileges, 1, 0, 0, 0), "prctl PR_SET_NO_NEW_PRIVS");

    /// <summary>Takes all capabilities but these from the calling thread and, after <see cref="ForbidNew"/>, from every program that it becomes.</summary>
    /// <param name="capabilities">0 to 31, as in capabilities(7); those that the thread has not it does not get.</param>
    public static void KeepOnly(params IEnumerable<int> capabilities)
    {
        var now = Read();
        uint kept = capabilities.Aggregate(0U, (bits, capability) => bits | 1U << capability);
        for (int capability = 0; capability < 64; capability++)
        {
            if ((now.Ambient >> capability & 1) == 1 && (capability >= 32 || (kept >> capability & 1) == 0))
            {
                _ = Prctl(PrCapAmbient, PrCapAmbientLower, capability, 0, 0);
            }
        }

        var header = new CapabilityHeader { version = CapabilityVersion3 };
        Span<CapabilityWords> words = [new(now, shift: 0, ~kept), new(now, shift: 32, uint.MaxValue)];
        Errno.Check(Capset(in header, in MemoryMarshal.GetReference(words)), "capset");
    }

    /// <summary>Takes a capability from the calling thread and what it starts; a program that it runs may get it again, if the bounding set has it.</summary>
    /// <param name="capability">0 to 31, as in capabilities(7).</param>
    public static void GiveUp(int capability)
    {
        var now = Read();
        _ = Prctl(PrCapAmbient, PrCapAmbientLower, capability, 0, 0); // an old kernel has no ambient set
        var header = new CapabilityHeader { version = CapabilityVersion3 };
        var low = new CapabilityWords(now, shift: 0, 1U << capability);
        var high = new CapabilityWords(now, shift: 32, 0);
        Span<CapabilityWords> words = [low, high];
        Errno.Check(Capset(in header, in MemoryMarshal.GetReference(words)), "capset");
    }

    /// <summary>Proves that this thread cannot set the clock: by its capability sets, and then by the kernel's own word.</summary>
    /// <remarks>
    /// Only when the capability is gone from every set, the kernel is asked to write the estimated error that it already has.
    /// It has to refuse with EPERM.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The clock could be set from here.</exception>
    public static void AssertCannotSetClock()
    {
        if (Read().CouldSetClock)
        {
            throw new InvalidOperationException(
                "CAP_SYS_TIME is still there, or could come back: start this through 'setpriv --bounding-set=-sys_time --inh-caps=-sys_time', or as an ordinary user through 'setpriv --no-new-privs'");
        }

        const int timexSize = 208, estimatedErrorOffset = 32, clockRealtime = 0;
        const uint writeEstimatedError = 0x8; // ADJ_ESTERROR
        Span<byte> timex = stackalloc byte[timexSize];
        timex.Clear();
        Errno.Check(ClockAdjtime(clockRealtime, ref MemoryMarshal.GetReference(timex)), "clock_adjtime");
        long estimatedError = MemoryMarshal.Read<long>(timex[estimatedErrorOffset..]);
        timex.Clear();
        MemoryMarshal.Write(timex, writeEstimatedError);
        MemoryMarshal.Write(timex[estimatedErrorOffset..], estimatedError);
        if (ClockAdjtime(clockRealtime, ref MemoryMarshal.GetReference(timex)) >= 0 || Errno.Last != Errno.EPERM)
        {
            throw new InvalidOperationException("the kernel does not refuse to adjust the clock with EPERM");
        }
    }

    /// <summary>Reads the text of /proc/PID/status.</summary>
    /// <exception cref="InvalidDataException">A set is missing.</exception>
    internal static Capabilities Parse(string status)
    {
        return new(Set("CapInh:"), Set("CapPrm:"), Set("CapEff:"), Set("CapBnd:"), Set("CapAmb:"), status.Contains("\nNoNewPrivs:\t1", StringComparison.Ordinal));

        ulong Set(string label)
        {
            foreach (var line in status.AsSpan().EnumerateLines())
            {
                if (line.StartsWith(label, StringComparison.Ordinal)
                    && ulong.TryParse(line[label.Length..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong set))
                {
                    return set;
                }
            }

            throw new InvalidDataException($"/proc/thread-self/status has no line {label}");
        }
    }

    // struct __user_cap_header_struct and __user_cap_data_struct of linux/capability.h
    private struct CapabilityHeader
    {
        public uint version;
        public int pid;
    }

    private struct CapabilityWords(Capabilities sets, int shift, uint without)
    {
        public uint effective = unchecked((uint)(sets.Effective >> shift)) & ~without;
        public uint permitted = unchecked((uint)(sets.Permitted >> shift)) & ~without;
        public uint inheritable = unchecked((uint)(sets.Inheritable >> shift)) & ~without;
    }

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int Prctl(int option, nint argument2, nint argument3, nint argument4, nint argument5);

    [LibraryImport("libc", EntryPoint = "capset", SetLastError = true)]
    private static partial int Capset(in CapabilityHeader header, in CapabilityWords words);

    [LibraryImport("libc", EntryPoint = "clock_adjtime", SetLastError = true)]
    private static partial int ClockAdjtime(int clock, ref byte timex);
}
