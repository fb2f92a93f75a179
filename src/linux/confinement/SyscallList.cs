namespace TimeSuite.Linux;

/// <summary>The system calls that a daemon may make: what stands in seccomp/NAME.list.</summary>
/// <remarks>
/// A line is <c>NAME [CONDITION ...] [-> ERROR] # REASON</c>. A condition is <c>argN in VALUE ...</c>, <c>argN outside VALUE ...</c>, <c>argN has BITS</c>,
/// <c>argN lacks BITS</c>, <c>argN null</c> or <c>argN self</c>; values are numbers or the kernel's names. What no line lets through is refused.
/// <c>include NAME</c> stands for the lines of another list.
/// </remarks>
public static class SyscallList
{
    /// <summary>Reads a list and those that it includes.</summary>
    /// <param name="name">Of the list.</param>
    /// <param name="open">Gives the text of a list.</param>
    /// <exception cref="InvalidDataException">Which line, and what is wrong with it.</exception>
    public static IReadOnlyList<SyscallRule> Read(string name, Func<string, string> open)
    {
        ArgumentNullException.ThrowIfNull(open);
        List<SyscallRule> rules = [];
        string[] lines = open(name).Split('\n');
        for (int index = 0; index < lines.Length; index++)
        {
            int hash = lines[index].IndexOf('#', StringComparison.Ordinal);
            string[] words = (hash < 0 ? lines[index] : lines[index][..hash]).Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0)
            {
                continue;
            }

            if (words is ["include", var other])
            {
                rules.AddRange(Read(other, open));
                continue;
            }

            string reason = hash < 0 ? "" : lines[index][(hash + 1)..].Trim();
            try
            {
                rules.Add(ParseRule(words, reason.Length > 0 ? reason : throw new FormatException("a reason is missing: # and why")));
            }
            catch (FormatException wrong)
            {
                throw new InvalidDataException($"seccomp/{name}.list({index + 1}): {wrong.Message}");
            }
        }

        return rules;
    }

    private static SyscallRule ParseRule(string[] words, string reason)
    {
        int? answer = null;
        int end = Array.IndexOf(words, "->");
        if (end >= 0)
        {
            answer = end == words.Length - 2 ? (int)KernelNames.Value(words[^1]) : throw new FormatException("behind -> stands one error");
        }

        List<SyscallCondition> conditions = [];
        int at = 1;
        end = end < 0 ? words.Length : end;
        while (at < end)
        {
            if (at + 1 >= end || words[at] is not ['a', 'r', 'g', >= '0' and <= '5' and var digit])
            {
                throw new FormatException($"'{words[at]}': a condition is arg0 to arg5 and in, outside, has, lacks, null or self");
            }

            var test = words[at + 1] switch
            {
                "in" => ArgumentTest.In,
                "outside" => ArgumentTest.Outside,
                "has" => ArgumentTest.Has,
                "lacks" => ArgumentTest.Lacks,
                "null" => ArgumentTest.Null,
                "self" => ArgumentTest.Self,
                var other => throw new FormatException($"'{other}' is not in, outside, has, lacks, null or self"),
            };
            at += 2;
            List<uint> values = [];
            for (; at < end && !words[at].StartsWith("arg", StringComparison.Ordinal); at++)
            {
                values.Add(KernelNames.Value(words[at]));
            }

            bool isRight = test switch { ArgumentTest.Null or ArgumentTest.Self => values.Count == 0, ArgumentTest.Has or ArgumentTest.Lacks => values.Count == 1, _ => values.Count > 0 };
            conditions.Add(isRight ? new(digit - '0', test, values) : throw new FormatException($"{values.Count} values behind {words[at - values.Count - 1]}"));
        }

        return conditions.Select(condition => condition.Argument).Distinct().Count() == conditions.Count
            ? new(words[0], conditions, answer, reason)
            : throw new FormatException("an argument has two conditions"); // libseccomp compares each once
    }
}
