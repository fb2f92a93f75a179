namespace TimeSuite.Ntp;

/// <summary>When our latest replies left, by the receive timestamp they carried: what interleaved mode needs (RFC 9769).</summary>
/// <remarks>
/// A table of fixed size that any stranger may fill. A newer reply displaces an older one of the same slot, whose client then gets a
/// basic reply. 16 octets an entry. Not thread-safe: one for each <see cref="Responder"/>.
/// </remarks>
public sealed class TransmitMemory
{
    private readonly (ulong Receive, ulong Transmit)[] _slots;
    private readonly int _shift;

    /// <param name="exponent">log2 of the number of entries, 0 to 24.</param>
    public TransmitMemory(int exponent)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(exponent);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(exponent, 24);
        _slots = new (ulong, ulong)[1 << exponent];
        _shift = 64 - exponent;
    }

    /// <summary>Whether a reply with this receive timestamp is remembered.</summary>
    public bool Contains(NtpTimestamp receive) => receive.IsKnown && Slot(receive).Receive == receive.Bits;

    /// <summary>When the reply with this receive timestamp left; unknown if it is not remembered.</summary>
    public NtpTimestamp Find(NtpTimestamp receive) => Contains(receive) ? new(Slot(receive).Transmit) : default;

    /// <summary>Remembers that the reply with this receive timestamp left at <paramref name="transmit"/>.</summary>
    public void Remember(NtpTimestamp receive, NtpTimestamp transmit) => Slot(receive) = (receive.Bits, transmit.Bits);

    /// <summary>Puts a better stamp in place, if the entry is still there.</summary>
    public void Correct(NtpTimestamp receive, NtpTimestamp transmit)
    {
        if (Contains(receive))
        {
            Slot(receive).Transmit = transmit.Bits;
        }
    }

    // Fibonacci hashing: consecutive stamps spread over the whole table.
    private ref (ulong Receive, ulong Transmit) Slot(NtpTimestamp receive) =>
        ref _slots[_shift == 64 ? 0 : (int)(unchecked(receive.Bits * 0x9E37_79B9_7F4A_7C15) >> _shift)];
}
