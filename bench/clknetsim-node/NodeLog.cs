using Microsoft.Extensions.Logging;

namespace TimeSuite.ClknetsimNode;

/// <summary>What the daemons write, with the simulation's time before it.</summary>
internal sealed class NodeLog(TextWriter output, Func<double> seconds) : ILoggerFactory, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            output.WriteLine(FormattableString.Invariant($"{seconds(),12:F3} {formatter(state, exception)}"));
        }
    }

    public void Dispose()
    {
    }
}
