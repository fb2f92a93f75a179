namespace TimeSuite.Linux;

/// <summary>How an argument of a system call is looked at.</summary>
public enum ArgumentTest
{
    /// <summary>Its low 32 bits are one of the values.</summary>
    In,

    /// <summary>Its low 32 bits are none of the values, but less than 64: an enumeration that somebody probes.</summary>
    Outside,

    /// <summary>It has all of these bits.</summary>
    Has,

    /// <summary>It has none of these bits.</summary>
    Lacks,

    /// <summary>It is zero, all 64 bits: a pointer to nothing.</summary>
    Null,

    /// <summary>It is the number of this process.</summary>
    Self,
}

/// <summary>One condition of a rule.</summary>
/// <param name="Argument">0 to 5.</param>
/// <param name="Test">What is looked at.</param>
/// <param name="Values">Of <see cref="ArgumentTest.In"/> and <see cref="ArgumentTest.Outside"/>, or one value with the bits; else empty.</param>
public sealed record SyscallCondition(int Argument, ArgumentTest Test, IReadOnlyList<uint> Values);

/// <summary>One line of a list: a system call that is let through, or that gets an answer of its own.</summary>
/// <param name="Name">As in syscalls(2).</param>
/// <param name="Conditions">All must hold; another line may let the same call through for other arguments.</param>
/// <param name="Answer">Not the kernel's answer but this error number; null: let through.</param>
/// <param name="Reason">What it is needed for.</param>
public sealed record SyscallRule(string Name, IReadOnlyList<SyscallCondition> Conditions, int? Answer, string Reason);
