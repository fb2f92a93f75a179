using Microsoft.Extensions.Logging;
using TimeSuite.Linux;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Time;

namespace TimeSuite.Clockd;

/// <summary>What was done to the clock and what was refused: an event for those who watch and, where an operator should know, a line in the log.</summary>
public sealed partial class AuditTrail(ILogger log)
{
    /// <summary>Events that are remembered.</summary>
    public const int Size = 1024;

    /// <summary>Who does what nobody asked for.</summary>
    public const string Self = "clockd";

    private const int RefusalsPerMinute = 10; // with a line

    private readonly Event[] _ring = new Event[Size]; // and the lock
    private long _count;
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Instant<Boot> _minute;
    private int _written, _silent; // refusals: with a line in this minute, without one since the last line

    /// <summary>Events since clockd started.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>An event; with a level, a line as well.</summary>
    public void Note(Event.Types.Kind kind, string who, string text, Moment now, LogLevel level = LogLevel.None, FrequencyOffset frequency = default, Duration phase = default, string clock = ClockSession.ClockId)
    {
        lock (_ring)
        {
            _ring[_count++ % Size] = new() { At = now.Boot.ToWire(), ClockId = clock, Kind = kind, Who = who, Text = text, FrequencyPpb = frequency.Ppb, Phase = phase.ToWire() };
            _news.SetResult();
            _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        if (level != LogLevel.None)
        {
            LogLine(level, who, text);
        }
    }

    /// <summary>An event, and one of at most ten lines a minute; the others are counted.</summary>
    public void Refuse(string who, string verb, string why, Moment now)
    {
        Note(Event.Types.Kind.Refusal, who, $"{verb}: {why}", now);
        (_minute, _written) = now.Boot - _minute >= Duration.FromSeconds(60L) ? (now.Boot, 0) : (_minute, _written);
        if (_written < RefusalsPerMinute)
        {
            LogRefusal(verb, who, _silent > 0 ? $"{why} ({_silent} more refusals had no line)" : why);
            (_written, _silent) = (_written + 1, -1);
        }

        _silent++;
    }

    /// <summary>A line.</summary>
    public void Say(LogLevel level, string text, string who = Self) => LogLine(level, who, text);

    /// <summary>The events from a number on, as far as they are remembered; the number of the next one, and what ends when it comes.</summary>
    public Event[] Since(long from, out long end, out Task next)
    {
        lock (_ring)
        {
            (end, next) = (_count, _news.Task);
            long first = Math.Max(from, Math.Max(0, _count - Size));
            return [.. Enumerable.Range(0, (int)(_count - first)).Select(index => _ring[(first + index) % Size])];
        }
    }

    [LoggerMessage("{Who}: {Text}")]
    private partial void LogLine(LogLevel level, string who, string text);

    [LoggerMessage(LogLevel.Warning, "refused {Verb} of {Who}: {Why}")]
    private partial void LogRefusal(string verb, string who, string why);
}
