using System.Globalization;
using System.Runtime.InteropServices;

namespace TimeSuite.Linux;

/// <summary>Sockets that systemd opened and handed down: sd_listen_fds_with_names(3), without libsystemd.</summary>
public sealed partial class ListenFds
{
    private const int FirstFd = 3; // SD_LISTEN_FDS_START
    private const int MaxFds = 4_096; // 256 threads at some addresses
    private const int SetDescriptorFlags = 2, CloseOnExec = 1;

    private readonly List<(string Name, int Fd)> _left;

    internal ListenFds(List<(string Name, int Fd)> left) => (_left, _wereAny) = (left, left.Count > 0);

    /// <summary>Names of those that nobody has taken, in the order of the unit.</summary>
    public IEnumerable<string> Names => _left.Select(entry => entry.Name);

    /// <summary>From LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES, which are then removed. Empty if they are for another process.</summary>
    public static ListenFds FromEnvironment()
    {
        var fds = Parse(EnvironmentVariables.Take("LISTEN_PID"), EnvironmentVariables.Take("LISTEN_FDS"), EnvironmentVariables.Take("LISTEN_FDNAMES"), Environment.ProcessId);
        foreach (var (_, fd) in fds._left)
        {
            Errno.Check(Fcntl(fd, SetDescriptorFlags, CloseOnExec), $"fcntl {fd}");
        }

        return fds;
    }

    /// <summary>Takes the first socket of that name (FileDescriptorName=, else the unit's name); null if there is none left.</summary>
    public Descriptor? Take(string name)
    {
        int index = _left.FindIndex(entry => entry.Name == name);
        if (index < 0)
        {
            return null;
        }

        int fd = _left[index].Fd;
        _left.RemoveAt(index);
        return new(fd);
    }

    /// <summary>Reads the three variables; what is malformed or not for <paramref name="ownPid"/> means no sockets.</summary>
    internal static ListenFds Parse(string? pid, string? count, string? names, int ownPid)
    {
        bool isForUs = int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out int forPid) && forPid == ownPid;
        if (!isForUs || !int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out int fds) || fds > MaxFds)
        {
            return new([]);
        }

        string[] labels = string.IsNullOrEmpty(names) ? [] : names.Split(':');
        return new([.. Enumerable.Range(0, fds).Select(index => (index < labels.Length ? labels[index] : "unknown", FirstFd + index))]);
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Fcntl(int fd, int command, int argument);
}
