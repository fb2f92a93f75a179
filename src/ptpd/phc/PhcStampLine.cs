using TimeSuite.Ptp;

namespace TimeSuite.Ptpd.Hardware;

/// <summary>The hardware's stamps are on the line that its clock shows.</summary>
internal sealed class PhcStampLine : IStampLine
{
    /// <summary>Hardware counts its stamps in periods of its own clock, 8 ns with gigabit Ethernet.</summary>
    public Duration Error { get; } = Duration.FromNanoseconds(8);

    public void Look()
    {
    }

    public Instant<Local>? Map(Duration stamp) => new(stamp);
}
