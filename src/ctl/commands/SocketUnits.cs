using System.Text;
using TimeSuite.Config;

namespace TimeSuite.Ctl;

/// <summary>Units of systemd for the ports that a configuration asks for, so that no daemon needs the right to a port below 1024 (systemd.socket(5)), and drop-ins for the rights that only some configurations need.</summary>
internal static class SocketUnits
{
    private const string Head = "# Made by `timectl config sockets` from timesuite.toml; `systemctl daemon-reload` makes it anew.\n";

    /// <summary>Who may have the ports, and is stopped when the suite takes over: those of clockd's unit (a test compares).</summary>
    internal const string Others = "chrony.service chronyd.service chronyd-restricted.service ntpsec.service ntp.service ntpd.service ntpd-rs.service openntpd.service systemd-timesyncd.service timemaster.service htpdate.service";

    /// <param name="File">The unit's name, or that of a drop-in with its directory.</param>
    /// <param name="Text">Its content.</param>
    /// <param name="Service">Who is handed the sockets; null for a drop-in.</param>
    internal sealed record Unit(string File, string Text, string? Service);

    /// <summary>The units of a configuration; none where nothing is served. One for each interface that is named: what a unit binds to is said of all its sockets.</summary>
    /// <param name="config">As checked.</param>
    /// <param name="processors">Threads that serve where the configuration does not say.</param>
    public static IReadOnlyList<Unit> Of(SuiteConfig config, int processors)
    {
        List<Unit> units = [];
        if (config.Serve is { } serve)
        {
            // A socket for each thread: the kernel then gives each thread its clients. They have to be of one owner, so all come from here.
            int each = serve.Threads ?? processors;
            units.AddRange(For("timesuite-ntpd", "ntp", "ListenDatagram", serve.Listen, each, "ReceiveBuffer=1M\n"));
        }

        if (config.NtsServer is { } nts)
        {
            units.AddRange(For("timesuite-ntskeyd", "ntske", "ListenStream", nts.Listen, each: 1, "Backlog=512\nNoDelay=yes\n"));
        }

        if (config.Ptp is { } ptp && ptp.Transports.Contains(PtpConfig.PtpTransport.Ethernet))
        {
            units.Add(new("timesuite-ptpd.service.d/50-ethernet.conf", $"{Head}# PTP on Ethernet.\n[Service]\nAmbientCapabilities=CAP_NET_RAW\nCapabilityBoundingSet=CAP_NET_RAW\nRestrictAddressFamilies=AF_PACKET\n", Service: null));
        }

        if (config.Ntp.UsesHardwareStamps || config.Sources.Any(source => source.Kind == SourceConfig.SourceKind.Phc))
        {
            units.Add(new("timesuite-ntpd.service.d/50-hardware-clocks.conf", $"{Head}# Hardware clocks, to read.\n[Service]\nPrivateDevices=no\nDevicePolicy=closed\nDeviceAllow=char-ptp r\n", Service: null));
        }

        return units;
    }

    private static IEnumerable<Unit> For(string daemon, string name, string kind, IReadOnlyList<string> listen, int each, string more)
    {
        foreach (var group in listen.Select(Split).GroupBy(point => point.Device))
        {
            var text = new StringBuilder($"{Head}{Section(daemon)}\n[Socket]\n");
            foreach (var (address, _) in group)
            {
                for (int i = 0; i < each; i++)
                {
                    text.Append(Units.Invariant($"{kind}={Literal(address)}\n"));
                }
            }

            text.Append(group.Key is { } device ? $"BindToDevice={Literal(device)}\n" : "").Append($"BindIPv6Only=ipv6-only\nFreeBind=yes\nReusePort={(each > 1 ? "yes" : "no")}\n{more}FileDescriptorName={name}\nService={daemon}.service\n");
            yield return new($"{daemon}{(group.Key is null ? "" : "-on-" + group.Key)}.socket", text.ToString(), $"{daemon}.service");
        }
    }

    // What stands behind a percent sign is a specifier to systemd (systemd.unit(5)): %br0 would begin with the boot's id.
    private static string Literal(string text) => text.Replace("%", "%%", StringComparison.Ordinal);

    // After the others have given up the ports. They start after sockets.target, before which a socket is by default: so not by default, or it would be a circle where both are enabled.
    private static string Section(string daemon) =>
        $"[Unit]\nDescription=TimeSuite: the ports of {daemon}\nPartOf=timesuite.target\nAfter={Others}\nDefaultDependencies=no\nRequires=sysinit.target\nAfter=sysinit.target\nConflicts=shutdown.target\nBefore=shutdown.target\n";

    // ADDRESS%DEVICE:PORT, as the configuration has checked it. The device need not be there yet: so nothing is looked up. A link-local address keeps it as its scope.
    private static (string Address, string? Device) Split(string text)
    {
        int percent = text.IndexOf('%', StringComparison.Ordinal), colon = text.LastIndexOf(':');
        if (percent < 0)
        {
            return (text, null);
        }

        string device = text[(percent + 1)..colon].TrimEnd(']');
        string address = text[..percent] + (text[0] == '[' ? "]" : "") + text[colon..];
        bool isLinkLocal = address.StartsWith("[fe80:", StringComparison.OrdinalIgnoreCase);
        return (isLinkLocal ? $"{address}%{device}" : address, device);
    }
}
