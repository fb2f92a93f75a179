namespace TimeSuite.Ntp;

/// <summary>The two leap bits (RFC 5905 figure 9).</summary>
public enum LeapIndicator
{
    /// <summary>The day has 86,400 s.</summary>
    None,

    /// <summary>The last minute of the day has 61 s.</summary>
    Insert,

    /// <summary>The last minute of the day has 59 s.</summary>
    Delete,

    /// <summary>The sender's clock is not synchronised.</summary>
    Unsynchronized,
}
