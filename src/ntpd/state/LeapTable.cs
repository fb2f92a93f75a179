using Microsoft.Extensions.Logging;
using TimeSuite.Config;
using TimeSuite.Linux;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.State;

/// <summary>The leap-seconds.list in force: the configured one, or the system's.</summary>
internal sealed partial class LeapTable(ILogger<LeapTable> log)
{
    /// <summary>Null without a file that makes sense.</summary>
    public LeapSeconds? Table { get; private set; }

    /// <summary>Reads the file again. A bad one is named in the log, and the table before it stays.</summary>
    public void Load(LeapConfig config)
    {
        string path = config.File ?? LeapSecondsFile.SystemPath;
        if (LeapSecondsFile.Read(path, out string? error) is { } table)
        {
            Table = table;
        }
        else if (config.File is not null || File.Exists(path))
        {
            LogBad(log, path, error!);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The leap seconds of {Path} are not used: {Reason}")]
    private static partial void LogBad(ILogger log, string path, string reason);
}
