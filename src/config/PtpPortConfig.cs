using TimeSuite.Time;

namespace TimeSuite.Config;

/// <summary>[[ptp-port]]: what is otherwise on one of [ptp]'s interfaces. Null: as [ptp] says.</summary>
public sealed record PtpPortConfig
{
    /// <summary>One of [ptp]'s.</summary>
    public string Interface { get; init; } = "";

    /// <summary>It serves, whoever else there may be: nobody is followed there.</summary>
    public bool MasterOnly { get; init; }

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
            DelayAsymmetry = table.Duration("delay-asymmetry", -second, second, "from -1 s to 1 s", "40 ns"),
            IngressLatency = table.Duration("ingress-latency", -second, second, "from -1 s to 1 s", "300 ns"),
            EgressLatency = table.Duration("egress-latency", -second, second, "from -1 s to 1 s", "300 ns"),
            MaxLinkDelay = table.Duration("max-link-delay", Duration.FromNanoseconds(1), second, "from 1 ns to 1 s", "800 ns"),
            LocalPriority = table.Has("local-priority") ? table.Int("local-priority", 0, 1, 255) : PtpConfig.Asked(table, "local-priority"),
        };
        table.RefuseUnknown();
        return port;
    }
}
