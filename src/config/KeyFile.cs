using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace TimeSuite.Config;

/// <summary>How a key of the file is used.</summary>
public enum KeyKind
{
    Md5,
    Sha1,
    Sha256,
    Sha384,
    Sha512,
    Aes128,
    Aes256,
}

/// <summary>A line of the key file.</summary>
/// <param name="Id">1 to 2^32 - 1.</param>
/// <param name="Kind">How it is used.</param>
/// <param name="Secret">Its octets, in memory that the collector does not move. Whoever has it zeroes it.</param>
/// <param name="Line">Where it stands, from 1.</param>
public sealed record KeyLine(uint Id, KeyKind Kind, byte[] Secret, int Line);

/// <summary>What a key file holds, or what is wrong with it. Weak keys are no mistake but a warning.</summary>
/// <param name="Keys">In the order of the file.</param>
/// <param name="Errors">If there is one, the keys are not to be used.</param>
/// <param name="Warnings">For the log.</param>
public sealed record KeyFileResult(IReadOnlyList<KeyLine> Keys, IReadOnlyList<ConfigError> Errors, IReadOnlyList<ConfigError> Warnings);

/// <summary>Reads symmetric keys in chrony's format: lines of <c>ID [TYPE] [ASCII:|HEX:]KEY</c>; a line that begins with !, ;, # or % is a comment.</summary>
/// <remarks>No message quotes a secret, and no string ever holds one.</remarks>
public static class KeyFile
{
    private const int LongestFile = 1 << 20, LongestSecret = 1_024, ShortSecret = 10;

    private static readonly (string Name, KeyKind Kind)[] Types =
    [
        ("MD5", KeyKind.Md5), ("SHA1", KeyKind.Sha1), ("SHA256", KeyKind.Sha256), ("SHA384", KeyKind.Sha384), ("SHA512", KeyKind.Sha512),
        ("AES128", KeyKind.Aes128), ("AES256", KeyKind.Aes256),
    ];

    private static readonly string TypeNames = string.Join(", ", Types.Select(type => type.Name));

    /// <summary>Reads the file of a configuration; empty if it names none.</summary>
    public static KeyFileResult Of(SuiteConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return config.Keys is { } keys ? Load(keys.File) : new([], [], []);
    }

    /// <summary>Reads a file that belongs to root or to us, that nobody else may write and that not everybody may read.</summary>
    public static KeyFileResult Load(string path)
    {
        if (TrustedText.ReadSecret(path, LongestFile, out byte[] octets) is { } reason)
        {
            return new([], [new(path, 1, 1, reason)], []);
        }

        var result = Parse(octets, path);
        CryptographicOperations.ZeroMemory(octets);
        return result;
    }

    /// <summary>Reads one text. Throws for nothing that may stand in it.</summary>
    public static KeyFileResult Parse(ReadOnlySpan<byte> text, string file)
    {
        var keys = new List<KeyLine>();
        var errors = new List<ConfigError>();
        var warnings = new List<ConfigError>();
        int number = 0;
        foreach (var range in text.Split((byte)'\n'))
        {
            number++;
            var line = new LineReader(text[range], new(file, number, 1), number);
            if (line.IsEmpty)
            {
                continue;
            }

            if (line.TryRead(out var key, out var error))
            {
                if (keys.Find(other => other.Id == key!.Id) is { } twin)
                {
                    errors.Add(new(file, number, 1, FormattableString.Invariant($"key {key!.Id} stands in line {twin.Line} already; keep one of the two")));
                }

                keys.Add(key!);
                Warn(key!, file, warnings);
            }
            else
            {
                errors.Add(error);
            }
        }

        return new(keys, errors, warnings);
    }

    private static void Warn(KeyLine key, string file, List<ConfigError> warnings)
    {
        if (key.Kind is KeyKind.Md5 or KeyKind.Sha1)
        {
            warnings.Add(new(file, key.Line, 1, FormattableString.Invariant($"key {key.Id} uses {Types[(int)key.Kind].Name}, which is weak; AES128 is better and as fast")));
        }

        if (key.Secret.Length < ShortSecret)
        {
            warnings.Add(new(file, key.Line, 1, FormattableString.Invariant($"key {key.Id} has {key.Secret.Length * 8} bits; fewer than {ShortSecret * 8} can be guessed")));
        }
    }

    /// <summary>The words of one line.</summary>
    private ref struct LineReader
    {
        private readonly Position _at;
        private readonly int _number;
        private readonly ReadOnlySpan<byte> _line;
        private ReadOnlySpan<byte> _rest;

        public LineReader(ReadOnlySpan<byte> line, Position at, int number)
        {
            _line = line.TrimEnd(" \t\r\f\v"u8);
            _rest = _line.TrimStart(" \t\r\f\v"u8);
            (_at, _number) = (at, number);
        }

        public readonly bool IsEmpty => _rest.IsEmpty || "!;#%"u8.Contains(_rest[0]);

        public bool TryRead(out KeyLine? key, out ConfigError error)
        {
            key = null;
            var word = Word(out int column);
            if (!Utf8Parser.TryParse(word, out uint id, out int consumed) || consumed != word.Length || id == 0)
            {
                error = Error(column, "must begin with the key's number, from 1 to 4294967295, e.g. 1 AES128 HEX:...");
                return false;
            }

            var second = Word(out int secondAt);
            var third = Word(out int thirdAt);
            var fourth = Word(out int fourthAt);
            if (second.IsEmpty || !fourth.IsEmpty)
            {
                error = second.IsEmpty
                    ? Error(_line.Length + 1, "has no secret; must be ID TYPE KEY, e.g. 1 AES128 HEX:...")
                    : Error(fourthAt, "goes on behind the key; a key with spaces has to be written as HEX:...");
                return false;
            }

            var kind = KeyKind.Md5;
            if (!third.IsEmpty && !TryFindType(second, out kind))
            {
                error = Error(secondAt, $"has a type that is not known; must be one of {TypeNames}");
                return false;
            }

            return TryReadSecret(id, kind, third.IsEmpty ? second : third, third.IsEmpty ? secondAt : thirdAt, out key, out error);
        }

        private readonly bool TryReadSecret(uint id, KeyKind kind, ReadOnlySpan<byte> word, int column, out KeyLine? key, out ConfigError error)
        {
            key = null;
            error = default;
            bool isHex = word.StartsWith("HEX:"u8);
            var digits = isHex || word.StartsWith("ASCII:"u8) ? word[(word.IndexOf((byte)':') + 1)..] : word;
            int length = isHex ? digits.Length / 2 : digits.Length;
            int? exact = kind switch { KeyKind.Aes128 => 16, KeyKind.Aes256 => 32, _ => null };
            if (isHex ? digits.Length % 2 != 0 || digits.ContainsAnyExcept(HexDigits) : digits.ContainsAnyExceptInRange((byte)'!', (byte)'~'))
            {
                error = Error(column, isHex ? "has a key that is not hexadecimal; must be two digits for each octet" : "has a key with other characters than ASCII; write it as HEX:...");
            }
            else if (exact is { } wanted ? length != wanted : length is < 1 or > LongestSecret)
            {
                error = Error(column, FormattableString.Invariant($"has a key of {length} octets; {Types[(int)kind].Name} needs {(exact is { } octets ? octets : $"1 to {LongestSecret}")}"));
            }
            else
            {
                byte[] secret = GC.AllocateUninitializedArray<byte>(length, pinned: true);
                if (isHex)
                {
                    Convert.FromHexString(digits, secret, out _, out _);
                }
                else
                {
                    digits.CopyTo(secret);
                }

                key = new(id, kind, secret, _number);
                return true;
            }

            return false;
        }

        private static bool TryFindType(ReadOnlySpan<byte> word, out KeyKind kind)
        {
            foreach (var (name, value) in Types)
            {
                if (Ascii.EqualsIgnoreCase(word, name))
                {
                    kind = value;
                    return true;
                }
            }

            kind = default;
            return false;
        }

        private ReadOnlySpan<byte> Word(out int column)
        {
            _rest = _rest.TrimStart(" \t\f\v"u8);
            column = _line.Length - _rest.Length + 1;
            int end = _rest.IndexOfAny(" \t\f\v"u8);
            var word = end < 0 ? _rest : _rest[..end];
            _rest = _rest[word.Length..];
            return word;
        }

        private readonly ConfigError Error(int column, string message) => (_at with { Column = column }).Error(message);
    }

    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789abcdefABCDEF"u8);
}
