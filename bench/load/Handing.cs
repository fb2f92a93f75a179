using System.Collections;
using System.Runtime.InteropServices;

namespace TimeSuite.Load;

/// <summary>Does what systemd does for a socket unit: binds, and becomes the program that is to serve. See sd_listen_fds(3).</summary>
internal static unsafe class Handing
{
    private const int First = 3, Aside = 500, SoReusePort = 15; // SD_LISTEN_FDS_START

    /// <summary>Returns only by an exception.</summary>
    /// <param name="port">On all addresses.</param>
    /// <param name="count">Of sockets; more than one share the port, as with ReusePort=yes.</param>
    /// <param name="command">The program, with its whole path, and its arguments.</param>
    public static void Become(int port, int count, ReadOnlySpan<string> command)
    {
        var sockets = new int[count];
        for (int index = 0; index < count; index++)
        {
            sockets[index] = Native.OpenUdp(Ipv4Name.Of(0, port), count > 1 ? SoReusePort : 0);
        }

        for (int index = 0; index < count; index++)
        {
            Native.Check(Native.Duplicate(sockets[index], Aside + index), "dup2"); // some may have the numbers that others are to have
            _ = Native.Close(sockets[index]);
        }

        var variables = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(entry => $"{entry.Key}={entry.Value}").Where(entry => !entry.StartsWith("LISTEN_", StringComparison.Ordinal));
        byte** arguments = Strings([.. command]), environment = Strings(
            [.. variables, $"LISTEN_PID={Environment.ProcessId}", $"LISTEN_FDS={count}", $"LISTEN_FDNAMES={string.Join(':', Enumerable.Repeat("ntp", count))}"]);
        for (int index = 0; index < count; index++)
        {
            Native.Check(Native.Duplicate(Aside + index, First + index), "dup2"); // which stays open over exec
            _ = Native.Close(Aside + index);
        }

        Native.Check(Native.Execute(arguments[0], arguments, environment), $"execve {command[0]}");
    }

    private static byte** Strings(string[] texts)
    {
        var array = (byte**)NativeMemory.AllocZeroed((nuint)texts.Length + 1, (nuint)sizeof(byte*));
        for (int index = 0; index < texts.Length; index++)
        {
            array[index] = (byte*)Marshal.StringToCoTaskMemUTF8(texts[index]);
        }

        return array;
    }
}
