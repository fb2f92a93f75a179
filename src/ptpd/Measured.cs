using TimeSuite.Ptp;

namespace TimeSuite.Ptpd;

/// <summary>What a port tells to those who watch.</summary>
internal abstract record Measured
{
    /// <param name="Pair">The Sync.</param>
    /// <param name="Error">Half-width of the error of our stamp.</param>
    public sealed record Sync(SyncPair Pair, Duration Error) : Measured;

    /// <param name="Pair">The Delay_Req.</param>
    /// <param name="Error">Half-width of the error of our stamp.</param>
    public sealed record Delay(DelayPair Pair, Duration Error) : Measured;

    public sealed record Link(PeerDelayMeasurement Measurement) : Measured;

    /// <summary>The hardware clock that follows by this port, beside the bare oscillator.</summary>
    /// <param name="Told">What both showed, and what is to be made of it.</param>
    public sealed record Phc(Rpc.Ptp.V1.PhcMeasured Told) : Measured;

    public sealed record Change(PortState State) : Measured;
}
