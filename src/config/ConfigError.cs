using System.Diagnostics.CodeAnalysis;

namespace TimeSuite.Config;

/// <summary>One thing that is wrong in a configuration file.</summary>
/// <param name="File">As it was named to us.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in UTF-16 units.</param>
/// <param name="Message">Table, key, value and what would be right.</param>
public readonly record struct ConfigError(string File, int Line, int Column, string Message)
{
    /// <summary><c>file(line,column): message</c>, which editors and people both follow.</summary>
    public override string ToString() => FormattableString.Invariant($"{File}({Line},{Column}): {Message}");
}

/// <summary>A value that was read, or every reason why there is none. Never both.</summary>
/// <param name="Value">Null if there are errors.</param>
/// <param name="Errors">In the order of files and lines; empty if there is a value.</param>
public sealed record ConfigResult<T>(T? Value, IReadOnlyList<ConfigError> Errors)
    where T : class
{
    /// <summary>Whether there is a value.</summary>
    public bool TryGet([NotNullWhen(true)] out T? value)
    {
        value = Value;
        return value is not null;
    }

    internal static ConfigResult<T> Of(T? value, IReadOnlyCollection<ConfigError> errors) =>
        errors.Count == 0 ? new(value, []) : new(null, [.. errors]);
}
