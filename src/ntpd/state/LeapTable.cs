using System.Text;
using Microsoft.Extensions.Logging;
using TimeSuite.Config;
using TimeSuite.Linux;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.State;

/// <summary>The leap-seconds.list in force: the configured one, or the system's.</summary>
internal sealed partial class LeapTable(ILogger<LeapTable> log)
{
    private const string SystemFile = "/usr/share/zoneinfo/leap-seconds.list";
    private const int LongestFile = 1 << 16;

    /// <summary>Null without a file that makes sense.</summary>
    public LeapSeconds? Table { get; private set; }

    /// <summary>Reads the file again. A bad one is named in the log, and the table before it stays.</summary>
    public void Load(LeapConfig config)
    {
        string path = config.File ?? SystemFile;
        var outcome = AtomicFile.Read(path, LongestFile, out byte[] content);
        if (outcome == FileOutcome.Absent && config.File is null)
        {
            return;
        }

        string? error = outcome.ToString();
        if (outcome == FileOutcome.Read && LeapSeconds.TryParse(Encoding.UTF8.GetString(content), out var table, out error))
        {
            Table = table;
            return;
        }

        LogBad(log, path, error!);
    }

    [LoggerMessage(LogLevel.Warning, "The leap seconds of {Path} are not used: {Reason}")]
    private static partial void LogBad(ILogger log, string path, string reason);
}
