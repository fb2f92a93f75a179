using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace TimeSuite.Architecture.Tests;

/// <summary>Three rings, arrows only inward: programs, adapters, pure. DESIGN.md's drawing is ARCHITECTURE.md's first.</summary>
public sealed class RingTests
{
    /// <summary>What each assembly of ours may refer to. What is not listed does not exist.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["TimeSuite.Time"] = [],
        ["TimeSuite.Ciphers"] = [],
        ["TimeSuite.Ntp"] = ["TimeSuite.Time", "TimeSuite.Ciphers"],
        ["TimeSuite.Nts"] = ["TimeSuite.Time", "TimeSuite.Ciphers", "TimeSuite.Ntp"],
        ["TimeSuite.Ptp"] = ["TimeSuite.Time", "TimeSuite.Ciphers"],
        ["TimeSuite.Discipline"] = ["TimeSuite.Time"],
        ["TimeSuite.Policy"] = ["TimeSuite.Time"],
        ["TimeSuite.Lookup"] = ["TimeSuite.Time"],
        ["TimeSuite.Linux"] = ["TimeSuite.Time"],
        ["TimeSuite.Config"] = ["TimeSuite.Time", "TimeSuite.Policy", "TimeSuite.Linux"],
        ["TimeSuite.Rpc"] = ["TimeSuite.Time", "TimeSuite.Linux"],
        ["TimeSuite.Host"] = ["TimeSuite.Time", "TimeSuite.Lookup", "TimeSuite.Linux", "TimeSuite.Rpc", "TimeSuite.Config"],
        // Not the discipline and not a protocol: the privileged process decides nothing about time.
        ["clockd"] = ["TimeSuite.Time", "TimeSuite.Policy", "TimeSuite.Linux", "TimeSuite.Rpc", "TimeSuite.Host", "TimeSuite.Config"],
        ["ntpd"] = ["TimeSuite.Time", "TimeSuite.Ntp", "TimeSuite.Nts", "TimeSuite.Ptp", "TimeSuite.Discipline", "TimeSuite.Linux", "TimeSuite.Rpc", "TimeSuite.Host", "TimeSuite.Config"],
        // Not NTP: no packet and no clock in the process that holds private keys.
        ["ntskeyd"] = ["TimeSuite.Time", "TimeSuite.Nts", "TimeSuite.Linux", "TimeSuite.Rpc", "TimeSuite.Host", "TimeSuite.Config"],
        ["ptpd"] = ["TimeSuite.Time", "TimeSuite.Ptp", "TimeSuite.Discipline", "TimeSuite.Linux", "TimeSuite.Rpc", "TimeSuite.Host", "TimeSuite.Config"],
        // Neither gRPC nor a configuration: one question, one answer.
        ["lookupd"] = ["TimeSuite.Time", "TimeSuite.Lookup", "TimeSuite.Linux", "TimeSuite.Host"],
        ["timectl"] = ["TimeSuite.Time", "TimeSuite.Linux", "TimeSuite.Rpc", "TimeSuite.Config"],
    };

    /// <summary>Packages that only one assembly may see.</summary>
    private static readonly Dictionary<string, string> Homes = new()
    {
        ["BouncyCastle.Cryptography"] = "TimeSuite.Nts",
        ["Tomlyn"] = "TimeSuite.Config",
        ["Serilog"] = "TimeSuite.Host",
        ["Spectre.Console"] = "timectl",
        ["System.CommandLine"] = "timectl",
    };

    public static TheoryData<string> Assemblies => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void Arrows_point_inward(string assembly)
    {
        var ours = References(assembly).Where(name => Allowed.ContainsKey(name) || name.StartsWith("TimeSuite.", StringComparison.Ordinal));

        Assert.Empty(ours.Except(Allowed[assembly]));
    }

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void Each_package_has_one_home(string assembly) =>
        Assert.DoesNotContain(References(assembly), name => Homes.TryGetValue(name.Split('.')[0] is "Serilog" ? "Serilog" : name, out string? home) && home != assembly);

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void Only_src_linux_calls_into_native_code(string assembly)
    {
        using var image = Open(assembly);
        var code = image.GetMetadataReader();
        var imports = code.MethodDefinitions.Select(code.GetMethodDefinition)
            .Where(method => !method.GetImport().Module.IsNil)
            .Select(method => code.GetString(method.Name));

        if (assembly == "TimeSuite.Linux")
        {
            Assert.NotEmpty(imports); // or this test could not fail
        }
        else
        {
            Assert.Empty(imports);
        }
    }

    [Fact]
    public void Every_project_under_src_is_listed_here()
    {
        string src = Path.Combine(Repository.Root, "src");
        var projects = Directory.EnumerateFiles(src, "*.csproj", SearchOption.AllDirectories).Select(AssemblyName);

        Assert.Equal(Allowed.Keys.Order(), projects.Order());
    }

    private static string AssemblyName(string project) =>
        System.Xml.Linq.XDocument.Load(project).Descendants("AssemblyName").Single().Value;

    private static List<string> References(string assembly)
    {
        using var image = Open(assembly);
        var code = image.GetMetadataReader();
        return [.. code.AssemblyReferences.Select(handle => code.GetString(code.GetAssemblyReference(handle).Name))];
    }

    private static PEReader Open(string assembly) => new(File.OpenRead(Path.Combine(AppContext.BaseDirectory, assembly + ".dll")));
}
