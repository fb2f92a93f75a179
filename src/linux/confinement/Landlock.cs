using System.Runtime.InteropServices;

namespace TimeSuite.Linux;

/// <summary>Where the calling thread, and every program that it becomes, may write: in a few directories and nowhere else. See landlock(7).</summary>
/// <remarks>What may be read is left to users, groups and AppArmor. It counts for one thread only: do it, then become the program again (<see cref="ProgramAgain"/>).</remarks>
public static unsafe partial class Landlock
{
    // linux/landlock.h; the numbers of the calls are the same on all machines
    private const int CreateRulesetCall = 444, AddRuleCall = 445, RestrictSelfCall = 446;
    private const uint AskVersion = 1;
    private const int PathBeneath = 1;
    private const ulong WriteFile = 1 << 1, RemoveDirectory = 1 << 4, RemoveFile = 1 << 5, MakeCharacter = 1 << 6, MakeDirectory = 1 << 7, MakeRegular = 1 << 8, MakeSocket = 1 << 9,
        MakeFifo = 1 << 10, MakeBlock = 1 << 11, MakeLink = 1 << 12, Refer = 1 << 13, Truncate = 1 << 14;
    private const ulong Own = WriteFile | RemoveDirectory | RemoveFile | MakeDirectory | MakeRegular | MakeSocket | Refer | Truncate;
    private const ulong BindTcp = 1 << 0, ConnectTcp = 1 << 1;
    private const ulong ScopeAbstractSockets = 1 << 0, ScopeSignals = 1 << 1;
    private const int OpenPath = 0x200000 | 0x80000; // O_PATH | O_CLOEXEC

    /// <summary>What this kernel can; 0: nothing.</summary>
    public static int Version
    {
        get
        {
            nint version = SystemCall(CreateRulesetCall, 0, 0, (nint)AskVersion, 0);
            return version < 0 ? 0 : (int)version;
        }
    }

    /// <summary>Restricts the calling thread for good. Before this it must have given up to gain rights (<see cref="Capabilities.ForbidNew"/>). A kernel without Landlock does nothing.</summary>
    /// <param name="directories">Under these it may make, change and delete files, directories and sockets; those that are not there are left out.</param>
    /// <param name="devices">Under these it may write to what is there.</param>
    /// <param name="usesTcp">Whether it may bind and connect TCP sockets.</param>
    public static void Restrict(IEnumerable<string> directories, IEnumerable<string> devices, bool usesTcp)
    {
        ArgumentNullException.ThrowIfNull(directories);
        ArgumentNullException.ThrowIfNull(devices);
        int version = Version;
        if (version == 0)
        {
            return;
        }

        ulong known = (version >= 3 ? ulong.MaxValue : ~Truncate) & (version >= 2 ? ulong.MaxValue : ~Refer);
        var attributes = new RulesetAttributes
        {
            files = (Own | MakeCharacter | MakeFifo | MakeBlock | MakeLink) & known,
            network = version >= 4 && !usesTcp ? BindTcp | ConnectTcp : 0,
            scoped = version >= 6 ? ScopeAbstractSockets | ScopeSignals : 0, // what others offer without a file is nobody's of the suite
        };
        int size = version switch { >= 6 => 24, >= 4 => 16, _ => 8 };
        using var rules = Descriptor.FromCall((int)SystemCall(CreateRulesetCall, (nint)(&attributes), size, 0, 0), "landlock_create_ruleset");
        directories.ToList().ForEach(path => Allow(rules, path, Own & known));
        devices.ToList().ForEach(path => Allow(rules, path, WriteFile));
        Errno.Check((int)SystemCall(RestrictSelfCall, rules.Number, 0, 0, 0), "landlock_restrict_self");
    }

    private static void Allow(Descriptor rules, string path, ulong access)
    {
        int fd = OpenDirectory(path, OpenPath);
        if (fd < 0)
        {
            return;
        }

        using var directory = new Descriptor(fd);
        byte* rule = stackalloc byte[12]; // struct landlock_path_beneath_attr is packed
        *(ulong*)rule = access;
        *(int*)(rule + 8) = fd;
        Errno.Check((int)SystemCall(AddRuleCall, rules.Number, PathBeneath, (nint)rule, 0), $"landlock_add_rule {path}");
    }

    // struct landlock_ruleset_attr
    private struct RulesetAttributes
    {
        public ulong files, network, scoped;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint a, nint b, nint c, nint d);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenDirectory(string path, int flags);
}
