using System.Buffers.Binary;

namespace TimeSuite.Ptp;

/// <summary>How good a clock says it is (IEEE 1588-2019 clauses 5.3.7, 7.6.2).</summary>
/// <param name="Class">6: locked to a primary reference; 7: in holdover of one; 52, 187: degraded; 248: no claim; 255: slave only.</param>
/// <param name="Accuracy">0x20 within 25 ns, 0x21 100 ns, 0x22 250 ns, 0x23 1 us ... 0x31 worse than 10 s; 0xFE unknown.</param>
/// <param name="Variance">log2 of the Allan variance in 2^-8, offset by 0x8000; 0xFFFF unknown.</param>
public readonly record struct ClockQuality(byte Class, ClockAccuracy Accuracy, ushort Variance)
{
    /// <summary>Octets on the wire.</summary>
    public const int Size = 4;

    /// <summary>No claim: what a clock without a reference says.</summary>
    public static ClockQuality Unknown => new(248, ClockAccuracy.Unknown, ushort.MaxValue);

    /// <summary>Reads <see cref="Size"/> octets, which are there.</summary>
    public static ClockQuality Read(ReadOnlySpan<byte> octets) => new(octets[0], (ClockAccuracy)octets[1], BinaryPrimitives.ReadUInt16BigEndian(octets[2..]));

    /// <summary>Writes <see cref="Size"/> octets.</summary>
    public void Write(Span<byte> octets)
    {
        octets[0] = Class;
        octets[1] = (byte)Accuracy;
        BinaryPrimitives.WriteUInt16BigEndian(octets[2..], Variance);
    }
}

/// <summary>Time error of a grandmaster (IEEE 1588-2019 table 5): a limit, in steps of about 2.5.</summary>
public enum ClockAccuracy : byte
{
    Within1Ps = 0x17,
    Within25Ns = 0x20,
    Within100Ns = 0x21,
    Within250Ns = 0x22,
    Within1Us = 0x23,
    Within2500Ns = 0x24,
    Within10Us = 0x25,
    Within25Us = 0x26,
    Within100Us = 0x27,
    Within250Us = 0x28,
    Within1Ms = 0x29,
    Within2500Us = 0x2A,
    Within10Ms = 0x2B,
    Within25Ms = 0x2C,
    Within100Ms = 0x2D,
    Within250Ms = 0x2E,
    Within1S = 0x2F,
    Within10S = 0x30,
    WorseThan10S = 0x31,
    Unknown = 0xFE,
}

/// <summary>What the octet of a claim is worth.</summary>
public static class ClockAccuracies
{
    private static ReadOnlySpan<long> Steps => [25, 100, 250, 1_000, 2_500, 10_000, 25_000, 100_000, 250_000, 1_000_000, 2_500_000, 10_000_000, 25_000_000, 100_000_000, 250_000_000, 1_000_000_000, 10_000_000_000];

    /// <summary>The limit that is claimed; null for unknown, reserved, profile-specific and "worse than 10 s". Claims below 25 ns count as 25 ns.</summary>
    public static Duration? Bound(this ClockAccuracy accuracy) => accuracy switch
    {
        >= ClockAccuracy.Within25Ns and <= ClockAccuracy.Within10S => Duration.FromNanoseconds(Steps[accuracy - ClockAccuracy.Within25Ns]),
        >= ClockAccuracy.Within1Ps and < ClockAccuracy.Within25Ns => Duration.FromNanoseconds(Steps[0]),
        _ => null,
    };

    /// <summary>The smallest claim that covers an error bound.</summary>
    public static ClockAccuracy Claim(Duration bound)
    {
        for (int i = 0; i < Steps.Length; i++)
        {
            if (bound <= Duration.FromNanoseconds(Steps[i]))
            {
                return ClockAccuracy.Within25Ns + (byte)i;
            }
        }

        return ClockAccuracy.WorseThan10S;
    }
}
