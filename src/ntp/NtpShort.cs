namespace TimeSuite.Ntp;

/// <summary>The unsigned 16.16 fixed-point seconds of root delay and root dispersion (RFC 5905 section 6, "short format").</summary>
/// <param name="Bits">The wire value, unit 2^-16 s (15 us), 0 to just under 65,536 s.</param>
public readonly record struct NtpShort(uint Bits)
{
    /// <summary>Exact.</summary>
    public Duration ToDuration() => Duration.FromFixedPoint(Bits >> 16, (ulong)(Bits & 0xFFFF) << 48);

    /// <summary>Rounds up, so that a claim of error never shrinks on the wire. Saturates at both ends of the range.</summary>
    public static NtpShort FromDuration(Duration length)
    {
        if (length.Sign <= 0)
        {
            return default;
        }

        if (length.WholeSeconds > 0xFFFF)
        {
            return new(uint.MaxValue);
        }

        ulong bits = ((ulong)length.WholeSeconds << 16) + (length.Fraction >> 48) + ((length.Fraction & 0xFFFF_FFFF_FFFF) != 0 ? 1UL : 0);
        return new((uint)Math.Min(bits, uint.MaxValue));
    }

    /// <inheritdoc/>
    public override string ToString() => ToDuration().ToString();
}
