using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace TimeSuite.Ptp;

/// <summary>Takes the fields of a management response one after the other, and writes them as pmc does. What it reads, we have written: there are no lengths to be doubted.</summary>
internal ref struct FieldReader(ReadOnlySpan<byte> data, List<ManagementField> fields)
{
    private const double RateUnit = 1.0 / (1L << 41), IntervalUnit = 1.0 / (1 << 16); // IEEE 802.1AS-2020 clause 11.4.4.3.6; IEEE 1588-2019 clause 5.3.2
    private const int Padding = 1; // at most

    private static readonly MessageType[] s_counted =
    [
        MessageType.Sync, MessageType.DelayReq, MessageType.PdelayReq, MessageType.PdelayResp, MessageType.FollowUp, MessageType.DelayResp, MessageType.PdelayRespFollowUp, MessageType.Announce,
        MessageType.Signaling, MessageType.Management,
    ];

    private readonly List<ManagementField> _fields = fields;
    private ReadOnlySpan<byte> _data = data;

    public readonly bool HasMore => _data.Length > Padding;

    public void Skip(int octets) => Next(octets);

    public ushort Word() => BinaryPrimitives.ReadUInt16BigEndian(Next(sizeof(ushort)));

    public void Octet(string name) => Number(name, Next(1)[0]);

    public void SignedOctet(string name) => Number(name, unchecked((sbyte)Next(1)[0]));

    public void Word(string name) => Number(name, Word());

    public void SignedWord(string name) => Number(name, unchecked((short)Word()));

    public void Integer(string name) => Number(name, BinaryPrimitives.ReadUInt32BigEndian(Next(sizeof(uint))));

    public void SignedInteger(string name) => Number(name, BinaryPrimitives.ReadInt32BigEndian(Next(sizeof(int))));

    /// <summary>linuxptp's counters have the least octet first.</summary>
    public void Long(string name, bool isLittleEndian = true)
    {
        var octets = Next(sizeof(long));
        Number(name, isLittleEndian ? BinaryPrimitives.ReadInt64LittleEndian(octets) : BinaryPrimitives.ReadInt64BigEndian(octets));
    }

    /// <summary>In hexadecimal, most significant octet first.</summary>
    public void Hex(string name, int octets) => Text(name, "0x" + Convert.ToHexStringLower(Next(octets)));

    /// <summary>The bits of an octet, least significant first; those without a name are left out.</summary>
    public void Flags(params ReadOnlySpan<string> names)
    {
        int bits = Next(1)[0];
        for (int bit = 0; bit < names.Length; bit++)
        {
            if (names[bit].Length > 0)
            {
                Number(names[bit], bits >> bit & 1);
            }
        }
    }

    /// <summary>Two numbers of an octet.</summary>
    public void Nibbles(string upper, string lower)
    {
        int octet = Next(1)[0];
        Number(lower, octet & 0xF);
        Number(upper, octet >> 4);
    }

    public void Truth(string name) => Text(name, BinaryPrimitives.ReadInt32BigEndian(Next(sizeof(int))) != 0 ? "true" : "false");

    public void Quality(string level, string accuracy, string variance)
    {
        Octet(level);
        Hex(accuracy, 1);
        Hex(variance, sizeof(ushort));
    }

    public void Clock(string name) => Text(name, ClockIdentity.Read(Next(ClockIdentity.Size)).ToString());

    public void Port(string name) => Text(name, PortIdentity.Read(Next(PortIdentity.Size)).ToString());

    /// <summary>A TimeInterval, ns.</summary>
    public void Interval(string name) => _fields.Add(new(name, Invariant($"{Scaled() * IntervalUnit:0.0##}"), true));

    /// <summary>A TimeInterval, without what is below a nanosecond.</summary>
    public void WholeInterval(string name) => Number(name, Scaled() >> 16);

    /// <summary>The units of the Follow_Up information TLV, as a fraction.</summary>
    public void RateOffset(string name) => _fields.Add(new(name, Invariant($"{BinaryPrimitives.ReadInt32BigEndian(Next(sizeof(int))) * RateUnit:+0.000000000;-0.000000000}"), true));

    /// <summary>A ScaledNs of 96 bits: whole nanoseconds in two parts, and their fraction.</summary>
    public void ScaledNanoseconds(string name)
    {
        string digits = Convert.ToHexStringLower(Next(12));
        Text(name, $"0x{digits[..4]}'{digits[4..20]}.{digits[20..]}");
    }

    public void State(string name) => Text(name, StateName((PortState)Next(1)[0]));

    public void Stamping(string name) => Text(name, Next(1)[0] switch { 0 => "SOFTWARE", 1 => "HARDWARE", 2 => "LEGACY_HW", 3 => "ONESTEP", _ => "P2P1STEP" });

    /// <summary>Of a unicast master, in linuxptp's words.</summary>
    public void MasterState(string name) => Text(name, Next(1)[0] switch { 0 => "WAIT", 1 => "HAVE_ANN", 2 => "NEED_SYDY", _ => "HAVE_SYDY" });

    public void PowerVersion(string name) => Text(name, Word() switch { 1 => "2011", 2 => "2017", _ => "none" });

    /// <summary>A PTPText.</summary>
    public void Text(string name) => Text(name, Encoding.UTF8.GetString(Next(Next(1)[0])));

    /// <summary>Octets in hexadecimal, as a link's address is written.</summary>
    public void Octets(string name, int count) => Text(name, Colons(Next(count)));

    /// <summary>A PortAddress: its kind, and what people write.</summary>
    public void Address(string name)
    {
        ushort kind = Word();
        var octets = Next(Word());
        Text(name, Invariant($"{kind} {octets.Length switch { 4 => string.Join('.', octets.ToArray()), 16 => Groups(octets), _ => Colons(octets) }}"));
    }

    /// <summary>One for each type of message.</summary>
    public void Counters(string prefix)
    {
        var counters = Next(16 * sizeof(long));
        foreach (var type in s_counted)
        {
            Number(prefix + ManagementNames.Parted(type.ToString()), BinaryPrimitives.ReadInt64LittleEndian(counters[((int)type * sizeof(long))..]));
        }
    }

    /// <summary>As it stands in the standard: PRE_MASTER.</summary>
    public static string StateName(PortState state) => ManagementNames.Parted(state.ToString()).ToUpperInvariant();

    private static string Colons(ReadOnlySpan<byte> octets) => string.Join(':', octets.ToArray().Select(octet => octet.ToString("x2", CultureInfo.InvariantCulture)));

    /// <summary>An address of IPv6 (RFC 5952): the longest row of zeros, of two at least, is left out.</summary>
    private static string Groups(ReadOnlySpan<byte> octets)
    {
        const int groups = 8;
        Span<ushort> values = stackalloc ushort[groups];
        var (longest, left) = (1, -1); // of a row of zeros, and where it begins
        for (int i = 0, run = 0; i < groups; i++)
        {
            values[i] = BinaryPrimitives.ReadUInt16BigEndian(octets[(2 * i)..]);
            run = values[i] == 0 ? run + 1 : 0;
            (longest, left) = run > longest ? (run, i + 1 - run) : (longest, left);
        }

        return left < 0 ? Joined(values) : $"{Joined(values[..left])}::{Joined(values[(left + longest)..])}";

        static string Joined(ReadOnlySpan<ushort> part) => string.Join(':', part.ToArray().Select(group => group.ToString("x", CultureInfo.InvariantCulture)));
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private readonly void Number(string name, long value) => _fields.Add(new(name, value.ToString(CultureInfo.InvariantCulture), true));

    private readonly void Text(string name, string value) => _fields.Add(new(name, value));

    private long Scaled() => BinaryPrimitives.ReadInt64BigEndian(Next(sizeof(long)));

    private ReadOnlySpan<byte> Next(int octets)
    {
        var next = _data[..octets];
        _data = _data[octets..];
        return next;
    }
}
