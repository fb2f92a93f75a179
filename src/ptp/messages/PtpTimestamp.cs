using System.Buffers.Binary;

namespace TimeSuite.Ptp;

/// <summary>The ten octets of a timestamp: 48 bits of seconds since 1970-01-01 TAI and 32 of nanoseconds (IEEE 1588-2019 clause 5.3.3).</summary>
public static class PtpTimestamp
{
    /// <summary>Octets on the wire.</summary>
    public const int Size = 10;

    private const long MaxSeconds = (1L << 48) - 1;

    /// <summary>Reads a timestamp.</summary>
    /// <returns>False if a second or more of nanoseconds, or fewer than <see cref="Size"/> octets.</returns>
    public static bool TryRead(ReadOnlySpan<byte> octets, out Instant<Tai> instant)
    {
        instant = default;
        if (octets.Length < Size || BinaryPrimitives.ReadUInt32BigEndian(octets[6..]) is not (var nanoseconds and < 1_000_000_000))
        {
            return false;
        }

        long seconds = (long)BinaryPrimitives.ReadUInt16BigEndian(octets) << 32 | BinaryPrimitives.ReadUInt32BigEndian(octets[2..]);
        instant = new(Duration.FromSeconds(seconds) + Duration.FromNanoseconds(nanoseconds));
        return true;
    }

    /// <summary>Writes the timestamp at or just before <paramref name="instant"/>; an instant outside the 48 bits is written as the nearest end.</summary>
    /// <returns>What a nanosecond could not hold, below 1 ns: it belongs into the correction field.</returns>
    public static TimeInterval Write(Span<byte> octets, Instant<Tai> instant)
    {
        long seconds = Math.Clamp(instant.SinceEpoch.WholeSeconds, 0, MaxSeconds);
        int nanoseconds = instant.SinceEpoch.NanosecondOfSecond;
        BinaryPrimitives.WriteUInt16BigEndian(octets, (ushort)(seconds >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(octets[2..], (uint)(seconds & uint.MaxValue));
        BinaryPrimitives.WriteUInt32BigEndian(octets[6..], (uint)nanoseconds);
        return seconds == instant.SinceEpoch.WholeSeconds
            ? TimeInterval.FromDuration(instant.SinceEpoch - (Duration.FromSeconds(seconds) + Duration.FromNanoseconds(nanoseconds)))
            : TimeInterval.Zero;
    }
}
