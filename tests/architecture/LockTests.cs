using System.Buffers.Binary;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace TimeSuite.Architecture.Tests;

/// <summary>What serves a request waits for nobody: no type on its way enters a lock. What is pure cannot (<see cref="PurityTests"/>): it does not see System.Threading.</summary>
public sealed class LockTests
{
    [Theory]
    [InlineData("ntpd", "ServingThread")]
    [InlineData("ntpd", "ServingClock")]
    [InlineData("ntpd", "Published`1")]
    [InlineData("TimeSuite.Linux", "UdpSocket")]
    [InlineData("TimeSuite.Linux", "DatagramBatch")]
    [InlineData("TimeSuite.Linux", "TimePage")]
    public void No_lock_is_taken_on_the_way_of_a_request(string assembly, string type) => Assert.Empty(LocksIn(assembly + ".dll", type));

    /// <summary>The test of the test.</summary>
    [Fact]
    public void A_lock_is_found() => Assert.Equal(2, LocksIn(Path.GetFileName(typeof(Locking).Assembly.Location), nameof(Locking)).Count);

    private static List<string> LocksIn(string file, string type)
    {
        using var image = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, file)));
        var code = image.GetMetadataReader();
        var locks = code.MemberReferences
            .Where(handle => code.GetMemberReference(handle).Parent is { Kind: HandleKind.TypeReference } parent
                && code.GetString(code.GetTypeReference((TypeReferenceHandle)parent).Name) is "Monitor" or "Lock" or "Mutex" or "SemaphoreSlim" or "ReaderWriterLockSlim"
                && code.GetString(code.GetMemberReference(handle).Name) is not ".ctor")
            .ToDictionary(handle => MetadataTokens.GetToken(handle), handle => code.GetString(code.GetMemberReference(handle).Name));
        var definition = code.TypeDefinitions.Select(code.GetTypeDefinition).Single(definition => code.GetString(definition.Name) == type);
        return
        [
            .. from handle in definition.GetMethods()
               let method = code.GetMethodDefinition(handle)
               where method.RelativeVirtualAddress != 0
               let octets = image.GetMethodBody(method.RelativeVirtualAddress).GetILBytes()!
               from at in Enumerable.Range(0, Math.Max(0, octets.Length - 4))
               where octets[at] is 0x28 or 0x6F // call, callvirt (ECMA-335 III.3.19, III.4.2)
               let token = BinaryPrimitives.ReadInt32LittleEndian(octets.AsSpan(at + 1))
               where locks.ContainsKey(token) && locks[token].Contains("Enter", StringComparison.Ordinal) | locks[token].Contains("Wait", StringComparison.Ordinal)
               select $"{type}.{code.GetString(method.Name)} calls {locks[token]}",
        ];
    }

    private static class Locking
    {
        private static readonly Lock s_new = new();
        private static readonly object s_old = new();

        internal static void Old()
        {
            lock (s_old)
            {
                _ = s_new;
            }
        }

        internal static void New()
        {
            lock (s_new)
            {
                _ = s_old;
            }
        }
    }
}
