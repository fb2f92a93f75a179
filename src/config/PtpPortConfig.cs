using TimeSuite.Time;

namespace TimeSuite.Config;

/// <summary>[[ptp-port]]: what is otherwise on one of [ptp]'s interfaces. Null: as [ptp] says.</summary>
public sealed record PtpPortConfig
{
    /// <summary>One of [ptp]'s.</summary>
    public string Interface { get; init; } = "";

    /// <summary>It serves, whoever else there may be: nobody is followed there.</summary>
    public bool MasterOnly { get; init; }

    /// <summary>See <see cref="PtpConfig.Transport"/>.</summary>
    public PtpConfig.PtpTransport? Transport { get; init; }

    /// <summary>See <see cref="PtpConfig.Delay"/>.</summary>
    public PtpConfig.PtpDelay? Delay { get; init; }

    /// <summary>See <see cref="PtpConfig.UnicastMasters"/>.</summary>
    public IReadOnlyList<string>? UnicastMasters { get; init; }

    /// <summary>See <see cref="PtpConfig.AnnounceInterval"/>.</summary>
    public int? AnnounceInterval { get; init; }

    /// <summary>See <see cref="PtpConfig.SyncInterval"/>.</summary>
    public int? SyncInterval { get; init; }

    /// <summary>See <see cref="PtpConfig.DelayInterval"/>.</summary>
    public int? DelayInterval { get; init; }

    /// <summary>See <see cref="PtpConfig.DelayAsymmetry"/>.</summary>
    public Duration? DelayAsymmetry { get; init; }

    /// <summary>See <see cref="PtpConfig.IngressLatency"/>.</summary>
    public Duration? IngressLatency { get; init; }

    /// <summary>See <see cref="PtpConfig.EgressLatency"/>.</summary>
    public Duration? EgressLatency { get; init; }

    /// <summary>See <see cref="PtpConfig.MaxLinkDelay"/>.</summary>
    public Duration? MaxLinkDelay { get; init; }

    /// <summary>1 to 255: how much what is heard there is preferred to what is heard elsewhere (G.8275).</summary>
    public int? LocalPriority { get; init; }

    internal static PtpPortConfig Read(TableReader table)
    {
        var second = Duration.FromSeconds(1L);
        string? name = table.Text("interface", HostName.IsInterface, "must be the name of a network interface, 1 to 15 characters, e.g. \"eth0\"");
        if (name is null && !table.Has("interface"))
        {
            table.Refuse("needs interface = \"...\", one of [ptp]'s interfaces");
        }

        var port = new PtpPortConfig
        {
            Interface = name ?? "",
            MasterOnly = table.Bool("master-only", false),
            Transport = PtpConfig.ReadTransport(table),
            Delay = PtpConfig.ReadDelay(table),
            UnicastMasters = PtpConfig.ReadMasters(table),
            AnnounceInterval = PtpConfig.ReadInterval(table, "announce-interval"),
            SyncInterval = PtpConfig.ReadInterval(table, "sync-interval"),
            DelayInterval = PtpConfig.ReadInterval(table, "delay-interval"),
            DelayAsymmetry = table.Duration("delay-asymmetry", -second, second, "from -1 s to 1 s", "40 ns"),
            IngressLatency = table.Duration("ingress-latency", -second, second, "from -1 s to 1 s", "300 ns"),
            EgressLatency = table.Duration("egress-latency", -second, second, "from -1 s to 1 s", "300 ns"),
            MaxLinkDelay = table.Duration("max-link-delay", Duration.FromNanoseconds(1), second, "from 1 ns to 1 s", "800 ns"),
            LocalPriority = table.Int("local-priority", 1, 255),
        };
        table.RefuseUnknown();
        return port;
    }

    /// <summary>Why the table cannot be, of those that came before it; null: it can.</summary>
    internal string? Mistake(PtpConfig ptp, IReadOnlyList<PtpPortConfig> before)
    {
        if (!ptp.Interfaces.Contains(Interface))
        {
            return $"is none of [ptp] interfaces, which are {(ptp.Interfaces is [] ? "not there" : string.Join(", ", ptp.Interfaces))}";
        }

        if (before.Any(other => other.Interface == Interface))
        {
            return "has a table already; keep one of the two";
        }

        if (MasterOnly && ptp.Role != PtpConfig.PtpRole.Boundary)
        {
            return "has master-only, which is for role = \"boundary\": with any other all ports do the same";
        }

        if (LocalPriority is not null && !PtpConfig.HasLocalPriority(ptp.Profile))
        {
            return $"has local-priority, which {PtpConfig.OfG8275}";
        }

        var whole = (ptp with { Ports = [this] }).On(Interface);
        if (whole.UsedTransport != ptp.UsedTransport && ptp.Role == PtpConfig.PtpRole.Transparent)
        {
            return "has another transport than [ptp], between which a transparent clock does not translate; leave it out, or take role = \"boundary\"";
        }

        if (ptp.Profile == PtpConfig.PtpProfile.Csptp && (Transport == PtpConfig.PtpTransport.Ethernet || Delay is not null))
        {
            return Delay is null ? "must have transport \"udp4\" or \"udp6\" with profile = \"csptp\"" : "has delay, which is not for profile = \"csptp\", whose every exchange measures it; leave it out";
        }

        return PtpConfig.MistakeOfMasters(whole) is { } mistake && (Transport ?? (object?)UnicastMasters) is not null ? $"unicast-masters {mistake}" : null;
    }
}
