namespace TimeSuite.Ntp;

/// <summary>Which of the last eight requests got a good reply: the shift register of RFC 5905 section 13.</summary>
/// <param name="Bits">The newest request in bit 0.</param>
public readonly record struct Reach(byte Bits)
{
    /// <summary>Whether any of the eight was answered.</summary>
    public bool IsReachable => Bits != 0;

    /// <summary>After one more request.</summary>
    public Reach Asked() => new(unchecked((byte)(Bits << 1))); // the oldest one falls off

    /// <summary>After a good reply to the newest request.</summary>
    public Reach Answered() => new((byte)(Bits | 1));

    /// <summary>In octal, as all NTP tools show it.</summary>
    public override string ToString() => Convert.ToString(Bits, 8);
}
