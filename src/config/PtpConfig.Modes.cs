namespace TimeSuite.Config;

/// <content>What does not go together with a transparent clock or with CSPTP.</content>
public sealed partial record PtpConfig
{
    private static PtpConfig ReadModes(TableReader table, PtpConfig config)
    {
        bool isCsptp = config.Profile == PtpProfile.Csptp;
        if (config.Role == PtpRole.Transparent && config.Interfaces.Count == 1)
        {
            table.Refuse("role", "needs two interfaces or more: a transparent clock hands on what comes in by one to the others");
        }

        if (config.Role == PtpRole.Transparent && config.Profile is PtpProfile.Csptp or PtpProfile.Gptp or PtpProfile.Automotive)
        {
            table.Refuse("profile", "has no transparent clocks; leave it out, or take another role");
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

        return config;
    }
}
