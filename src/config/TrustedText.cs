using System.ComponentModel;
using System.Text;
using TimeSuite.Linux;

namespace TimeSuite.Config;

/// <summary>Reads a file only if nobody but root and ourselves can have written it (threat 61).</summary>
internal static class TrustedText
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Null if it was read; else what is wrong with the file and what would be right.</summary>
    /// <remarks>The open descriptor is judged and read, not the name: nobody can swap the file in between.</remarks>
    public static string? Read(string path, int longest, out string text)
    {
        text = "";
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

            long length = RandomAccess.GetLength(file);
            if (length > longest)
            {
                return FormattableString.Invariant($"has {length} octets; at most {longest} are read");
            }

            byte[] octets = new byte[length];
            int read = RandomAccess.Read(file, octets, 0);
            text = Utf8.GetString(octets.AsSpan(0, read)).TrimStart('\uFEFF');
            return null;
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return "does not exist";
        }
        catch (DecoderFallbackException)
        {
            return "is not UTF-8 text; save it as UTF-8";
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException or Win32Exception)
        {
            return $"cannot be read: {refused.Message}";
        }
    }
}
