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

    private LeapSeconds? _table;

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
            _table = table;
            return;
        }

        LogBad(log, path, error!);
    }

    /// <summary>TAI-UTC in seconds; null without a table that covers <paramref name="now"/>.</summary>
    public int? TaiOffset(Instant<Utc> now) => _table?.TaiMinusUtc(now);

    /// <summary>What the table says of the end of the day; null if it says nothing.</summary>
    public LeapSecond? AtEndOfDay(Instant<Utc> now) => _table?.AtEndOfDay(now);

    [LoggerMessage(LogLevel.Warning, "The leap seconds of {Path} are not used: {Reason}")]
    private static partial void LogBad(ILogger log, string path, string reason);
}
