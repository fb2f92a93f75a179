using System.Buffers.Binary;

namespace TimeSuite.Ptp;

/// <summary>What a master announces of its grandmaster (IEEE 1588-2019 clause 13.5). Flags of time are in the header.</summary>
public readonly record struct AnnounceBody
{
    /// <summary>Octets of header and body.</summary>
    public const int Size = PtpHeader.Size + 30;

    /// <summary>TAI - UTC, s; to be believed only with <see cref="PtpFlags.UtcOffsetValid"/>.</summary>
    public short UtcOffset { get; init; }

    public byte Priority1 { get; init; }

    public ClockQuality Quality { get; init; }

    public byte Priority2 { get; init; }

    public ClockIdentity Grandmaster { get; init; }

    /// <summary>Boundary clocks between the grandmaster and the sender.</summary>
    public ushort StepsRemoved { get; init; }

    public TimeSource TimeSource { get; init; }

    /// <summary>Reads the body of a message whose header was parsed: every such body has a meaning.</summary>
    public static AnnounceBody Parse(ReadOnlySpan<byte> message)
    {
        var body = message[(PtpHeader.Size + PtpTimestamp.Size)..]; // the origin timestamp is an estimate nobody uses
        return new()
        {
            UtcOffset = BinaryPrimitives.ReadInt16BigEndian(body),
            Priority1 = body[3],
            Quality = ClockQuality.Read(body[4..]),
            Priority2 = body[8],
            Grandmaster = ClockIdentity.Read(body[9..]),
            StepsRemoved = BinaryPrimitives.ReadUInt16BigEndian(body[17..]),
            TimeSource = (TimeSource)body[19],
        };
    }

    /// <summary>Writes header and body.</summary>
    public void Write(Span<byte> message, in PtpHeader header)
    {
        header.Write(message);
        message[PtpHeader.Size..Size].Clear();
        var body = message[(PtpHeader.Size + PtpTimestamp.Size)..];
        BinaryPrimitives.WriteInt16BigEndian(body, UtcOffset);
        body[3] = Priority1;
        Quality.Write(body[4..]);
        body[8] = Priority2;
        Grandmaster.Write(body[9..]);
        BinaryPrimitives.WriteUInt16BigEndian(body[17..], StepsRemoved);
        body[19] = (byte)TimeSource;
    }
}
