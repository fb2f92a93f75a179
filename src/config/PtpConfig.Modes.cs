namespace TimeSuite.Config;

/// <content>What does not go together with a transparent clock, with CSPTP or with Syncs in one step.</content>
public sealed partial record PtpConfig
{
    internal const string OfG8275 = "is for profile = \"g8275.1\" or \"g8275.2\": no other compares it; leave it out";

    internal static bool HasLocalPriority(PtpProfile profile) => profile is PtpProfile.G8275Part1 or PtpProfile.G8275Part2;

    private static PtpConfig ReadModes(TableReader table, PtpConfig config)
    {
        bool isCsptp = config.Profile == PtpProfile.Csptp;
        if (table.TryGet("interfaces", out var interfaces) && interfaces is TomlArray { Items: [] })
        {
            table.Refuse("interfaces", "must name one at least, e.g. [\"eth0\"]: PTP is spoken on it");
        }

        if (config.Interfaces.GroupBy(name => name).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            table.Refuse("interfaces", $"names {Printable.Shortened(twice.Key)} twice, and there is one port on each; keep one of the two");
        }

        if (config.Role == PtpRole.Transparent && config.Interfaces.Count == 1)
        {
            table.Refuse("role", "needs two interfaces or more: a transparent clock hands on what comes in by one to the others");
        }

        if (config.Role == PtpRole.Transparent && config.Profile is PtpProfile.Csptp or PtpProfile.Gptp or PtpProfile.Automotive)
        {
            table.Refuse("profile", "has no transparent clocks; leave it out, or take another role");
        }

        if (config.Profile == PtpProfile.Automotive && config.Role == PtpRole.Boundary)
        {
            table.Refuse("role", "must be \"follow\" or \"serve\" with profile = \"automotive\", where the configuration says which of the two all ports are");
        }

        if (isCsptp && config.Role == PtpRole.Boundary)
        {
            table.Refuse("role", "must be \"follow\" or \"serve\" with profile = \"csptp\"");
        }

        if (isCsptp && config is { Role: PtpRole.Follow, UnicastMasters.Count: 0 })
        {
            table.Refuse("profile", "asks a server: say which, unicast-masters = [\"ADDRESS\"]");
        }

        if (isCsptp && config.Transport == PtpTransport.Ethernet)
        {
            table.Refuse("transport", "must be \"udp4\" or \"udp6\" with profile = \"csptp\"");
        }

        if (isCsptp && config.Delay is not null)
        {
            table.Refuse("delay", "is not for profile = \"csptp\", whose every exchange measures the delay; leave it out");
        }

        if (config.SdoId is not null && config.Profile is PtpProfile.Gptp or PtpProfile.Automotive or PtpProfile.Csptp)
        {
            table.Refuse("sdo-id", "is not for this profile, which is known by its own; leave it out");
        }

        if (config.ClockVariance is not null && (isCsptp || config.Role is PtpRole.Follow or PtpRole.Transparent))
        {
            table.Refuse("clock-variance", isCsptp ? "is not for profile = \"csptp\"; leave it out" : "is for who may be grandmaster: role = \"serve\" or \"boundary\"");
        }

        if (config.ServeUnicast is not null && config.Role is PtpRole.Follow or PtpRole.Transparent)
        {
            table.Refuse("serve-unicast", "is for who may be grandmaster: role = \"serve\" or \"boundary\"");
        }

        if (table.Has("local-priority") && !HasLocalPriority(config.Profile))
        {
            table.Refuse("local-priority", OfG8275);
        }

        if (config.Timestamping == PtpTimestamping.Hardware && isCsptp)
        {
            table.Refuse("timestamping", "must be \"auto\" or \"software\": CSPTP is stamped by software, for no clock could follow what it measures");
        }

        if (config.Profile is PtpProfile.Automotive && (config.AcceptableGrandmasters.Count > 0 || config.MaxClockClass is not null))
        {
            table.Refuse(config.MaxClockClass is null ? "acceptable-grandmasters" : "max-clock-class", "is not for profile = \"automotive\", in which nobody says who the grandmaster is; acceptable-masters is");
        }

        if (isCsptp && (config.AcceptableMasters.Count > 0 || config.AcceptableGrandmasters.Count > 0 || config.MaxClockClass is not null))
        {
            table.Refuse(
                config.MaxClockClass is not null ? "max-clock-class" : config.AcceptableMasters.Count > 0 ? "acceptable-masters" : "acceptable-grandmasters",
                "is not for profile = \"csptp\", whose servers are chosen by their addresses, unicast-masters");
        }

        foreach (string key in ((string[])["hops", "dscp"]).Where(key => table.Has(key) && config.UsedTransport == PtpTransport.Ethernet))
        {
            table.Refuse(key, "is for transport = \"udp4\" or \"udp6\": on Ethernet there are no routers; leave it out");
        }

        foreach (string key in ((string[])["announce-timeout", "path-trace"]).Where(key => table.Has(key) && (isCsptp || config.Profile == PtpProfile.Automotive)))
        {
            table.Refuse(key, "is not for this profile, in which there are no Announces; leave it out");
        }

        if (isCsptp && table.Has("sync-timeout"))
        {
            table.Refuse("sync-timeout", "is not for profile = \"csptp\", in which a Sync comes only when it was asked for; leave it out");
        }

        if (config.TimeSource is not null && (isCsptp || config.Role is PtpRole.Follow or PtpRole.Transparent))
        {
            table.Refuse("time-source", isCsptp ? "is not for profile = \"csptp\", whose answers do not tell it; leave it out" : "is for who may be grandmaster: role = \"serve\" or \"boundary\"");
        }

        if (config.OneStep)
        {
            RefuseOneStep(table, config);
        }

        return config;
    }

    private static void RefuseOneStep(TableReader table, PtpConfig config)
    {
        string? why = config.Role is PtpRole.Follow or PtpRole.Transparent ? "is for who sends Syncs: role = \"serve\" or \"boundary\""
            : config.Timestamping == PtpTimestamping.Software ? "contradicts timestamping = \"software\": only hardware can write the time into a message as it leaves"
            : config.Profile is PtpProfile.Gptp or PtpProfile.Automotive or PtpProfile.Csptp ? "is not for this profile, which says more in its Follow_Ups; leave it out"
            : config.Authentication != PtpSeals.Off ? "contradicts authentication: what the hardware writes would break the seal"
            : null;
        if (why is not null)
        {
            table.Refuse("one-step", why);
        }
    }
}
