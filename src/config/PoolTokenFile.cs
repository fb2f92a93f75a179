using System.Security.Cryptography;

namespace TimeSuite.Config;

/// <summary>The tokens of the pools that may ask for cookies on behalf of their users: one a line, as the pool gave it; a line that begins with # is a comment.</summary>
/// <remarks>No message quotes one.</remarks>
public static class PoolTokenFile
{
    /// <summary>Characters of the shortest token that is taken: what is shorter could be guessed.</summary>
    public const int Shortest = 16;

    private const int LongestFile = 1 << 16, Longest = 256, Most = 16;

    /// <summary>Reads a file that belongs to root or to us, that nobody else may write and that not everybody may read.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tokens">In memory that the collector does not move. Empty if anything is wrong.</param>
    /// <returns>What is wrong, and what would be right.</returns>
    public static IReadOnlyList<ConfigError> Load(string path, out IReadOnlyList<byte[]> tokens)
    {
        tokens = [];
        if (TrustedText.ReadSecret(path, LongestFile, out byte[] octets) is { } reason)
        {
            return [new(path, 1, 1, reason)];
        }

        var errors = Parse(octets, path, out tokens);
        CryptographicOperations.ZeroMemory(octets);
        return errors;
    }

    /// <summary>Reads one text. Throws for nothing that may stand in it.</summary>
    public static IReadOnlyList<ConfigError> Parse(ReadOnlySpan<byte> text, string file, out IReadOnlyList<byte[]> tokens)
    {
        tokens = [];
        var found = new List<byte[]>();
        int number = 0;
        foreach (var range in text.Split((byte)'\n'))
        {
            number++;
            var line = text[range].Trim(" \t\r"u8);
            if (line.IsEmpty || line[0] == '#')
            {
                continue;
            }

            if (line.Length is < Shortest or > Longest || line.ContainsAnyExceptInRange((byte)'!', (byte)'~'))
            {
                return [new(file, number, 1, FormattableString.Invariant($"a token is a word of {Shortest} to {Longest} characters"))];
            }

            byte[] token = GC.AllocateUninitializedArray<byte>(line.Length, pinned: true);
            line.CopyTo(token);
            found.Add(token);
        }

        if (found.Count is 0 or > Most)
        {
            return [new(file, number, 1, FormattableString.Invariant($"holds {found.Count} tokens; 1 to {Most} are right"))];
        }

        tokens = found;
        return [];
    }
}
