namespace TimeSuite.Simulation;

/// <summary>The numbers of one seed. Lengths in s, rates in s/s.</summary>
public sealed record Figures
{
    public required ulong Seed { get; init; }

    public required double Rms { get; init; }

    public required double Max { get; init; }

    /// <summary>RMS of the clock's total rate error, slew included.</summary>
    public required double FreqRms { get; init; }

    public required double FreqMax { get; init; }

    /// <summary>When the error began to stay within 10 times <see cref="Rms"/> for good; infinite: never.</summary>
    public required double Settle { get; init; }

    /// <summary>Requests, over all servers, from the beginning to the end.</summary>
    public required int Packets { get; init; }

    /// <summary>Share of the scored seconds with a claim in which the error was no larger than claimed; 1 if nothing was claimed.</summary>
    public required double InsideBound { get; init; }

    /// <summary>Share of the scored seconds in which the clock was called synchronised.</summary>
    public required double Claimed { get; init; }

    /// <summary>Mean square of the error while it was called synchronised, s^2.</summary>
    public required double TrueSquare { get; init; }

    /// <summary>Mean square of the sigma that was then claimed, s^2.</summary>
    public required double ClaimedSquare { get; init; }

    /// <summary>Of the claimed bound.</summary>
    public required double MedianBound { get; init; }

    /// <summary>Of the claimed sigma.</summary>
    public required double MedianSigma { get; init; }

    /// <summary>What no client can see and must therefore claim: half of the least round trip to the server and on to its reference, and what the server owns up to.</summary>
    public required double Unseen { get; init; }

    /// <summary>What the claimed bound may be: half of the least round trip and four sigma.</summary>
    public double BoundLimit => Unseen + (4 * MedianSigma);

    /// <summary>When the error began to stay within 1 ms for good.</summary>
    public required double Below1Ms { get; init; }

    public required double Below100Us { get; init; }

    /// <summary>By how much the clock went astray in the 1,000 s after the link died; NaN if it did not.</summary>
    public required double Drift { get; init; }

    public required double FinalError { get; init; }

    /// <summary>Of the steered clock.</summary>
    public required int Steps { get; init; }

    /// <summary>RMS of the true error over RMS of the claimed sigma: 1 is right.</summary>
    public double SigmaRatio => ClaimedSquare > 0 ? Math.Sqrt(TrueSquare / ClaimedSquare) : double.NaN;
}

/// <summary>One seed, as it was left.</summary>
/// <param name="Figures">The numbers.</param>
/// <param name="World">All that was in it.</param>
/// <param name="Score">Each second.</param>
public sealed record Run(Figures Figures, World World, Score Score)
{
    public LogBook Log => World.Client.Log;

    public Machine Client => World.Client;
}
