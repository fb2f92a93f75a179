using System.Globalization;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Parsing;

namespace TimeSuite.Host;

/// <summary>Where a daemon's log lines go: standard error, one line each; with priority prefixes if that is the journal.</summary>
public static class LogOutput
{
    private const LogEventLevel Never = LogEventLevel.Fatal + 1;

    /// <summary>Opens the log.</summary>
    /// <param name="level">debug, info, warning or error; can be changed later through <paramref name="control"/>.</param>
    /// <param name="control">The knob.</param>
    public static ILoggerFactory Open(string level, out LogLevelControl control)
    {
        control = new LogLevelControl();
        control.Set(level);
        bool journal = Environment.GetEnvironmentVariable("JOURNAL_STREAM") is { Length: > 0 };
        var logger = new LoggerConfiguration()
            .MinimumLevel.ControlledBy(control.Switch)
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("Microsoft.AspNetCore.Server.Kestrel", Never) // what a peer's frames make it say; the gate logs its own
            .MinimumLevel.Override("Grpc", LogEventLevel.Warning)
            .WriteTo.Console(new LineFormatter(journal), standardErrorFromLevel: LogEventLevel.Verbose)
            .CreateLogger();
        return LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Debug).AddSerilog(logger, dispose: true));
    }

    private sealed class LineFormatter(bool journal) : ITextFormatter
    {
        public void Format(LogEvent logEvent, TextWriter output)
        {
            // Priorities of syslog(3); the journal takes the prefix off and adds the time itself.
            (int priority, string word) = logEvent.Level switch
            {
                LogEventLevel.Fatal => (2, "fatal"),
                LogEventLevel.Error => (3, "error"),
                LogEventLevel.Warning => (4, "warning"),
                LogEventLevel.Information => (6, "info"),
                _ => (7, "debug"),
            };
            output.Write(journal ? $"<{priority}>" : FormattableString.Invariant($"{logEvent.Timestamp.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ} {word} "));
            foreach (var token in logEvent.MessageTemplate.Tokens)
            {
                // Serilog's own rendering puts strings into quotes; these lines are for people.
                bool plain = token is PropertyToken named && logEvent.Properties.TryGetValue(named.PropertyName, out var property)
                    && property is ScalarValue { Value: string text } && Write(OneLine(text));
                if (!plain)
                {
                    token.Render(logEvent.Properties, output, CultureInfo.InvariantCulture);
                }
            }

            if (logEvent.Exception is { } exception)
            {
                output.Write(": " + OneLine(logEvent.Level >= LogEventLevel.Error ? exception.ToString() : exception.Message));
            }

            output.Write('\n');

            bool Write(string value)
            {
                output.Write(value);
                return true;
            }
        }

        /// <summary>What a stranger sent must not make lines of its own.</summary>
        private static string OneLine(string text) =>
            text.AsSpan().ContainsAnyInRange('\0', '\x1f') ? string.Concat(text.Select(letter => letter < ' ' ? ' ' : letter)) : text;
    }
}

/// <summary>The level of a log while it runs.</summary>
public sealed class LogLevelControl
{
    internal LoggingLevelSwitch Switch { get; } = new();

    /// <summary>Changes it; an unknown word means info.</summary>
    public void Set(string level) => Switch.MinimumLevel = level switch
    {
        "debug" => LogEventLevel.Debug,
        "warning" => LogEventLevel.Warning,
        "error" => LogEventLevel.Error,
        _ => LogEventLevel.Information,
    };
}
