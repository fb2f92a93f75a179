using System.Buffers.Binary;

namespace TimeSuite.Ptp;

/// <summary>Whose TLV it is.</summary>
public enum PowerProfileVersion : byte
{
    /// <summary>IEEE C37.238-2011.</summary>
    Year2011 = 1,

    /// <summary>IEEE C37.238-2017.</summary>
    Year2017 = 2,
}

/// <summary>The TLV that power grids want behind each Announce: how inaccurate the time may have become on its way (IEEE C37.238-2011 clause 5.12, 2017 clause 6).</summary>
/// <param name="Version">Which of the two.</param>
/// <param name="GrandmasterId">The grandmaster's short name, unique in the domain.</param>
/// <param name="Grandmaster">2011: how wrong the grandmaster may be. 2017: nothing.</param>
/// <param name="Network">2011: what the network may have added. 2017: both together.</param>
public readonly record struct PowerProfile(PowerProfileVersion Version, ushort GrandmasterId, Duration Grandmaster, Duration Network)
{
    /// <summary>Octets of the whole TLV.</summary>
    public const int Size = Tlvs.Head + Length;

    private const int Length = 18;

    private static ReadOnlySpan<byte> Organization => [0x1C, 0x12, 0x9D, 0x00, 0x00];

    /// <summary>How wrong the time may be that was announced with this.</summary>
    public Duration Inaccuracy => Grandmaster + Network;

    /// <summary>What the next clock tells: its own share on top.</summary>
    public PowerProfile Beyond(Duration more) => this with { Network = Network + more };

    /// <summary>Finds it in an Announce.</summary>
    /// <returns>False if it has none.</returns>
    public static bool TryFind(ReadOnlySpan<byte> message, in PtpHeader header, out PowerProfile profile)
    {
        foreach (var tlv in Tlvs.Of(message, header))
        {
            if (tlv.Type == TlvType.OrganizationExtension && tlv.Value.Length >= Length && tlv.Value.StartsWith(Organization) && tlv.Value[5] is 1 or 2)
            {
                var version = (PowerProfileVersion)tlv.Value[5];
                var first = Duration.FromNanoseconds(BinaryPrimitives.ReadUInt32BigEndian(tlv.Value[8..]));
                profile = new(
                    version, BinaryPrimitives.ReadUInt16BigEndian(tlv.Value[6..]), version == PowerProfileVersion.Year2011 ? first : Duration.Zero,
                    Duration.FromNanoseconds(BinaryPrimitives.ReadUInt32BigEndian(tlv.Value[12..])));
                return true;
            }
        }

        profile = default;
        return false;
    }

    /// <summary>Writes <see cref="Size"/> octets; what is beyond 4.29 s is told as that.</summary>
    public void Write(Span<byte> buffer)
    {
        var value = Tlvs.Begin(buffer, TlvType.OrganizationExtension, Length);
        value.Clear();
        Organization.CopyTo(value);
        value[5] = (byte)Version;
        BinaryPrimitives.WriteUInt16BigEndian(value[6..], GrandmasterId);
        BinaryPrimitives.WriteUInt32BigEndian(value[8..], Version == PowerProfileVersion.Year2011 ? Nanoseconds(Grandmaster) : 0);
        BinaryPrimitives.WriteUInt32BigEndian(value[12..], Nanoseconds(Version == PowerProfileVersion.Year2011 ? Network : Inaccuracy));
    }

    // Rounded up, for it is a bound; but not for what a whole number of ns lost when it became a duration.
    private static uint Nanoseconds(Duration length) => (uint)Math.Clamp((TimeInterval.FromDuration(Duration.Min(length, Duration.FromSeconds(10L))).Scaled + 0xFFFF) >> 16, 0, uint.MaxValue);
}
