using Microsoft.Extensions.Logging;
using TimeSuite.Linux;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Time;

namespace TimeSuite.Clockd;

/// <summary>What was done to the clock and what was refused: an event for those who watch and, where an operator should know, a line in the log.</summary>
/// <remarks>One thread at a time.</remarks>
public sealed partial class AuditTrail(ILogger log)
{
    private const int RefusalsPerMinute = 10; // with a line

    private Instant<Boot> _minute;
    private int _written, _silent; // refusals: with a line in this minute, without one since the last line

    public EventRing Events { get; } = new();

    /// <summary>An event.</summary>
    public void Note(Event.Types.Kind kind, string who, string text, Moment now, FrequencyOffset frequency = default, Duration phase = default) =>
        Events.Add(new() { At = now.Boot.ToWire(), ClockId = ClockSession.ClockId, Kind = kind, Who = who, Text = text, FrequencyPpb = frequency.Ppb, Phase = phase.ToWire() });

    /// <summary>An event and a line.</summary>
    public void Tell(LogLevel level, Event.Types.Kind kind, string who, string text, Moment now, Duration phase = default)
    {
        Note(kind, who, text, now, phase: phase);
        Say(level, who, text);
    }

    /// <summary>An event, and one of at most ten lines a minute; the others are counted.</summary>
    public void Refuse(string who, string verb, string why, Moment now)
    {
        Note(Event.Types.Kind.Refusal, who, $"{verb}: {why}", now);
        if (now.Boot - _minute >= Duration.FromSeconds(60L))
        {
            (_minute, _written) = (now.Boot, 0);
        }

        if (_written == RefusalsPerMinute)
        {
            _silent++;
            return;
        }

        LogRefusal(verb, who, why, _silent);
        (_written, _silent) = (_written + 1, 0);
    }

    /// <summary>A line.</summary>
    public void Say(LogLevel level, string who, string text) => LogLine(level, who, text);

    [LoggerMessage("{Who}: {Text}")]
    private partial void LogLine(LogLevel level, string who, string text);

    [LoggerMessage(LogLevel.Warning, "refused {Verb} of {Who}: {Why} ({Silent} more refusals had no line)")]
    private partial void LogRefusal(string verb, string who, string why, int silent);
}
