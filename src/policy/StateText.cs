using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using TimeSuite.Time;

namespace TimeSuite.Policy;

/// <summary><see cref="PolicyState"/> as a few lines of text: a key and numbers. Lengths in ns, dates in s since 1970.</summary>
public static class StateText
{
    private const string FirstLine = "timesuite clockd state 1", LastLine = "end";
    private const int SingleKeys = 9;
    private const long LongestBoot = 1L << 33, LongestPhase = 1L << 18, LongestSum = 1L << 40; // s; policy grants a day's phase at most
    private const long MostCounted = 1L << 60, NanosecondsPerSecond = 1_000_000_000;

    public static string Write(PolicyState state)
    {
        var text = new StringBuilder(FirstLine).Append('\n');
        Line($"boot {state.Boot}");
        Line($"first-synchronized {(state.FirstSynchronized ? 1 : 0)}");
        Line($"boot-steps {state.BootStepsUsed}");
        Line($"reserved {state.Reserved.Nanoseconds}");
        Line($"leap {(int)state.Leap}");
        Line($"leap-at {state.LeapAt.SinceEpoch.WholeSeconds}");
        Line($"tai {state.TaiOffset ?? 0}");
        Line($"saved-time {state.SavedTime.SinceEpoch.WholeSeconds}");
        Line($"total-stepped {state.TotalStepped.WholeSeconds} {state.TotalStepped.NanosecondOfSecond}");
        Line($"counters {state.Steps} {state.Adjustments} {state.Refusals} {state.Leases} {state.LeasesExpired} {state.Interferences}");
        foreach (var step in state.LaterSteps)
        {
            Line($"later-step {step.SinceEpoch.Nanoseconds}");
        }

        foreach (var (slot, phase) in state.Spent)
        {
            Line($"spent {slot} {phase.Nanoseconds}");
        }

        return text.Append(LastLine).Append('\n').ToString();

        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    /// <returns>False for anything but what <see cref="Write"/> wrote, whole.</returns>
    public static bool TryRead(string text, [NotNullWhen(true)] out PolicyState? state)
    {
        state = null;
        string[] lines = text.Split('\n');
        if (lines is not [FirstLine, var boot, .., LastLine, ""] || !boot.StartsWith("boot ", StringComparison.Ordinal) || !Guid.TryParse(boot[5..], out var id))
        {
            return false;
        }

        var read = new PolicyState { Boot = id };
        HashSet<string> single = [];
        foreach (string line in lines[2..^2])
        {
            string[] words = line.Split(' ');
            long[] numbers = new long[words.Length - 1];
            for (int index = 0; index < numbers.Length; index++)
            {
                if (!long.TryParse(words[index + 1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out numbers[index]))
                {
                    return false;
                }
            }

            bool mayRepeat = words[0] is "later-step" or "spent";
            if (With(read, words[0], numbers) is not { } next || !(mayRepeat || single.Add(words[0])))
            {
                return false;
            }

            read = next;
        }

        bool isLeapSane = read.Leap == LeapSecond.None || (read.LeapAt.SinceEpoch.WholeSeconds is > 0 and var at && at % 86_400 == 0);
        state = single.Count == SingleKeys && isLeapSane ? read : null;
        return state is not null;
    }

    /// <returns>Null for a number that no policy can have come to: what is calculated from it later must not overflow.</returns>
    private static PolicyState? With(PolicyState state, string key, long[] numbers) => (key, numbers) switch
    {
        ("first-synchronized", [0 or 1]) => state with { FirstSynchronized = numbers[0] == 1 },
        ("boot-steps", [>= 0 and <= int.MaxValue]) => state with { BootStepsUsed = (int)numbers[0] },
        ("reserved", [>= 0 and <= LongestPhase * NanosecondsPerSecond]) => state with { Reserved = Duration.FromNanoseconds(numbers[0]) },
        ("leap", [>= 0 and <= 2]) => state with { Leap = (LeapSecond)numbers[0] },
        ("leap-at", [>= 0 and < ClockPolicy.End]) => state with { LeapAt = new(Duration.FromSeconds(numbers[0])) },
        ("tai", [>= 0 and <= 60]) => state with { TaiOffset = numbers[0] == 0 ? null : (int)numbers[0] },
        ("saved-time", [>= 0 and < ClockPolicy.End]) => state with { SavedTime = new(Duration.FromSeconds(numbers[0])) },
        ("total-stepped", [>= 0 and < LongestSum, >= 0 and < NanosecondsPerSecond]) => state with { TotalStepped = Duration.FromSeconds(numbers[0]) + Duration.FromNanoseconds(numbers[1]) },
        ("counters", [_, _, _, _, _, _]) when numbers.All(number => number is >= 0 and < MostCounted) => state with
        {
            Steps = (ulong)numbers[0],
            Adjustments = (ulong)numbers[1],
            Refusals = (ulong)numbers[2],
            Leases = (ulong)numbers[3],
            LeasesExpired = (ulong)numbers[4],
            Interferences = (ulong)numbers[5],
        },
        ("later-step", [>= 0 and <= LongestBoot * NanosecondsPerSecond]) when state.LaterSteps.Count < 1000 => state with { LaterSteps = [.. state.LaterSteps, new(Duration.FromNanoseconds(numbers[0]))] },
        ("spent", [>= 0 and <= LongestBoot / ClockPolicy.SlotLength, >= 0 and <= LongestPhase * NanosecondsPerSecond]) when state.Spent.Count < 1000 => state with { Spent = [.. state.Spent, new(numbers[0], Duration.FromNanoseconds(numbers[1]))] },
        _ => null,
    };
}
