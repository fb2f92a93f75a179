using System.Buffers.Binary;

namespace TimeSuite.Ptp;

/// <summary>gPTP: which time base the grandmaster is on, and by what the last change differs from the one before it (IEEE 802.1AS-2020 clauses 11.4.4.3.5 to 11.4.4.3.9).</summary>
/// <param name="Indicator">Another one with each change; over and over again from 0 (gmTimeBaseIndicator).</param>
/// <param name="Phase">The new time less the old one at the change (lastGmPhaseChange).</param>
/// <param name="Frequency">The new rate less the old one (scaledLastGmFreqChange).</param>
public readonly record struct TimeBase(ushort Indicator, Duration Phase, FrequencyOffset Frequency)
{
    /// <summary>Octets on the wire: u16, a ScaledNs, i32.</summary>
    internal const int Size = sizeof(ushort) + ScaledSize + sizeof(int);

    /// <summary>Of a rate on the wire: (ratio - 1) * 2^41.</summary>
    internal const double RateScale = 1L << 41;

    internal const int ScaledSize = 12; // ScaledNs: signed, 96 bits, in 2^-16 ns (clause 6.4.3.1)
    private const long UnitsPerSecond = 1_000_000_000L << 16;

    /// <summary>After a step of the same clock.</summary>
    internal TimeBase After(Duration step) => new(unchecked((ushort)(Indicator + 1)), step, FrequencyOffset.Zero);

    /// <summary>Reads <see cref="Size"/> octets, which are there.</summary>
    internal static TimeBase Read(ReadOnlySpan<byte> octets) => new(
        BinaryPrimitives.ReadUInt16BigEndian(octets), ReadScaled(octets[2..]), FrequencyOffset.FromFraction(BinaryPrimitives.ReadInt32BigEndian(octets[(2 + ScaledSize)..]) / RateScale));

    /// <summary>Writes <see cref="Size"/> octets; what is beyond the range is its end.</summary>
    internal void Write(Span<byte> octets)
    {
        BinaryPrimitives.WriteUInt16BigEndian(octets, Indicator);
        WriteScaled(octets[2..], Phase);
        BinaryPrimitives.WriteInt32BigEndian(octets[(2 + ScaledSize)..], Scaled(Frequency));
    }

    internal static int Scaled(FrequencyOffset rate) => (int)Math.Clamp(Math.Round(rate.Fraction * RateScale), int.MinValue, int.MaxValue);

    internal static void WriteScaled(Span<byte> octets, Duration length)
    {
        var most = (Int128.One << 95) - 1;
        var units = ((Int128)length.WholeSeconds * UnitsPerSecond) + (((((Int128)length.Fraction * UnitsPerSecond) >> 63) + 1) >> 1);
        units = Int128.Clamp(units, -most - 1, most);
        BinaryPrimitives.WriteInt32BigEndian(octets, (int)(units >> 64));
        BinaryPrimitives.WriteUInt64BigEndian(octets[4..], unchecked((ulong)units));
    }

    private static Duration ReadScaled(ReadOnlySpan<byte> octets)
    {
        var units = ((Int128)BinaryPrimitives.ReadInt32BigEndian(octets) << 64) + BinaryPrimitives.ReadUInt64BigEndian(octets[4..]);
        var (seconds, rest) = Int128.DivRem(units, UnitsPerSecond); // |seconds| < 2^50
        var fraction = (rest << 64) / UnitsPerSecond;
        return Duration.FromSeconds((long)seconds) + Duration.FromFixedPoint((long)(fraction >> 64), unchecked((ulong)fraction));
    }
}
