using System.Runtime.InteropServices;

namespace TimeSuite.Linux;

/// <summary>What happens to a system call that no line of the list lets through.</summary>
public enum SeccompMode
{
    /// <summary>EPERM, and a line in the kernel's log or audit.</summary>
    Enforce,

    /// <summary>The process is killed with SIGSYS: for tests, which then cannot overlook it.</summary>
    Kill,

    /// <summary>It goes through, and the kernel's log or audit has a line.</summary>
    Log,

    /// <summary>No filter at all.</summary>
    Off,
}

/// <summary>Closes the process to all system calls but those of a list, on all its threads and for good. See seccomp(2), seccomp_rule_add(3).</summary>
/// <remarks>
/// There are two filters, of whose verdicts the kernel takes the stricter one. The first gives calls that are probed for an answer of their own (clone3: ENOSYS)
/// and is silent; the second is the list, and the kernel logs what it refuses.
/// </remarks>
public static unsafe partial class SeccompFilter
{
    /// <summary>What makes the filters.</summary>
    public const string Library = "libseccomp.so.2";

    private const uint KillProcess = 0x8000_0000, Errors = 0x0005_0000, JustLog = 0x7FFC_0000, Allow = 0x7FFF_0000; // linux/seccomp.h
    private const int EqualTo = 4, MaskedEqualTo = 7; // enum scmp_compare
    private const int AllThreads = 4, Logging = 6, Optimizing = 8; // enum scmp_filter_attr
    private const int BinaryTree = 2;
    private const int Unknown = -1; // __NR_SCMP_ERROR
    private const ulong Low32 = uint.MaxValue;
    private const uint ProbedFamilies = 64; // more than there are

    /// <summary>Installs the list.</summary>
    /// <param name="rules">What is let through.</param>
    /// <param name="mode">Any but <see cref="SeccompMode.Off"/>.</param>
    /// <exception cref="DllNotFoundException">libseccomp is not on this machine.</exception>
    /// <exception cref="System.ComponentModel.Win32Exception">The kernel does not do it.</exception>
    public static void Install(IReadOnlyList<SyscallRule> rules, SeccompMode mode)
    {
        uint refusal = mode switch
        {
            SeccompMode.Enforce => Errors | Errno.EPERM,
            SeccompMode.Kill => KillProcess,
            SeccompMode.Log => JustLog,
            _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "no filter to install"),
        };
        Load(Allow, rules.Where(rule => rule.Answer is not null).Select(rule => (rule, Errors | (uint)rule.Answer!.Value)), logs: false);
        Load(refusal, rules.Select(rule => (rule, Allow)), logs: true);
    }

    /// <summary>The number of a system call on this machine; null if there is none of that name.</summary>
    /// <exception cref="DllNotFoundException">libseccomp is not on this machine.</exception>
    public static int? NumberOf(string name) => ResolveName(name) is >= 0 and var number ? number : null;

    /// <summary>Whether libseccomp knows the name, on whatever machine.</summary>
    internal static bool IsKnown(string name) => ResolveName(name) != Unknown;

    /// <summary>What a rule means to libseccomp: any of these rows of comparisons.</summary>
    internal static IEnumerable<Comparison[]> Compile(SyscallRule rule)
    {
        IEnumerable<Comparison[]> rows = [[]];
        foreach (var condition in rule.Conditions)
        {
            rows = rows.SelectMany(row => Compile(condition).Select(comparison => (Comparison[])[.. row, comparison])).ToList();
        }

        return rows;
    }

    private static IEnumerable<Comparison> Compile(SyscallCondition condition)
    {
        uint argument = (uint)condition.Argument;
        return condition.Test switch
        {
            ArgumentTest.In => condition.Values.Select(value => Is(value)),
            ArgumentTest.Outside => Enumerable.Range(0, (int)ProbedFamilies).Select(value => (uint)value).Except(condition.Values).Select(Is),
            ArgumentTest.Has => [new(argument, MaskedEqualTo, condition.Values[0], condition.Values[0])],
            ArgumentTest.Lacks => [new(argument, MaskedEqualTo, condition.Values[0], 0)],
            ArgumentTest.Self => [Is((uint)Environment.ProcessId)],
            _ => [new(argument, EqualTo, 0, 0)],
        };

        Comparison Is(uint value) => new(argument, MaskedEqualTo, Low32, value); // the kernel looks at 32 bits of an int too
    }

    private static void Load(uint otherwise, IEnumerable<(SyscallRule Rule, uint Action)> rules, bool logs)
    {
        nint filter = Create(otherwise);
        if (filter == 0)
        {
            throw Errno.Failure("seccomp_init", Errno.EINVAL);
        }

        try
        {
            Check(SetAttribute(filter, AllThreads, 1), "seccomp: one filter for all threads");
            _ = SetAttribute(filter, Logging, logs ? 1u : 0); // a kernel before 4.14 does not log
            _ = SetAttribute(filter, Optimizing, BinaryTree); // a library before 2.5 has a longer way to each rule
            foreach (var (rule, action) in rules)
            {
                int number = ResolveName(rule.Name);
                foreach (var row in number == Unknown ? [] : Compile(rule)) // a name that this library does not know yet is refused anyway
                {
                    fixed (Comparison* comparisons = row)
                    {
                        Check(AddRule(filter, action, number, (uint)row.Length, comparisons), $"seccomp_rule_add {rule.Name}");
                    }
                }
            }

            Check(Load(filter), "seccomp_load");
        }
        finally
        {
            Release(filter);
        }
    }

    private static void Check(int result, string call)
    {
        if (result < 0 && result != -Errno.EEXIST) // the same line in two lists
        {
            throw Errno.Failure(call, -result);
        }
    }

    // struct scmp_arg_cmp
    internal readonly record struct Comparison(uint Argument, int Operation, ulong First, ulong Second);

    [LibraryImport(Library, EntryPoint = "seccomp_init")]
    private static partial nint Create(uint otherwise);

    [LibraryImport(Library, EntryPoint = "seccomp_release")]
    private static partial void Release(nint filter);

    [LibraryImport(Library, EntryPoint = "seccomp_attr_set")]
    private static partial int SetAttribute(nint filter, int attribute, uint value);

    [LibraryImport(Library, EntryPoint = "seccomp_syscall_resolve_name", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ResolveName(string name);

    [LibraryImport(Library, EntryPoint = "seccomp_rule_add_array")]
    private static partial int AddRule(nint filter, uint action, int number, uint count, Comparison* comparisons);

    [LibraryImport(Library, EntryPoint = "seccomp_load")]
    private static partial int Load(nint filter);
}
