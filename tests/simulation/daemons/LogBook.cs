using Microsoft.Extensions.Logging;

namespace TimeSuite.Simulation;

/// <summary>A line of a log.</summary>
/// <param name="Time">True time, s.</param>
/// <param name="Level">As logged.</param>
/// <param name="Text">As logged.</param>
public readonly record struct LogLine(double Time, LogLevel Level, string Text);

/// <summary>What the daemons of one machine wrote, from level Information on; no more than a thousand lines.</summary>
public sealed class LogBook(Machine machine) : ILoggerFactory, ILogger
{
    private const int Longest = 1000;
    private readonly List<LogLine> _lines = [];

    public IReadOnlyList<LogLine> Lines => _lines;

    /// <summary>Lines in all, those not kept too.</summary>
    public int Count { get; private set; }

    /// <summary>Lines that say this.</summary>
    public int Mentions(string text) => _lines.Count(line => line.Text.Contains(text, StringComparison.OrdinalIgnoreCase));

    ILogger ILoggerFactory.CreateLogger(string categoryName) => this;

    void ILoggerFactory.AddProvider(ILoggerProvider provider)
    {
    }

    bool ILogger.IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (logLevel >= LogLevel.Information && ++Count <= Longest)
        {
            _lines.Add(new(machine.World.Now, logLevel, formatter(state, exception)));
        }
    }

    public void Dispose()
    {
    }
}
