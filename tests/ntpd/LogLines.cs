using Microsoft.Extensions.Logging;

namespace TimeSuite.Ntpd.Tests;

/// <summary>Keeps what is logged, from a level on.</summary>
internal sealed class LogLines<T>(LogLevel least = LogLevel.Trace) : ILogger<T>
{
    public List<string> Texts { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= least;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            Texts.Add(formatter(state, exception));
        }
    }
}
