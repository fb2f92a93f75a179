using System.Buffers.Binary;
using System.Text;

namespace TimeSuite.Ptp;

/// <summary>Who and what a clock is (IEEE 1588-2019 clauses 15.5.3.1 and 16.1 to 16.3), and what pmc of linuxptp asks for beside the standard (its tlv.h; names that end in NP).</summary>
internal static class ManagementDescriptions
{
    private const ushort Ordinary = 0x8000, Boundary = 0x4000, PeerTransparent = 0x2000, Transparent = 0x1000;
    private const int MostMasters = 16;

    /// <summary>Octets of a text.</summary>
    public const int LongestText = 64;

    private static readonly PortDescription s_unknown = new("", 0, default, false, "TimeSuite;ptpd;", ";;");

    /// <summary>As <see cref="ManagementData.Write"/>.</summary>
    /// <param name="id">What is asked for.</param>
    /// <param name="instance">Of whom.</param>
    /// <param name="port">And of which port.</param>
    /// <param name="now">The time.</param>
    /// <param name="data">With room for 512 octets.</param>
    /// <returns>Octets written, an even number; -1: there is no such id here.</returns>
    public static int Write(ManagementId id, PtpInstance instance, PtpPort port, Instant<Boot> now, Span<byte> data)
    {
        var to = new Writer(data);
        var settings = port.Settings;
        switch (id)
        {
            case ManagementId.ClockDescription:
                WriteClock(ref to, instance, port);
                break;
            case ManagementId.UserDescription:
                to.Text(instance.UserDescription);
                break;
            case ManagementId.UnicastNegotiationEnable:
                to.Octet(settings.UnicastLimits is not null || settings.UnicastMasters.Count > 0 ? 1 : 0);
                break;
            case ManagementId.PathTraceEnable:
                to.Octet(settings.PathTrace ? 1 : 0);
                break;
            case ManagementId.UnicastMasterMaxTableSize:
                to.Word(MostMasters);
                break;
            case ManagementId.AcceptableMasterTableEnabled:
                to.Octet(settings.AcceptableMasters.Count + settings.AcceptableGrandmasters.Count > 0 ? 1 : 0);
                break;
            case ManagementId.MasterOnly:
                to.Octet(settings.Role == PortRole.Master ? 1 : 0);
                break;
            case ManagementId.TimeStatusNp:
                WriteTimeStatus(ref to, instance);
                break;
            case ManagementId.GrandmasterSettingsNp:
                to.Quality(instance.Default.Quality);
                to.Word(unchecked((ushort)instance.OwnTime.UtcOffset)); // signed on the wire
                to.Octet((byte)((ushort)instance.OwnTime.Flags & 0x3F));
                to.Octet((byte)instance.OwnTime.Source);
                break;
            case ManagementId.SynchronizationUncertainNp:
                to.Octet((instance.Time.Flags & PtpFlags.SynchronizationUncertain) != 0 ? 1 : 0);
                break;
            case ManagementId.PortDataSetNp:
                to.Long((uint)Math.Clamp((settings.NeighborDelayThreshold ?? Duration.FromSeconds(4L)).Seconds * 1e9, 0, uint.MaxValue));
                to.Long(port.IsCapable ? 1u : 0u);
                break;
            case ManagementId.PortPropertiesNp:
                to.Port(port.Identity);
                to.Octet((byte)port.State);
                to.Octet((settings.Description ?? s_unknown).HasHardwareStamps ? settings.OneStepSync ? 3 : 1 : 0);
                to.Text((settings.Description ?? s_unknown).Interface);
                break;
            case ManagementId.PortStatsNp:
                to.Port(port.Identity);
                WriteCounts(ref to, port.Counters.Received);
                WriteCounts(ref to, port.Counters.Sent);
                break;
            case ManagementId.PortServiceStatsNp:
                to.Port(port.Identity);
                to.Count(port.Counters.AnnounceTimeouts);
                to.Count(port.Counters.SyncTimeouts);
                to.Skip(8 * sizeof(long)); // linuxptp's timers have no counterpart here
                break;
            case ManagementId.UnicastMasterTableNp:
                WriteMasters(ref to, instance, port, now);
                break;
            case ManagementId.PowerProfileSettingsNp:
                WritePower(ref to, settings.Power);
                break;
            default:
                return -1;
        }

        return to.End();
    }

    private static void WriteClock(ref Writer to, PtpInstance instance, PtpPort port)
    {
        var description = port.Settings.Description ?? s_unknown;
        to.Word(port.Settings.Mode == PortMode.Transparent ? port.Mechanism == DelayMechanism.P2P ? PeerTransparent : Transparent : instance.Ports.Count > 1 ? Boundary : Ordinary);
        to.Text("IEEE 802.3");
        to.Word(6);
        to.Mac(description.Mac);
        to.Address(description.Address);
        to.Skip(4); // no manufacturer's identity, and a reserved octet
        to.Text(description.Product);
        to.Text(description.Revision);
        to.Text(instance.UserDescription);
        to.Octet(0x00); // the default profiles of annex I: 00-1B-19-00-01-00 end to end, 00-1B-19-00-02-00 peer to peer
        to.Octet(0x1B);
        to.Octet(0x19);
        to.Octet(0x00);
        to.Octet(port.Mechanism == DelayMechanism.P2P ? 2 : 1);
        to.Octet(0x00);
    }

    private static void WriteTimeStatus(ref Writer to, PtpInstance instance)
    {
        to.Count(instance.Current.OffsetFromMaster.Scaled >> 16, isLittleEndian: false);
        to.Skip(sizeof(long)); // when the last Sync came: stamps here have no scale that others know
        to.Long(unchecked((uint)TimeBase.Scaled(instance.Told?.CumulativeRate ?? instance.CumulativeRate)));
        to.Long(unchecked((uint)TimeBase.Scaled(instance.TimeBase.Frequency)));
        to.Word(instance.TimeBase.Indicator);
        to.Scaled(instance.TimeBase.Phase);
        to.Long(instance.IsGrandmaster ? 0u : 1u);
        to.Identity(instance.Parent.Grandmaster);
    }

    private static void WriteCounts(ref Writer to, Func<MessageType, long> count)
    {
        for (int type = 0; type < 16; type++)
        {
            to.Count(count((MessageType)type));
        }
    }

    private static void WriteMasters(ref Writer to, PtpInstance instance, PtpPort port, Instant<Boot> now)
    {
        var masters = port.UnicastMasters(now).ToList();
        to.Word((ushort)masters.Count);
        foreach (var master in masters)
        {
            var heard = port.Masters(now).FirstOrDefault(heard => heard.Candidate.Sender == master.Identity).Candidate;
            to.Port(master.Identity ?? default);
            to.Quality(heard.Quality);
            to.Octet(master.Identity is { } identity && identity == port.Followed ? 1 : 0);
            to.Octet((byte)((master.Announces ? 1 : 0) + (master.Syncs ? 2 : 0))); // as linuxptp's states: waits, has Announce, has all
            to.Octet(heard.Priority1);
            to.Octet(heard.Priority2);
            to.Address(master.Address);
        }
    }

    private static void WritePower(ref Writer to, PowerProfile? power)
    {
        to.Word((ushort)(power?.Version ?? 0));
        to.Word(power?.GrandmasterId ?? 0);
        uint inaccuracy = (uint)Math.Clamp((power?.Network ?? Duration.Zero).Seconds * 1e9, 0, uint.MaxValue);
        to.Long(0);
        to.Long(power?.Version == PowerProfileVersion.Year2011 ? inaccuracy : 0);
        to.Long(power?.Version == PowerProfileVersion.Year2017 ? inaccuracy : 0);
    }

    /// <summary>Fields one after the other.</summary>
    private ref struct Writer(Span<byte> data)
    {
        private readonly Span<byte> _data = data;
        private int _at;

        public void Octet(int value) => _data[_at++] = (byte)value;

        public void Word(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Next(2), value);

        public void Long(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Next(4), value);

        /// <summary>linuxptp's counters have the least octet first.</summary>
        public void Count(long value, bool isLittleEndian = true)
        {
            if (isLittleEndian)
            {
                BinaryPrimitives.WriteInt64LittleEndian(Next(8), value);
            }
            else
            {
                BinaryPrimitives.WriteInt64BigEndian(Next(8), value);
            }
        }

        public void Identity(ClockIdentity identity) => identity.Write(Next(ClockIdentity.Size));

        public void Port(PortIdentity port) => port.Write(Next(PortIdentity.Size));

        public void Quality(ClockQuality quality) => quality.Write(Next(ClockQuality.Size));

        public void Scaled(Duration length) => TimeBase.WriteScaled(Next(TimeBase.ScaledSize), length);

        public void Skip(int octets) => Next(octets).Clear();

        public void Mac(ulong mac)
        {
            Span<byte> octets = stackalloc byte[8];
            BinaryPrimitives.WriteUInt64BigEndian(octets, mac);
            octets[2..].CopyTo(Next(6));
        }

        /// <summary>A PortAddress (clause 5.3.6).</summary>
        public void Address(PtpAddress address)
        {
            var (kind, length) = address.Kind switch
            {
                PtpAddressKind.IPv4 => (1, 4),
                PtpAddressKind.IPv6 => (2, 16),
                _ => (3, 6),
            };
            Word((ushort)kind);
            Word((ushort)length);
            Span<byte> octets = stackalloc byte[16];
            BinaryPrimitives.WriteUInt128BigEndian(octets, address.Bits);
            octets[^length..].CopyTo(Next(length));
        }

        /// <summary>A PTPText (clause 5.3.9).</summary>
        public void Text(string text)
        {
            Span<byte> octets = stackalloc byte[LongestText * 3];
            int length = Math.Min(LongestText, Encoding.UTF8.GetBytes(text.AsSpan(0, Math.Min(text.Length, LongestText)), octets));
            Octet(length);
            octets[..length].CopyTo(Next(length));
        }

        public int End()
        {
            if (_at % 2 != 0)
            {
                Octet(0);
            }

            return _at;
        }

        private Span<byte> Next(int octets)
        {
            _at += octets;
            return _data.Slice(_at - octets, octets);
        }
    }
}
