using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using TimeSuite.Ntskeyd.Keys;

namespace TimeSuite.Ntskeyd.Tests;

public sealed class KeepingKeyTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("keeping");

    private string File => Path.Combine(_folder.FullName, "keeping.key");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_key_is_the_same_after_a_restart_and_nobody_else_may_read_it()
    {
        byte[] key = Secret();

        Assert.Equal(key, Secret());
        Assert.NotEqual(new byte[32], key);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
    }

    [Fact]
    public void A_damaged_file_is_set_aside_and_there_is_another_key()
    {
        byte[] key = Secret(), file = System.IO.File.ReadAllBytes(File);
        for (int octet = 0; octet < file.Length; octet++)
        {
            byte[] damaged = [.. file];
            damaged[octet] ^= 1;
            System.IO.File.WriteAllBytes(File, damaged);
            Assert.NotEqual(key, Secret());
            Assert.Single(_folder.GetFiles("*.bad-*")).Delete();
        }
    }

    private byte[] Secret() => [.. new KeepingKeyFile(File, RandomNumberGenerator.Fill, NullLogger.Instance).Secret(new(Duration.FromSeconds(1_800_000_000L)))];
}
