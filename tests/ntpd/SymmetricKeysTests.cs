using Microsoft.Extensions.Logging.Abstractions;
using TimeSuite.Config;
using TimeSuite.Ntp;
using TimeSuite.Ntpd.Sources;

namespace TimeSuite.Ntpd.Tests;

public sealed class SymmetricKeysTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void A_line_becomes_a_key_that_signs()
    {
        Write("5 AES128 HEX:2b7e151628aed2a6abf7158809cf4f3c");
        var key = Load([]).Find(5)!;

        byte[] mac = new byte[20];
        key.Sign(Convert.FromHexString("6bc1bee22e409f96e93d7e117393172a"), mac);

        Assert.Equal("00000005070A16B46B4D4144F79BDD9DD04A287C", Convert.ToHexString(mac)); // RFC 4493 section 4, example 2
        Assert.Equal(MacAlgorithm.Aes128, key.Algorithm);
        Assert.Null(Load([]).Find(4));
    }

    [Fact]
    public void A_source_whose_key_is_missing_is_named_with_its_place()
    {
        Write("5 SHA256 abcdefghijkl");

        var wrong = Assert.Throws<InvalidDataException>(() => Load([Source(5), Source(6)]));

        Assert.Equal($"t.toml(6): [[source]] a.example has key = 6, which is not in {_file}", wrong.Message);
    }

    [Fact]
    public void Every_wrong_line_is_named()
    {
        Write("1 SHA256 abcdefghijkl\n2 AES128 short\nthree");

        var wrong = Assert.Throws<InvalidDataException>(() => Load([]));

        Assert.Equal([$"{_file}(2,10)", $"{_file}(3,1)"], wrong.Message.Split('\n').Select(line => line.Split(':')[0]));
    }

    [Fact]
    public void Without_the_table_there_are_no_keys() =>
        Assert.Throws<InvalidDataException>(() => SymmetricKeys.Load(new(), [Source(1)], NullLogger.Instance));

    private static SourceConfig Source(uint key) => new() { Kind = SourceConfig.SourceKind.Server, Name = "a.example", Key = key, Where = $"t.toml({key})" };

    private KeyRing Load(IEnumerable<SourceConfig> sources) => SymmetricKeys.Load(new() { Keys = new() { File = _file } }, sources, NullLogger.Instance);

    private void Write(string text)
    {
        File.WriteAllText(_file, text);
        File.SetUnixFileMode(_file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
