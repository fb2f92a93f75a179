using System.Buffers.Binary;

namespace TimeSuite.Ptp;

/// <summary>The 34 octets that begin every message of PTP version 2 (IEEE 1588-2019 clause 13.3).</summary>
public readonly record struct PtpHeader
{
    /// <summary>Octets on the wire.</summary>
    public const int Size = 34;

    /// <summary>In <see cref="LogInterval"/>: no interval is told.</summary>
    public const sbyte NoInterval = 0x7F;

    public MessageType Type { get; init; }

    /// <summary>Who the profile belongs to, 12 bits: 0 for 1588, 0x100 gPTP, 0x200 CMLDS, 0x300 CSPTP.</summary>
    public ushort SdoId { get; init; }

    /// <summary>1 in what follows the edition of 2019, 0 in that of 2008.</summary>
    public byte MinorVersion { get; init; }

    public byte Domain { get; init; }

    /// <summary>Octets of the message, TLVs included, padding below it left out.</summary>
    public ushort Length { get; init; }

    public PtpFlags Flags { get; init; }

    /// <summary>What to add to the time in the message: residence in transparent clocks, fractions of ns, asymmetry.</summary>
    public TimeInterval Correction { get; init; }

    /// <summary>The sender.</summary>
    public PortIdentity Source { get; init; }

    public ushort Sequence { get; init; }

    /// <summary>log2 s between such messages; <see cref="NoInterval"/> where it has no meaning.</summary>
    public sbyte LogInterval { get; init; }

    public bool Is(PtpFlags flag) => (Flags & flag) != 0;

    /// <summary>Reads the header, and checks what every message must keep.</summary>
    /// <returns>False if not version 2, of a reserved type, shorter than its type asks for, or said to be longer than it is.</returns>
    public static bool TryParse(ReadOnlySpan<byte> message, out PtpHeader header)
    {
        header = default;
        if (message.Length < Size || (message[1] & 0xF) != 2)
        {
            return false;
        }

        var type = (MessageType)(message[0] & 0xF);
        int length = BinaryPrimitives.ReadUInt16BigEndian(message[2..]);
        if (type.Size() == 0 || length < type.Size() || length > message.Length)
        {
            return false;
        }

        header = new PtpHeader
        {
            Type = type,
            SdoId = (ushort)((message[0] & 0xF0) << 4 | message[5]),
            MinorVersion = (byte)(message[1] >> 4),
            Domain = message[4],
            Length = (ushort)length,
            Flags = (PtpFlags)BinaryPrimitives.ReadUInt16BigEndian(message[6..]),
            Correction = TimeInterval.Read(message[8..]),
            Source = PortIdentity.Read(message[20..]),
            Sequence = BinaryPrimitives.ReadUInt16BigEndian(message[30..]),
            LogInterval = unchecked((sbyte)message[33]), // a signed octet on the wire
        };
        return true;
    }

    /// <summary>Writes <see cref="Size"/> octets; the inverse of <see cref="TryParse"/>.</summary>
    /// <exception cref="ArgumentException">The buffer is shorter.</exception>
    public void Write(Span<byte> buffer)
    {
        if (buffer.Length < Size)
        {
            throw new ArgumentException($"a PTP header needs {Size} octets", nameof(buffer));
        }

        buffer[0] = (byte)(SdoId >> 4 & 0xF0 | (int)Type & 0xF);
        buffer[1] = (byte)((MinorVersion & 0xF) << 4 | 2);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], Length);
        buffer[4] = Domain;
        buffer[5] = (byte)(SdoId & 0xFF);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[6..], (ushort)Flags);
        WriteCorrection(buffer, Correction);
        buffer[16..20].Clear(); // for the hardware's own use
        Source.Write(buffer[20..]);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[30..], Sequence);
        buffer[32] = Type.Control();
        buffer[33] = unchecked((byte)LogInterval);
    }

    /// <summary>Replaces the correction of a message already written.</summary>
    public static void WriteCorrection(Span<byte> buffer, TimeInterval correction) => correction.Write(buffer[8..16]);
}
