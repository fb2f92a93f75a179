using System.Buffers.Binary;

namespace TimeSuite.Ntp;

/// <summary>The 48 octets that begin every NTP datagram of versions 1 to 4 (RFC 5905 figure 8).</summary>
public readonly record struct NtpHeader
{
    /// <summary>Octets on the wire.</summary>
    public const int Size = 48;

    public LeapIndicator Leap { get; init; }

    /// <summary>0 to 7; 1 to 4 have this layout.</summary>
    public int Version { get; init; }

    public NtpMode Mode { get; init; }

    /// <summary>0: unspecified or a kiss; 1: has a reference clock; 2 to 15; 16: unsynchronised; above: reserved.</summary>
    public byte Stratum { get; init; }

    /// <summary>Interval between requests, log2 s.</summary>
    public sbyte Poll { get; init; }

    /// <summary>Resolution of the sender's clock, log2 s.</summary>
    public sbyte Precision { get; init; }

    /// <summary>Round trip from the sender to its reference clock.</summary>
    public NtpShort RootDelay { get; init; }

    /// <summary>What the sender claims of its error against its reference clock.</summary>
    public NtpShort RootDispersion { get; init; }

    public ReferenceId ReferenceId { get; init; }

    /// <summary>When the sender's clock was last set or corrected.</summary>
    public NtpTimestamp ReferenceTime { get; init; }

    /// <summary>In a basic reply, the request's <see cref="Transmit"/>.</summary>
    public NtpTimestamp Origin { get; init; }

    /// <summary>When the sender received what this answers.</summary>
    public NtpTimestamp Receive { get; init; }

    /// <summary>When the sender sent this; in an interleaved reply, when it sent its previous one (RFC 9769).</summary>
    public NtpTimestamp Transmit { get; init; }

    /// <summary>The kiss code, if this is a kiss-o'-death: stratum 0 and a reference id.</summary>
    public KissCode? Kiss => Stratum == 0 && ReferenceId.Bits != 0 ? (KissCode)ReferenceId.Bits : null;

    /// <summary>Reads the header from the front of a datagram.</summary>
    /// <returns>False if fewer than <see cref="Size"/> octets; every other input is a header.</returns>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out NtpHeader header)
    {
        if (datagram.Length < Size)
        {
            header = default;
            return false;
        }

        header = new NtpHeader
        {
            Leap = (LeapIndicator)(datagram[0] >> 6),
            Version = datagram[0] >> 3 & 0b111,
            Mode = (NtpMode)(datagram[0] & 0b111),
            Stratum = datagram[1],
            Poll = unchecked((sbyte)datagram[2]), // a signed octet on the wire
            Precision = unchecked((sbyte)datagram[3]),
            RootDelay = new(BinaryPrimitives.ReadUInt32BigEndian(datagram[4..])),
            RootDispersion = new(BinaryPrimitives.ReadUInt32BigEndian(datagram[8..])),
            ReferenceId = new(BinaryPrimitives.ReadUInt32BigEndian(datagram[12..])),
            ReferenceTime = new(BinaryPrimitives.ReadUInt64BigEndian(datagram[16..])),
            Origin = new(BinaryPrimitives.ReadUInt64BigEndian(datagram[24..])),
            Receive = new(BinaryPrimitives.ReadUInt64BigEndian(datagram[32..])),
            Transmit = new(BinaryPrimitives.ReadUInt64BigEndian(datagram[TransmitAt..])),
        };
        return true;
    }

    /// <summary>Writes <see cref="Size"/> octets; the inverse of <see cref="TryParse"/>.</summary>
    /// <exception cref="ArgumentException">The buffer is shorter.</exception>
    public void Write(Span<byte> buffer)
    {
        if (buffer.Length < Size)
        {
            throw new ArgumentException($"an NTP header needs {Size} octets", nameof(buffer));
        }

        buffer[0] = (byte)(((int)Leap & 0b11) << 6 | (Version & 0b111) << 3 | (int)Mode & 0b111);
        buffer[1] = Stratum;
        buffer[2] = unchecked((byte)Poll);
        buffer[3] = unchecked((byte)Precision);
        BinaryPrimitives.WriteUInt32BigEndian(buffer[4..], RootDelay.Bits);
        BinaryPrimitives.WriteUInt32BigEndian(buffer[8..], RootDispersion.Bits);
        BinaryPrimitives.WriteUInt32BigEndian(buffer[12..], ReferenceId.Bits);
        BinaryPrimitives.WriteUInt64BigEndian(buffer[16..], ReferenceTime.Bits);
        BinaryPrimitives.WriteUInt64BigEndian(buffer[24..], Origin.Bits);
        BinaryPrimitives.WriteUInt64BigEndian(buffer[32..], Receive.Bits);
        WriteTransmit(buffer, Transmit);
    }

    /// <summary>Replaces the transmit timestamp of a header already written: the last act before sending.</summary>
    internal static void WriteTransmit(Span<byte> buffer, NtpTimestamp transmit) =>
        BinaryPrimitives.WriteUInt64BigEndian(buffer[TransmitAt..Size], transmit.Bits);

    private const int TransmitAt = 40;
}
