using System.Buffers.Binary;
using System.Globalization;

namespace TimeSuite.Ptp;

/// <summary>A port of a PTP instance (IEEE 1588-2019 clause 7.5.2).</summary>
/// <param name="Clock">The instance.</param>
/// <param name="Port">1 and up; 0: the instance itself; 0xFFFF: all ports, in a target.</param>
public readonly record struct PortIdentity(ClockIdentity Clock, ushort Port)
{
    /// <summary>Octets on the wire.</summary>
    public const int Size = 10;

    /// <summary>The target that every port of every instance is.</summary>
    public static PortIdentity All => new(ClockIdentity.All, ushort.MaxValue);

    /// <summary>Reads <see cref="Size"/> octets, which are there.</summary>
    public static PortIdentity Read(ReadOnlySpan<byte> octets) => new(ClockIdentity.Read(octets), BinaryPrimitives.ReadUInt16BigEndian(octets[ClockIdentity.Size..]));

    /// <summary>Writes <see cref="Size"/> octets.</summary>
    public void Write(Span<byte> octets)
    {
        Clock.Write(octets);
        BinaryPrimitives.WriteUInt16BigEndian(octets[ClockIdentity.Size..], Port);
    }

    /// <summary>Whether a message to this target is for <paramref name="port"/> (clause 15.3.1: all ones stand for any).</summary>
    public bool Covers(PortIdentity port) => (Clock == ClockIdentity.All || Clock == port.Clock) && (Port == ushort.MaxValue || Port == port.Port);

    /// <summary><c>001122.fffe.334455-1</c>, as pmc shows it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Clock}-{Port}");
}
