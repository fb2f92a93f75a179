namespace TimeSuite.System.Tests.Net;

/// <summary>What names mean to one station, and to it alone: an /etc/hosts of its own in a mount namespace of its own, and no DNS.</summary>
internal sealed class Names : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("timesuite-names-").FullName;

    public Names()
    {
        File.WriteAllText(Path.Combine(_folder, "nsswitch.conf"), "hosts: files\n");
        Mean();
    }

    /// <summary>What stands before a command that is to see these names.</summary>
    public IReadOnlyList<string> Enter =>
        ["unshare", "--mount", "sh", "-c", "for file in \"$0\"/*; do mount --bind \"$file\" \"/etc/${file##*/}\" || exit 1; done; exec \"$@\"", _folder];

    /// <summary>From now on there are these names and no others.</summary>
    /// <param name="hosts">Address and name, as in hosts(5).</param>
    public void Mean(params IEnumerable<string> hosts) =>
        File.WriteAllText(Path.Combine(_folder, "hosts"), string.Concat(hosts.Select(line => line + "\n"))); // in place: a new file would not be seen through the mount

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
