using Microsoft.Extensions.Logging;
using TimeSuite.Discipline;
using TimeSuite.Time;

namespace TimeSuite.Ntpd;

/// <summary>What an operator wants to find in the log of the discipline's words: who is followed, when that ends, what is wrong; each thing once.</summary>
internal sealed partial class OutcomeLog(ILogger log)
{
    /// <summary>An alarm that comes again so soon is the same one.</summary>
    private static readonly Duration SilenceAfterAlarm = Duration.FromSeconds(3600L);

    private readonly HashSet<SourceId> _alarmed = [];
    private readonly Dictionary<string, Instant<Raw>> _clockAlarms = []; // within the last hour
    private string _lastSaid = "";

    /// <param name="outcome">A new one.</param>
    /// <param name="isFollowing">Whether there is a source that is followed.</param>
    /// <param name="nameOf">A source's name.</param>
    /// <param name="now">The raw clock.</param>
    public void Say(Outcome outcome, bool isFollowing, Func<SourceId, string> nameOf, Instant<Raw> now)
    {
        string said = !outcome.Announcement.Synchronized ? "Not synchronised"
            : isFollowing ? "Synchronised"
            : "No source to follow: holding the rate";
        if (said != _lastSaid)
        {
            LogState(log, said, outcome.Tracking.Explanation);
            _lastSaid = said;
        }

        if (outcome.News is { } news)
        {
            LogNews(log, news);
        }

        SayClockAlarm(outcome.Alarm, now);
        foreach (var report in outcome.Sources)
        {
            if (report.Alarm is not { } alarm)
            {
                _alarmed.Remove(report.Id);
            }
            else if (_alarmed.Add(report.Id))
            {
                LogAlarm(log, nameOf(report.Id), alarm); // once, not at each sample with other numbers
            }
        }
    }

    private void SayClockAlarm(string? alarm, Instant<Raw> now)
    {
        foreach (string old in _clockAlarms.Keys.Where(other => now - _clockAlarms[other] > SilenceAfterAlarm && other != alarm).ToList())
        {
            _clockAlarms.Remove(old);
        }

        if (alarm is null)
        {
            return;
        }

        if (!_clockAlarms.ContainsKey(alarm))
        {
            LogClockAlarm(log, alarm);
        }

        _clockAlarms[alarm] = now;
    }

    [LoggerMessage(LogLevel.Information, "{State}: {Explanation}")]
    private static partial void LogState(ILogger log, string state, string explanation);

    [LoggerMessage(LogLevel.Warning, "Source {Name} {Alarm}")]
    private static partial void LogAlarm(ILogger log, string name, string alarm);

    [LoggerMessage(LogLevel.Warning, "Clock: {Alarm}")]
    private static partial void LogClockAlarm(ILogger log, string alarm);

    [LoggerMessage(LogLevel.Warning, "Clock: {News}")]
    private static partial void LogNews(ILogger log, string news);
}
