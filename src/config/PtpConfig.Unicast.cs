using System.Globalization;
using System.Net;
using System.Net.Sockets;
using TimeSuite.Time;

namespace TimeSuite.Config;

/// <content>Messages for one host alone (IEEE 1588-2019 clause 16.1).</content>
public sealed partial record PtpConfig
{
    private const int MostMasters = 16;

    public enum PtpUnicast
    {
        /// <summary>Nobody is granted any.</summary>
        No,

        /// <summary>Who asks gets them; the group gets its own.</summary>
        Also,

        /// <summary>Who asks gets them, and nothing goes to the group.</summary>
        Only,
    }

    /// <summary>Addresses of masters that are asked, the preferred first; then nobody else is followed. Empty: multicast is listened to.</summary>
    public IReadOnlyList<string> UnicastMasters { get; init; } = [];

    /// <summary>For how long they are asked at a time.</summary>
    public Duration UnicastDuration { get; init; } = Duration.FromSeconds(300L);

    /// <summary>What a master grants; null: the profile's.</summary>
    public PtpUnicast? ServeUnicast { get; init; }

    private static PtpConfig ReadUnicast(TableReader table, PtpConfig config)
    {
        var masters = ReadMasters(table) ?? [];
        var whole = config with
        {
            UnicastMasters = masters,
            UnicastDuration = table.Duration("unicast-duration", Duration.FromSeconds(300L), Duration.FromSeconds(10L), Duration.FromSeconds(1000L), "from 10 s to 1000 s"),
            ServeUnicast = table.Choice<PtpUnicast?>("serve-unicast", null, ("no", PtpUnicast.No), ("also", PtpUnicast.Also), ("only", PtpUnicast.Only)),
        };
        if (MistakeOfMasters(whole) is { } mistake)
        {
            table.Refuse("unicast-masters", mistake);
        }
        else if (masters.Count == 0 && config is { Role: PtpRole.Follow, Profile: PtpProfile.G8275Part2 or PtpProfile.G8265Part1 })
        {
            table.Refuse("profile", "has unicast alone: say whom to follow, unicast-masters = [\"ADDRESS\"]");
        }

        return whole;
    }

    internal static IReadOnlyList<string>? ReadMasters(TableReader table) =>
        table.Texts("unicast-masters", text => KindOf(text) is not null && IsOfOneHost(text), "must be the address of a master, e.g. \"192.0.2.1\", \"2001:db8::1\" or, on Ethernet, \"00:1b:19:00:00:01\"; of one host, and without a zone, for a link-local address is one of the port's own network");

    /// <summary>Why the unicast masters cannot be those; null: they can.</summary>
    internal static string? MistakeOfMasters(PtpConfig config)
    {
        var kinds = config.UnicastMasters.Select(KindOf).Distinct().ToList();
        return config.UnicastMasters.Count > MostMasters ? string.Create(CultureInfo.InvariantCulture, $"names {config.UnicastMasters.Count} masters; {MostMasters} are the most")
            : kinds.Count > 1 || (kinds is [{ } one] && config.Transport is { } transport && one != transport)
                ? "must all be of the transport that is used: addresses of IPv4 with \"udp4\", of IPv6 with \"udp6\", hardware addresses with \"ethernet\""
            : config.UnicastMasters.Count > 0 && config.Role == PtpRole.Serve ? "is of no use with role = \"serve\", which follows nobody: leave it out, or say role = \"boundary\""
            : config.UnicastMasters.GroupBy(Canonical).FirstOrDefault(same => same.Count() > 1) is { } twice ? $"names {Printable.Shortened(twice.First())} twice; keep one of the two"
            : null;
    }

    /// <summary>What transport an address is of; null: it is none.</summary>
    public static PtpTransport? KindOf(string text) =>
        text.Contains('%', StringComparison.Ordinal) ? null
        : HostName.IsAddress(text, out var family) && IPAddress.TryParse(text, out _) ? family == AddressFamily.InterNetwork ? PtpTransport.Udp4 : PtpTransport.Udp6
        : text.Split(':') is { Length: 6 } octets && Array.TrueForAll(octets, octet => octet.Length == 2 && octet.All(char.IsAsciiHexDigit)) ? PtpTransport.Ethernet
        : null;

    private static bool IsOfOneHost(string text) =>
        KindOf(text) == PtpTransport.Ethernet ? (Convert.ToByte(text[..2], 16) & 1) == 0 // the first bit on the wire marks a group
        : IPAddress.TryParse(text, out var address) && !address.IsIPv6Multicast && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any)
            && (address.AddressFamily != AddressFamily.InterNetwork || address.GetAddressBytes()[0] < 224);

    private static string Canonical(string text) => IPAddress.TryParse(text, out var address) && KindOf(text) != PtpTransport.Ethernet ? address.ToString() : text.ToUpperInvariant();
}
