using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text.RegularExpressions;
using TimeSuite.System.Tests.Suite;

namespace TimeSuite.System.Tests;

/// <summary>What <c>make install</c>, and so the package, puts in place.</summary>
public sealed partial class PackageTests : IDisposable
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
    public void Every_manual_page_that_a_unit_or_another_page_names_is_installed_by_that_name()
    {
        var pages = Directory.EnumerateFiles(Path.Combine(_tree, "usr/share/man"), "*.gz", SearchOption.AllDirectories).ToList();
        var named = Directory.EnumerateFiles(Path.Combine(_tree, "usr/lib/systemd/system")).SelectMany(File.ReadAllLines).Where(line => line.StartsWith("Documentation=", StringComparison.Ordinal)).ToList();
        var references = named.Concat(Names(Repository.File("docs/man"), "*.md").Select(name => File.ReadAllText(Repository.File("docs/man/" + name))))
            .SelectMany(text => PageReference().Matches(text)).Select(match => $"{match.Groups[1].Value}.{match.Groups[2].Value}.gz").Distinct().ToList();

        Assert.True(named.Count > 6 && named.All(line => line.StartsWith("Documentation=man:", StringComparison.Ordinal)), string.Join('\n', named));
        Assert.True(references.Count > 6, string.Join(' ', references));
        Assert.Empty(references.Except(pages.Select(page => Path.GetFileName(page)!)));
        Assert.All(pages, page => Assert.Equal($"man{page.Split('.')[^2]}", Path.GetFileName(Path.GetDirectoryName(page))));
        Assert.All(pages.Where(page => page.EndsWith(".8.gz", StringComparison.Ordinal)), page => Assert.StartsWith(Path.GetFileNameWithoutExtension(page)[..^2] + " - ", NameSection(page), StringComparison.Ordinal)); // what apropos(1) reads

        static string NameSection(string page)
        {
            using var text = new StreamReader(new GZipStream(File.OpenRead(page), CompressionMode.Decompress));
            return Regex.Match(text.ReadToEnd(), @"(?is)\.SH NAME\n\.PP\n(.*?)\.SH").Groups[1].Value;
        }
    }

    [Fact]
    public void The_archive_overwrites_no_configuration_and_its_files_have_the_time_of_the_build()
    {
        string archive = Path.Combine(_tree, "archive.tar"), place = Directory.CreateDirectory(Path.Combine(_tree, "unpacked")).FullName, root = Path.Combine(_tree, "root");
        RunWith("packaging/tarball.sh", [archive], ("PACKER", "cat"), ("SOURCE_DATE_EPOCH", "1700000000"));
        using (var reader = new TarReader(File.OpenRead(archive)))
        {
            while (reader.GetNextEntry() is { } entry)
            {
                Assert.Equal(1_700_000_000, entry.ModificationTime.ToUnixTimeSeconds());
                Assert.False(entry.Name.EndsWith("/etc/timesuite/timesuite.toml", StringComparison.Ordinal), entry.Name);
            }
        }

        TarFile.ExtractToDirectory(archive, place, overwriteFiles: false);
        string install = Path.Combine(Directory.GetDirectories(place).Single(), "install.sh"), config = Path.Combine(root, "etc/timesuite/timesuite.toml");
        RunWith(install, [root]);
        Assert.Equal(File.ReadAllText(Repository.File("packaging/timesuite.toml")), File.ReadAllText(config));
        string profiles = Path.Combine(root, "etc/apparmor.d"), edited = Path.Combine(profiles, "timesuite-ntpd"), earlier = Path.Combine(profiles, "timesuite-ptpd");
        File.WriteAllText(config, "# mine\n");
        File.WriteAllText(edited, "# mine\n");
        File.WriteAllText(earlier, "# of an earlier version\n");
        File.WriteAllText(Path.Combine(root, "usr/share/timesuite/apparmor.d/timesuite-ptpd"), "# of an earlier version\n");
        Assert.Contains("/etc/apparmor.d/timesuite-ntpd was edited, and stays", Ended(install, [root], []).Output, StringComparison.Ordinal);

        Assert.Equal("# mine\n", File.ReadAllText(config));
        Assert.Equal("# mine\n", File.ReadAllText(edited));
        Assert.Equal(File.ReadAllText(Path.Combine(_tree, "etc/apparmor.d/timesuite-ptpd")), File.ReadAllText(earlier));
        var ours = Of(Path.Combine(_tree, "etc/apparmor.d")).Select(profile => "share/timesuite/apparmor.d/" + profile).Append("share/timesuite/timesuite.toml");
        Assert.Equal(Of(Path.Combine(_tree, "usr")).Concat(ours).Order(StringComparer.Ordinal), Of(Path.Combine(root, "usr")));
        Assert.Equal(Of(Path.Combine(_tree, "etc")), Of(Path.Combine(root, "etc")));
        Assert.Equal((UnixFileMode)0b111_101_000, File.GetUnixFileMode(Path.Combine(root, "etc/timesuite/certificates")));
        Assert.True(File.GetUnixFileMode(Path.Combine(root, "usr/lib/timesuite/clockd")).HasFlag(UnixFileMode.OtherExecute));

        // What was enabled goes with it; an administrator's copy of a profile does not.
        File.CreateSymbolicLink(Path.Combine(Directory.CreateDirectory(Path.Combine(root, "etc/systemd/system/multi-user.target.wants")).FullName, "timesuite.target"), "/usr/lib/systemd/system/timesuite.target");
        File.WriteAllText(edited + ".bak", "# mine\n");
        RunWith(Path.Combine(Path.GetDirectoryName(install)!, "uninstall.sh"), [root]);
        Assert.Equal(["etc/apparmor.d/timesuite-ntpd.bak", "etc/timesuite/timesuite.toml"], Of(root));
        Assert.False(Directory.Exists(Path.Combine(root, "usr/lib/systemd/ntp-units.d")));

        var relative = Ended("-c", ["cd \"$1\" && \"$2\" here", "sh", _tree, install], []);
        Assert.True(relative.Code == 0 && File.Exists(Path.Combine(_tree, "here/etc/timesuite/timesuite.toml")), relative.Error);

        static List<string> Of(string folder) => [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file)).Order(StringComparer.Ordinal)];
    }

    [Fact]
    public void Where_the_lock_files_do_not_hold_the_bill_of_materials_has_what_was_restored_or_there_is_none()
    {
        string sources = Path.Combine(_tree, "sources"), program = Directory.CreateDirectory(Path.Combine(sources, "clockd")).FullName, restored = Path.Combine(_tree, "restored");
        File.WriteAllText(Path.Combine(program, "packages.lock.json"), "      \"Microsoft.DotNet.ILCompiler\": {\n        \"resolved\": \"10.0.1\",\n        \"contentHash\": \"one\"\n");
        string library = Directory.CreateDirectory(Path.Combine(sources, "rpc/obj")).Parent!.FullName;
        File.WriteAllText(Path.Combine(library, "packages.lock.json"), "      \"Only.Builds\": {\n        \"resolved\": \"3.0.0\",\n        \"contentHash\": \"three\"\n");
        File.WriteAllText(Path.Combine(library, "obj/project.assets.json"), "  \"libraries\": {\n    \"Only.Builds/3.0.1\": {\n      \"sha512\": \"three\",\n      \"type\": \"package\"\n");
        (string, string)[] places = [("SOURCES", sources), ("RESTORED", restored)];

        File.WriteAllText(restored, "packages are not locked: another SDK\n");
        Assert.Contains("run 'make publish' first", Ended("packaging/sbom.sh", [], places).Error, StringComparison.Ordinal);
        Directory.CreateDirectory(Path.Combine(program, "obj"));
        File.WriteAllText(Path.Combine(program, "obj/project.assets.json"), """
            {
              "targets": {
                "net10.0": {
                  "Elsewhere/1.0.0": {
                    "type": "package"
                  }
                }
              },
              "libraries": {
                "Microsoft.DotNet.ILCompiler/10.0.2": {
                  "sha512": "two",
                  "type": "package"
                },
                "TimeSuite.Host/0.1.0": {
                  "type": "project"
                }
              },
              "project": {}
            }
            """);
        Assert.Equal(["Microsoft.DotNet.ILCompiler 10.0.2", "Only.Builds 3.0.1"], Libraries());
        File.WriteAllText(restored, "locked\n");
        Assert.Equal(["Microsoft.DotNet.ILCompiler 10.0.1", "Only.Builds 3.0.0"], Libraries());

        List<string> Libraries() // all that only build; the compiler's own generator comes from elsewhere
        {
            var (code, output, error) = Ended("packaging/sbom.sh", [], places);
            Assert.True(code == 0, error);
            return [.. Tool().Matches(output).Select(match => $"{match.Groups[1].Value} {match.Groups[2].Value}").Where(name => !name.StartsWith("Microsoft.Extensions.Logging", StringComparison.Ordinal))];
        }
    }

    [Theory]
    [InlineData("timectl sou", "sources sourcestats")]
    [InlineData("timectl ste", "step")]
    [InlineData("timectl nts export ", "")] // the shell goes on with files
    [InlineData("timectl nts export /h", "")]
    [InlineData("timectl step --j", "--json")]
    public void The_shell_completes_what_the_program_says_and_leaves_files_to_itself(string typed, string offered)
    {
        const string ask = """
            PATH=$1:$PATH; . "$2"; COMP_LINE=$3 COMP_POINT=${#3}; read -ra COMP_WORDS <<<"$3"
            case $3 in *' ') COMP_WORDS+=("") ;; esac
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _timectl; echo "${COMPREPLY[*]}"
            """;
        var (_, said) = BoundedRun.Of("/bin/bash", ["-c", ask, "bash", Path.Combine(_tree, "usr/bin"), Path.Combine(_tree, "usr/share/bash-completion/completions/timectl"), typed], _tree, TimeSpan.FromSeconds(30));

        Assert.Equal(offered, said.Trim());
    }

    [Fact]
    public void What_only_builds_is_in_the_bill_of_materials_and_not_called_shipped()
    {
        string bill = File.ReadAllText(Path.Combine(_tree, "usr/share/doc/timesuite/sbom.cdx.json"));
        var tools = Tool().Matches(bill).Select(match => match.Groups[1].Value).ToList();
        var shipped = Component().Matches(bill).Select(match => match.Groups[1].Value).ToList();

        Assert.Contains("Grpc.Tools", tools);
        Assert.Contains("Microsoft.DotNet.ILCompiler", tools);
        Assert.Contains("Microsoft.Extensions.Logging.Abstractions", tools); // of which another version is linked in
        Assert.DoesNotContain(shipped, name => name.EndsWith("ILCompiler", StringComparison.Ordinal) || name == "Grpc.Tools");
    }

    [Fact]
    public void Whatever_is_linked_in_is_in_the_notices_with_its_licence()
    {
        using var text = new StreamReader(new GZipStream(File.OpenRead(Path.Combine(_tree, "usr/share/doc/timesuite/THIRD-PARTY-NOTICES.gz")), CompressionMode.Decompress));
        string notices = text.ReadToEnd();
        var shipped = Component().Matches(File.ReadAllText(Path.Combine(_tree, "usr/share/doc/timesuite/sbom.cdx.json"))).Select(match => $"{match.Groups[1].Value} {match.Groups[2].Value}").ToList();

        Assert.True(shipped.Count > 10, string.Join(' ', shipped));
        Assert.All(shipped, component =>
        {
            Assert.Contains($"\n{component}\n    Licence: ", notices, StringComparison.Ordinal);
            Assert.Matches($@"(?m)^(LICEN[CS]E\S* of|[\w.-]+, for) {Regex.Escape(component)}$", notices);
        });
        Assert.Matches(@"(?m)^THIRD-PARTY-NOTICES\S* of Microsoft\.NETCore\.App", notices);
    }

    [Fact]
    public void The_scripts_load_and_take_away_every_profile_by_its_name()
    {
        var profiles = Names(Repository.File("apparmor"), "timesuite-*").Select(name => name["timesuite-".Length..]).ToList();

        foreach (string script in new[] { "packaging/settle.sh", "packaging/uninstall.sh" })
        {
            Assert.Equal(profiles, ProfileLoop().Match(File.ReadAllText(Repository.File(script))).Groups[1].Value.Split(' ').Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void What_was_installed_is_taken_away_but_for_the_configuration()
    {
        Run("packaging/uninstall.sh");

        Assert.Equal(["etc/timesuite/timesuite.toml"], Directory.EnumerateFiles(_tree, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_tree, file)));
    }

    private void Run(string script) => RunWith(script, [_tree, "/usr"]);

    private static void RunWith(string script, string[] arguments, params (string Name, string Value)[] environment)
    {
        var (code, _, error) = Ended(script, arguments, environment);
        Assert.True(code == 0, error);
    }

    private static (int Code, string Output, string Error) Ended(string script, string[] arguments, (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("/bin/sh", [script == "-c" ? script : Repository.File(script), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        environment.ToList().ForEach(variable => start.Environment[variable.Name] = variable.Value);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output.Result, error);
    }

    private static List<string> Names(string folder, string pattern) => [.. Directory.EnumerateFiles(folder, pattern).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];

    [GeneratedRegex("\"name\": \"([^\"]*)\", \"version\": \"([^\"]*)\", \"scope\": \"required\"")]
    private static partial Regex Component();

    [GeneratedRegex("\"type\": \"library\".*\"name\": \"([^\"]*)\", \"version\": \"([^\"]*)\", \"scope\": \"excluded\"")]
    private static partial Regex Tool();

    [GeneratedRegex("for program in ([^;]*);")]
    private static partial Regex ProfileLoop();

    // Of the suite's pages, and of its daemons by a name that another package's page may have.
    [GeneratedRegex(@"(?<![\w-])(timesuite[\w.-]*|timectl|clockd|ntpd|ntskeyd|ptpd|lookupd)\((\d)\)")]
    private static partial Regex PageReference();
}
