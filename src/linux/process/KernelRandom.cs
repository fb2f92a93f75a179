using System.Runtime.InteropServices;

namespace TimeSuite.Linux;

/// <summary>Numbers that nobody can guess, straight from the kernel: a cookie for each request needs no library of ciphers.</summary>
public static partial class KernelRandom
{
    /// <summary>64 random bits. Early in the boot it waits until the kernel has gathered enough. See getrandom(2).</summary>
    public static ulong Next()
    {
        ulong octets = 0;
        while (GetRandom(ref octets, sizeof(ulong), 0) != sizeof(ulong))
        {
            if (Errno.Last != Errno.EINTR)
            {
                throw Errno.Failure("getrandom"); // up to 256 octets it gives all or nothing
            }
        }

        return octets;
    }

    /// <summary>Fills all of it.</summary>
    public static void Fill(Span<byte> octets)
    {
        Span<byte> eight = stackalloc byte[sizeof(ulong)];
        for (; !octets.IsEmpty; octets = octets[Math.Min(octets.Length, eight.Length)..])
        {
            MemoryMarshal.Write(eight, Next());
            eight[..Math.Min(octets.Length, eight.Length)].CopyTo(octets);
        }

        eight.Clear();
    }

    [LibraryImport("libc", EntryPoint = "getrandom", SetLastError = true)]
    private static partial nint GetRandom(ref ulong octets, nint length, uint flags);
}
