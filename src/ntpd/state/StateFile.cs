using System.Text;
using Microsoft.Extensions.Logging;
using TimeSuite.Linux;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.State;

/// <summary>A small text file in the state directory: always whole, and set aside with a warning if it makes no sense.</summary>
/// <param name="path">Where.</param>
/// <param name="limit">Octets; a longer file makes no sense.</param>
/// <param name="log">For warnings.</param>
internal sealed partial class StateFile(string path, int limit, ILogger log)
{
    private const UnixFileMode ReadableByAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private bool _warned;

    /// <summary>What the file says; default if there is none or it makes no sense.</summary>
    /// <param name="parse">Returns why the text makes no sense, or null.</param>
    /// <param name="now">For the name of a file that is set aside.</param>
    public void Read(Func<string, string?> parse, Instant<Utc> now)
    {
        var outcome = AtomicFile.Read(path, limit, out byte[] content);
        if (outcome == FileOutcome.Absent)
        {
            return;
        }

        string? reason = outcome == FileOutcome.Read ? parse(Encoding.UTF8.GetString(content)) : $"{outcome}";
        if (reason is null)
        {
            return;
        }

        try
        {
            LogSetAside(log, path, reason, AtomicFile.SetAside(path, now));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogIgnored(log, path, reason);
        }
    }

    /// <summary>Writes it. A disk that is full or read-only is said once, until it works again.</summary>
    public void Write(string text)
    {
        try
        {
            AtomicFile.Write(path, Encoding.UTF8.GetBytes(text), ReadableByAll, isDurable: false);
            _warned = false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (!_warned)
            {
                LogCannotWrite(log, path, exception.Message);
                _warned = true;
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Path} is not used ({Reason}); it is now {Aside}, and what it held is measured anew")]
    private static partial void LogSetAside(ILogger log, string path, string reason, string aside);

    [LoggerMessage(LogLevel.Warning, "{Path} is not used ({Reason}) and cannot be set aside")]
    private static partial void LogIgnored(ILogger log, string path, string reason);

    [LoggerMessage(LogLevel.Warning, "{Path} cannot be written: {Reason}; time is kept all the same")]
    private static partial void LogCannotWrite(ILogger log, string path, string reason);
}
