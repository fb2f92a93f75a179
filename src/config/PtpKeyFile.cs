using System.Buffers.Text;
using System.Security.Cryptography;

namespace TimeSuite.Config;

/// <summary>How a key of PTP is used.</summary>
public enum PtpKeyKind
{
    /// <summary>The first 16 octets of HMAC-SHA256.</summary>
    Sha256Half,
    Sha256,
    Aes128,
    Aes256,
}

/// <summary>A line of the file.</summary>
/// <param name="Association">0 to 255: the security parameter pointer that both ends know the association by.</param>
/// <param name="Id">1 to 2^32 - 1.</param>
/// <param name="Kind">How it is used.</param>
/// <param name="Secret">Its octets, in memory that the collector does not move. Whoever has it zeroes it.</param>
/// <param name="Line">Where it stands, from 1.</param>
public sealed record PtpKeyLine(byte Association, uint Id, PtpKeyKind Kind, byte[] Secret, int Line);

/// <summary>Reads keys of PTP: lines of <c>ASSOCIATION ID TYPE HEX:KEY</c> (or ASCII:KEY), with linuxptp's names of types; a line that begins with # is a comment.</summary>
/// <remarks>No message quotes a secret, and no string ever holds one.</remarks>
public static class PtpKeyFile
{
    private const int LongestFile = 1 << 20, LongestSecret = 1_024, Words = 4;
    private const string Right = "must be ASSOCIATION ID TYPE KEY, e.g. 1 7 AES128 HEX:...";

    private static readonly System.Buffers.SearchValues<byte> s_hexDigits = System.Buffers.SearchValues.Create("0123456789abcdefABCDEF"u8);

    private static readonly (string Name, PtpKeyKind Kind, int? Octets)[] s_types =
        [("SHA256-128", PtpKeyKind.Sha256Half, null), ("SHA256", PtpKeyKind.Sha256, null), ("AES128", PtpKeyKind.Aes128, 16), ("AES256", PtpKeyKind.Aes256, 32)];

    /// <summary>Reads a file that belongs to root or to us, that nobody else may write and that not everybody may read.</summary>
    /// <param name="path">The file.</param>
    /// <param name="errors">If there is one, the keys are not to be used.</param>
    public static IReadOnlyList<PtpKeyLine> Load(string path, out IReadOnlyList<ConfigError> errors)
    {
        if (TrustedText.ReadSecret(path, LongestFile, out byte[] octets) is { } reason)
        {
            errors = [new(path, 1, 1, reason)];
            return [];
        }

        var keys = Parse(octets, path, out errors);
        CryptographicOperations.ZeroMemory(octets);
        return keys;
    }

    /// <summary>Reads one text. Throws for nothing that may stand in it.</summary>
    public static IReadOnlyList<PtpKeyLine> Parse(ReadOnlySpan<byte> text, string file, out IReadOnlyList<ConfigError> errors)
    {
        var keys = new List<PtpKeyLine>();
        var wrong = new List<ConfigError>();
        int number = 0;
        foreach (var range in text.Split((byte)'\n'))
        {
            number++;
            var line = text[range].Trim(" \t\r"u8);
            if (line.IsEmpty || line[0] == '#')
            {
                continue;
            }

            if (Read(line, number, out var key) is { } mistake)
            {
                wrong.Add(new(file, number, 1, mistake));
            }
            else if (keys.Find(other => other.Association == key!.Association && other.Id == key.Id) is { } twin)
            {
                wrong.Add(new(file, number, 1, FormattableString.Invariant($"key {twin.Id} of association {twin.Association} stands in line {twin.Line} already; keep one of the two")));
            }
            else
            {
                keys.Add(key!);
            }
        }

        errors = wrong;
        return keys;
    }

    /// <returns>What is wrong; null: nothing.</returns>
    private static string? Read(ReadOnlySpan<byte> line, int number, out PtpKeyLine? key)
    {
        key = null;
        Span<Range> words = stackalloc Range[Words + 1];
        int count = 0;
        foreach (var range in line.SplitAny(" \t"u8))
        {
            if (line[range].IsEmpty)
            {
                continue;
            }

            if (count == Words)
            {
                return $"goes on behind the key; {Right}; a key with spaces has to be written as HEX:...";
            }

            words[count++] = range;
        }

        if (count < Words)
        {
            return Right;
        }

        if (!TryNumber(line[words[0]], out uint association) || association > byte.MaxValue)
        {
            return "must begin with the number of its association, from 0 to 255";
        }

        if (!TryNumber(line[words[1]], out uint id) || id == 0)
        {
            return "must have a number of the key behind the association, from 1 to 4294967295";
        }

        foreach (var (name, kind, octets) in s_types)
        {
            if (line[words[2]].SequenceEqual(System.Text.Encoding.ASCII.GetBytes(name)))
            {
                return ReadSecret(line[words[3]], name, octets, out byte[]? secret) ?? Take(new((byte)association, id, kind, secret!, number), out key);
            }
        }

        return $"has a type that is not known; must be one of {string.Join(", ", s_types.Select(type => type.Name))}";
    }

    private static string? Take(PtpKeyLine read, out PtpKeyLine? key)
    {
        key = read;
        return null;
    }

    private static string? ReadSecret(ReadOnlySpan<byte> word, string type, int? exact, out byte[]? secret)
    {
        secret = null;
        bool isHex = word.StartsWith("HEX:"u8);
        if (!isHex && !word.StartsWith("ASCII:"u8))
        {
            return "has a key that says not how it is written; must begin with HEX: or ASCII:";
        }

        var digits = word[(word.IndexOf((byte)':') + 1)..];
        if (isHex ? digits.Length % 2 != 0 || digits.ContainsAnyExcept(s_hexDigits) : digits.ContainsAnyExceptInRange((byte)'!', (byte)'~'))
        {
            return isHex ? "has a key that is not hexadecimal; must be two digits for each octet" : "has a key with other characters than ASCII; write it as HEX:...";
        }

        int length = isHex ? digits.Length / 2 : digits.Length;
        if (exact is { } wanted ? length != wanted : length is < 16 or > LongestSecret)
        {
            return FormattableString.Invariant($"has a key of {length} octets; {type} needs {(exact is { } octets ? octets : $"16 to {LongestSecret}")}");
        }

        secret = GC.AllocateUninitializedArray<byte>(length, pinned: true);
        if (isHex)
        {
            Convert.FromHexString(digits, secret, out _, out _);
        }
        else
        {
            digits.CopyTo(secret);
        }

        return null;
    }

    private static bool TryNumber(ReadOnlySpan<byte> word, out uint value) => Utf8Parser.TryParse(word, out value, out int consumed) && consumed == word.Length;
}
