using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace TimeSuite.Architecture.Tests;

/// <summary>Pure code gets time, chance and octets as arguments, so that a test can hand it any of them.</summary>
public sealed class PurityTests
{
    public static TheoryData<string> PureAssemblies => ["TimeSuite.Time", "TimeSuite.Ciphers", "TimeSuite.Discipline", "TimeSuite.Ntp", "TimeSuite.Nts", "TimeSuite.Ptp", "TimeSuite.Policy", "TimeSuite.Lookup"];

    [Theory]
    [MemberData(nameof(PureAssemblies))]
    public void Pure_code_sees_no_socket_no_clock_no_dice_and_no_thread(string assembly) =>
        Assert.Empty(Impurities.Of(Path.Combine(AppContext.BaseDirectory, assembly + ".dll")));

    /// <summary>The test of the test: this assembly does all that is forbidden, below, and is found out for each.</summary>
    [Theory]
    [InlineData("System.Net.Sockets")]
    [InlineData("System.Threading")]
    [InlineData("DateTime.get_UtcNow")]
    [InlineData("Random.get_Shared")]
    [InlineData("Environment.get_TickCount64")]
    [InlineData("File.Exists")]
    [InlineData("Stopwatch.GetTimestamp")]
    public void Each_kind_of_impurity_is_found(string culprit) =>
        Assert.Contains(Impurities.Of(typeof(Impure).Assembly.Location), found => found.Contains(culprit, StringComparison.Ordinal));

    private static class Impure
    {
        internal static object?[] Everything() => new object?[]
        {
            new System.Net.Sockets.UdpClient(), new Thread(() => { }), DateTime.UtcNow, Random.Shared.Next(),
            Environment.TickCount64, File.Exists("/"), System.Diagnostics.Stopwatch.GetTimestamp(),
        };
    }

    private static class Impurities
    {
        private static readonly string[] AllowedAssemblies =
        [
            "System.Runtime", "System.Runtime.Intrinsics", "System.Memory", "System.Collections", "System.Linq", "System.Numerics.Vectors", "System.Security.Cryptography",
            "TimeSuite.Time", "TimeSuite.Ciphers", "TimeSuite.Ntp", "BouncyCastle.Cryptography",
        ];

        private static readonly string[] ForbiddenNamespaces = ["System.Net.Sockets", "System.Threading", "System.IO", "System.Diagnostics"];

        private static readonly string[] ForbiddenMembers =
        [
            "DateTime.get_UtcNow", "DateTime.get_Now", "DateTimeOffset.get_UtcNow", "DateTimeOffset.get_Now", "Random..ctor", "Random.get_Shared",
            "Guid.NewGuid", "RandomNumberGenerator.", "Environment.", "TimeProvider.", "Console.", "File.", "Stopwatch.",
        ];

        public static List<string> Of(string path)
        {
            using var image = new PEReader(File.OpenRead(path));
            var code = image.GetMetadataReader();
            var assemblies = code.AssemblyReferences
                .Select(handle => code.GetString(code.GetAssemblyReference(handle).Name))
                .Except(AllowedAssemblies);
            var types = code.TypeReferences.Select(code.GetTypeReference)
                .Select(type => $"{code.GetString(type.Namespace)}.{code.GetString(type.Name)}")
                .Where(name => ForbiddenNamespaces.Any(part => name.StartsWith(part, StringComparison.Ordinal)) && !IsCompilersOwn(name));
            var members = code.MemberReferences.Select(code.GetMemberReference)
                .Where(member => member.Parent.Kind == HandleKind.TypeReference)
                .Select(member => $"{code.GetString(code.GetTypeReference((TypeReferenceHandle)member.Parent).Name)}.{code.GetString(member.Name)}")
                .Where(name => ForbiddenMembers.Any(part => name.StartsWith(part, StringComparison.Ordinal)));
            return [.. assemblies, .. types, .. members];
        }

        /// <summary>Attributes and iterator plumbing that the compiler puts into every assembly.</summary>
        private static bool IsCompilersOwn(string name) =>
            name.StartsWith("System.Diagnostics.CodeAnalysis.", StringComparison.Ordinal)
            || name is "System.Diagnostics.DebuggableAttribute" or "System.Diagnostics.DebuggerBrowsableAttribute"
                or "System.Diagnostics.DebuggerBrowsableState" or "System.Diagnostics.DebuggerHiddenAttribute"
                or "System.Diagnostics.DebuggableAttribute.DebuggingModes" or "System.Diagnostics.UnreachableException"
                or "System.IO.Stream"; // the abstract one, of which BouncyCastle's verifiers are made: it opens nothing
    }
}
