using TimeSuite.Ptp;

namespace TimeSuite.Ptpd;

/// <summary>Carries the stamps of a socket to the line of time that a port counts on.</summary>
internal interface IStampLine
{
    /// <summary>How wrong the last stamp may be: half-width.</summary>
    Duration Error { get; }

    /// <summary>Once for each waking, after the events that woke us.</summary>
    void Look();

    /// <summary>Finds a stamp on the line.</summary>
    /// <returns>Null if that cannot be.</returns>
    Instant<Local>? Map(Duration stamp);
}
