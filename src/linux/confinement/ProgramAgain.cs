using System.Collections;
using System.Globalization;
using System.Runtime.InteropServices;

namespace TimeSuite.Linux;

/// <summary>Has this process begin again: the same program, arguments, process id and open files, and on all its threads what the calling one has done to itself. See execve(2).</summary>
/// <remarks>A .NET process has threads before Main, and what Landlock and capabilities restrict is a thread.</remarks>
public static unsafe partial class ProgramAgain
{
    private const string Mark = "TIMESUITE_BEGUN_AGAIN";

    /// <summary>Whether this is the second time; forgets it, so that no child takes it for its own.</summary>
    public static bool IsSecondTime() => EnvironmentVariables.Take(Mark) == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    /// <summary>Begins again, and so does not return, unless it may not: an AppArmor profile, say, lets a daemon execute nothing, itself included.</summary>
    public static void Begin()
    {
        string program = Environment.ProcessPath ?? "/proc/self/exe";
        string[] arguments = File.ReadAllText("/proc/self/cmdline").TrimEnd('\0').Split('\0');
        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(entry => $"{entry.Key}={entry.Value}")
            .Append(string.Create(CultureInfo.InvariantCulture, $"{Mark}={Environment.ProcessId}"));
        _ = Execve(program, Vector(arguments), Vector(environment));
    }

    /// <summary>A vector of strings that outlives this process's memory only by way of the kernel: never freed.</summary>
    private static nint* Vector(IEnumerable<string> texts)
    {
        nint[] pointers = [.. texts.Select(Marshal.StringToCoTaskMemUTF8), 0];
        var vector = (nint*)NativeMemory.Alloc((nuint)pointers.Length, (nuint)sizeof(nint));
        pointers.CopyTo(new Span<nint>(vector, pointers.Length));
        return vector;
    }

    [LibraryImport("libc", EntryPoint = "execve", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execve(string program, nint* arguments, nint* environment);
}
