using System.Runtime.CompilerServices;
using TimeSuite.Time;

namespace TimeSuite.System.VmGuest;

/// <summary>A check that did not hold; the message says what was seen.</summary>
public sealed class CheckFailedException(string message) : Exception(message);

/// <summary>What a check may demand.</summary>
internal static class Check
{
    /// <summary>Fails with the text of the condition and what was seen.</summary>
    public static void That(bool condition, string seen, [CallerArgumentExpression(nameof(condition))] string text = "")
    {
        if (!condition)
        {
            throw new CheckFailedException($"not so: {text}; {seen}");
        }
    }

    /// <summary>Fails if two lengths differ by more than the tolerance.</summary>
    public static void Near(Duration expected, Duration seen, Duration tolerance, string what)
    {
        if ((seen - expected).Magnitude > tolerance)
        {
            throw new CheckFailedException($"{what}: expected {expected} within {tolerance}, seen {seen}");
        }
    }
}
