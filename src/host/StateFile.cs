using System.Text;
using Microsoft.Extensions.Logging;
using TimeSuite.Linux;
using TimeSuite.Time;

namespace TimeSuite.Host;

/// <summary>A small file in the state directory: always whole, and set aside with a warning if it makes no sense.</summary>
/// <param name="path">Where.</param>
/// <param name="limit">Octets; a longer file makes no sense.</param>
/// <param name="log">For warnings.</param>
public sealed partial class StateFile(string path, int limit, ILogger log)
{
    /// <summary>For what everybody may know.</summary>
    public const UnixFileMode ReadableByAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>For secrets.</summary>
    public const UnixFileMode ReadableByOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private bool _warned;

    public UnixFileMode Mode { get; init; } = ReadableByAll;

    /// <summary>Whether writing waits until it survives a power cut.</summary>
    public bool IsDurable { get; init; }

    /// <summary>What is lost if what it held is lost, as the end of a sentence.</summary>
    public string Loss { get; init; } = "what it held is measured anew";

    /// <summary>Reads it, if there is one and it makes sense.</summary>
    /// <param name="parse">Returns why the octets make no sense, or null.</param>
    /// <param name="now">For the name of a file that is set aside.</param>
    public void Read(Func<byte[], string?> parse, Instant<Utc> now)
    {
        var outcome = AtomicFile.Read(path, limit, out byte[] content);
        if (outcome == FileOutcome.Absent)
        {
            return;
        }

        string? reason = outcome == FileOutcome.Read ? parse(content) : outcome.Words();
        if (reason is null)
        {
            return;
        }

        try
        {
            LogSetAside(log, path, reason, AtomicFile.SetAside(path, now), Loss);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogIgnored(log, path, reason);
        }
    }

    /// <summary>As <see cref="Read"/>, of UTF-8.</summary>
    public void ReadText(Func<string, string?> parse, Instant<Utc> now) => Read(content => parse(Encoding.UTF8.GetString(content)), now);

    /// <summary>As <see cref="Write"/>, in UTF-8.</summary>
    public void WriteText(string text) => Write(Encoding.UTF8.GetBytes(text));

    /// <summary>Writes it. A disk that is full or read-only is said once, until it works again.</summary>
    public void Write(ReadOnlySpan<byte> content)
    {
        try
        {
            AtomicFile.Write(path, content, Mode, IsDurable);
            _warned = false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (!_warned)
            {
                LogCannotWrite(log, path, exception.Message, Loss);
                _warned = true;
            }
        }
    }

    /// <summary>Removes it: what it holds may be used once only. False: it is still there.</summary>
    public bool TryDelete()
    {
        try
        {
            File.Delete(path);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogIgnored(log, path, exception.Message);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Path} is not used ({Reason}); it is now {Aside}, and {Loss}")]
    private static partial void LogSetAside(ILogger log, string path, string reason, string aside, string loss);

    [LoggerMessage(LogLevel.Warning, "{Path} is not used ({Reason}) and cannot be moved away")]
    private static partial void LogIgnored(ILogger log, string path, string reason);

    [LoggerMessage(LogLevel.Warning, "{Path} cannot be written: {Reason}; after a restart {Loss}")]
    private static partial void LogCannotWrite(ILogger log, string path, string reason, string loss);
}
