using System.Diagnostics;
using TimeSuite.System.Tests.Suite;

namespace TimeSuite.System.Tests;

/// <summary>What <c>make install</c>, and so the package, puts in place.</summary>
public sealed class PackageTests : IDisposable
{
    private readonly string _tree = Directory.CreateTempSubdirectory("timesuite-install-").FullName;

    public PackageTests() => Run("packaging/install.sh");

    public void Dispose() => Directory.Delete(_tree, recursive: true);

    [Theory]
    [InlineData("systemd", "*.service", "usr/lib/systemd/system")]
    [InlineData("systemd", "*.socket", "usr/lib/systemd/system")]
    [InlineData("systemd", "*.target", "usr/lib/systemd/system")]
    [InlineData("systemd", "*.rules", "usr/lib/udev/rules.d")]
    [InlineData("systemd", "*.list", "usr/lib/systemd/ntp-units.d")]
    [InlineData("systemd", "*-generator", "usr/lib/systemd/system-generators")]
    [InlineData("apparmor", "timesuite-*", "etc/apparmor.d")]
    [InlineData("seccomp", "*.list", "usr/share/doc/timesuite/seccomp")]
    [InlineData("docs/man", "*.md", "usr/share/doc/timesuite/man")]
    public void Every_file_of_a_folder_is_installed(string folder, string pattern, string place)
    {
        var wanted = Names(Repository.File(folder), pattern);

        Assert.NotEmpty(wanted);
        Assert.Empty(wanted.Except(Names(Path.Combine(_tree, place), "*")));
    }

    [Fact]
    public void Every_program_that_a_unit_or_a_profile_names_is_there_and_no_placeholder_is_left()
    {
        var texts = Directory.EnumerateFiles(Path.Combine(_tree, "usr/lib/systemd"), "*", SearchOption.AllDirectories).Concat(Directory.EnumerateFiles(Path.Combine(_tree, "etc/apparmor.d")))
            .Select(file => (File: file, Lines: File.ReadAllLines(file))).ToList();
        var programs = texts.SelectMany(text => text.Lines).SelectMany(line => line.Split(' ', '=', '(')).Where(word => word.StartsWith("/usr/lib/timesuite/", StringComparison.Ordinal) || word == "/usr/bin/timectl").Distinct().ToList();

        Assert.True(programs.Count >= 6, string.Join(' ', programs));
        Assert.All(programs, program => Assert.True(File.Exists(_tree + program), program));
        Assert.All(texts, text => Assert.DoesNotContain(text.Lines, line => line.Contains("DIR@", StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_user_of_a_unit_is_made_and_every_socket_has_a_directory_that_is_made()
    {
        string users = File.ReadAllText(Path.Combine(_tree, "usr/lib/sysusers.d/timesuite.conf")), directories = File.ReadAllText(Path.Combine(_tree, "usr/lib/tmpfiles.d/timesuite.conf"));
        var lines = Directory.EnumerateFiles(Path.Combine(_tree, "usr/lib/systemd/system")).SelectMany(File.ReadAllLines).ToList();

        Assert.All(Values("User="), user => Assert.Contains($"u {user} ", users, StringComparison.Ordinal));
        Assert.All(Values("SocketGroup="), group => Assert.Contains($"g {group} ", users, StringComparison.Ordinal));
        Assert.All(Values("ListenStream=").Concat(Values("ListenSequentialPacket=")), socket => Assert.Contains($"d {Path.GetDirectoryName(socket)} ", directories, StringComparison.Ordinal));

        IEnumerable<string> Values(string key) => lines.Where(line => line.StartsWith(key, StringComparison.Ordinal)).Select(line => line[key.Length..]);
    }

    [Fact]
    public void What_was_installed_is_taken_away_but_for_the_configuration()
    {
        Run("packaging/uninstall.sh");

        Assert.Equal(["etc/timesuite/timesuite.toml"], Directory.EnumerateFiles(_tree, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_tree, file)));
    }

    private void Run(string script)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", [Repository.File(script), _tree, "/usr"]) { RedirectStandardError = true })!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, error);
    }

    private static List<string> Names(string folder, string pattern) => [.. Directory.EnumerateFiles(folder, pattern).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];
}
