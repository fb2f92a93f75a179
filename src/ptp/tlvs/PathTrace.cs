namespace TimeSuite.Ptp;

/// <summary>The clocks that an Announce has passed (IEEE 1588-2019 clause 16.2): whoever finds itself in it is in a loop.</summary>
/// <param name="value">The TLV's value.</param>
public readonly ref struct PathTrace(ReadOnlySpan<byte> value)
{
    private readonly ReadOnlySpan<byte> _value = value;

    /// <summary>Clocks in the list; octets beyond the last whole identity are no clock.</summary>
    public int Count => _value.Length / ClockIdentity.Size;

    /// <summary>A clock of the list, the grandmaster first.</summary>
    public ClockIdentity this[int index] => ClockIdentity.Read(_value.Slice(index * ClockIdentity.Size, ClockIdentity.Size));

    public bool Contains(ClockIdentity clock)
    {
        for (int i = 0; i < Count; i++)
        {
            if (this[i] == clock)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Finds the path trace of an Announce.</summary>
    /// <returns>False if it has none.</returns>
    public static bool TryFind(ReadOnlySpan<byte> message, in PtpHeader header, out PathTrace trace)
    {
        foreach (var tlv in Tlvs.Of(message, header))
        {
            if (tlv.Type == TlvType.PathTrace)
            {
                trace = new(tlv.Value);
                return true;
            }
        }

        trace = default;
        return false;
    }

    /// <summary>Writes the TLV with <paramref name="clocks"/>.</summary>
    /// <returns>Octets written.</returns>
    public static int Write(Span<byte> buffer, ReadOnlySpan<ClockIdentity> clocks)
    {
        var value = Tlvs.Begin(buffer, TlvType.PathTrace, clocks.Length * ClockIdentity.Size);
        for (int i = 0; i < clocks.Length; i++)
        {
            clocks[i].Write(value[(i * ClockIdentity.Size)..]);
        }

        return Tlvs.Head + value.Length;
    }
}
