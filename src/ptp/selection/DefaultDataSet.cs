namespace TimeSuite.Ptp;

/// <summary>What an instance says of itself (IEEE 1588-2019 clause 8.2.1).</summary>
public sealed record DefaultDataSet
{
    public required ClockIdentity Identity { get; init; }

    public byte Priority1 { get; init; } = 128;

    public ClockQuality Quality { get; init; } = ClockQuality.Unknown;

    public byte Priority2 { get; init; } = 128;

    /// <summary>Used by the comparison of G.8275.1 and G.8275.2 alone: this host's own preference.</summary>
    public byte LocalPriority { get; init; } = 128;

    public byte Domain { get; init; }

    /// <summary>12 bits; see <see cref="PtpHeader.SdoId"/>.</summary>
    public ushort SdoId { get; init; }

    /// <summary>Never a master.</summary>
    public bool SlaveOnly { get; init; }

    /// <summary>An Announce that has passed as many boundary clocks is not considered (clause 8.2.1.5.5).</summary>
    public int MaxStepsRemoved { get; init; } = 255;

    /// <summary>Classes up to this one never follow another clock (clause 9.3.3): 127, or what is configured.</summary>
    public byte ClassThatNeverFollows { get; init; } = 127;
}
