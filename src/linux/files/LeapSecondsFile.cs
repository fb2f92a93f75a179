using System.Text;
using TimeSuite.Time;

namespace TimeSuite.Linux;

/// <summary>leap-seconds.list, as the IERS publishes it and tzdata installs it.</summary>
public static class LeapSecondsFile
{
    public const string SystemPath = "/usr/share/zoneinfo/leap-seconds.list";

    private const int LongestFile = 1 << 16; // the IERS's has 5 KiB

    /// <summary>Reads the table. No file, whatever is in it, throws or blocks.</summary>
    /// <param name="path">A link to the file will do.</param>
    /// <param name="error">What is wrong with it, if the result is null.</param>
    public static LeapSeconds? Read(string path, out string? error)
    {
        try
        {
            error = AtomicFile.Read(path, LongestFile, out byte[] content, followsLink: true) switch
            {
                FileOutcome.Read => null,
                FileOutcome.Absent => "there is no such file",
                FileOutcome.TooLong => $"it is longer than {LongestFile} octets",
                FileOutcome.Denied => "no right to read it",
                _ => "it is not a regular file",
            };
            return error is null && LeapSeconds.TryParse(Encoding.UTF8.GetString(content), out var table, out error) ? table : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
        {
            error = failure.Message;
            return null;
        }
    }
}
