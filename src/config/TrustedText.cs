using System.ComponentModel;
using System.Text;
using TimeSuite.Linux;

namespace TimeSuite.Config;

/// <summary>Reads a file only if nobody but root and ourselves can have written it (threat 61).</summary>
internal static class TrustedText
{
    /// <summary>What begins a reason that lies in the reader's rights, or in the disk, and not in the file.</summary>
    public const string Unread = "cannot be read: ";

    private const int NoRight = 13; // EACCES

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Null if it was read; else what is wrong with the file and what would be right.</summary>
    public static string? Read(string path, int longest, out string text)
    {
        text = "";
        if (ReadOctets(path, longest, isSecret: false, out byte[] octets) is { } reason)
        {
            return reason;
        }

        try
        {
            text = Utf8.GetString(octets).TrimStart('\uFEFF');
            return null;
        }
        catch (DecoderFallbackException)
        {
            return "is not UTF-8 text; save it as UTF-8";
        }
    }

    /// <summary>The same for a file that others than its owner and its group may not even read.</summary>
    /// <param name="path">The file.</param>
    /// <param name="longest">So many octets at most.</param>
    /// <param name="octets">In memory that the collector does not move: whoever has it zeroes it.</param>
    public static string? ReadSecret(string path, int longest, out byte[] octets) => ReadOctets(path, longest, isSecret: true, out octets);

    private static string Remedy(Exception refused, string path) => refused is UnauthorizedAccessException or Win32Exception { NativeErrorCode: NoRight }
        ? FormattableString.Invariant($"; uid {Users.Own} has to be able to read it (ls -l {path}), and under AppArmor its profile to let it: of links, what they lead to")
        : "";

    /// <remarks>The open descriptor is judged and read, not the name: nobody can swap the file in between.</remarks>
    private static string? ReadOctets(string path, int longest, bool isSecret, out byte[] octets)
    {
        octets = [];
        try
        {
            using var file = FileOwner.Open(path);
            var (owner, mode, isRegular) = FileOwner.Of(file);
            if (!isRegular)
            {
                return Directory.Exists(path) ? "is a directory" : "is not a regular file";
            }

            if (owner != 0 && owner != Users.Own)
            {
                return FormattableString.Invariant($"belongs to uid {owner}; must belong to root (chown root {path})");
            }

            if (mode.HasFlag(UnixFileMode.OtherWrite))
            {
                return $"may be written by everybody; must not be (chmod o-w {path})";
            }

            if (isSecret && (mode & (UnixFileMode.OtherRead | UnixFileMode.GroupWrite)) != 0)
            {
                return $"holds secrets and may be {(mode.HasFlag(UnixFileMode.OtherRead) ? "read by everybody" : "written by its group")}; must not be (chmod 640 {path})";
            }

            long length = RandomAccess.GetLength(file);
            if (length > longest)
            {
                return FormattableString.Invariant($"has {length} octets; at most {longest} are read");
            }

            octets = GC.AllocateUninitializedArray<byte>((int)length, pinned: isSecret);
            int read = RandomAccess.Read(file, octets, 0);
            octets.AsSpan(read).Clear(); // cut while we read it
            octets = read == octets.Length ? octets : octets[..read];
            return null;
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return "does not exist";
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException or Win32Exception)
        {
            return Unread + refused.Message + Remedy(refused, path);
        }
    }
}
