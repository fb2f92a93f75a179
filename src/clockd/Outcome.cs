using Grpc.Core;
using TimeSuite.Linux;
using TimeSuite.Policy;
using TimeSuite.Time;

namespace TimeSuite.Clockd;

/// <summary>What became of one message of the holder.</summary>
public readonly record struct Outcome
{
    /// <summary>OK: carried out, and the rest is filled in. ABORTED: the lease is gone and nothing was done.</summary>
    public StatusCode Code { get; init; }

    public string Message { get; init; }

    /// <summary>From when it holds.</summary>
    public Moment Effective { get; init; }

    public ClockState Clock { get; init; }

    public ulong Generation { get; init; }

    public int StepsLeft { get; init; }

    public Duration BudgetLeft { get; init; }
}

internal static class Rulings
{
    /// <summary>The word for it on the wire.</summary>
    public static StatusCode ToStatus(this Ruling ruling) => ruling switch
    {
        Ruling.Allowed => StatusCode.OK,
        Ruling.Malformed => StatusCode.InvalidArgument,
        Ruling.BeyondLimit => StatusCode.OutOfRange,
        _ => StatusCode.FailedPrecondition,
    };
}
