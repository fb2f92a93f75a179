using TimeSuite.Time;

namespace TimeSuite.Config;

/// <content>A pulse each second that comes into a card, by which a grandmaster's hardware clock is kept.</content>
public sealed partial record PtpConfig
{
    /// <summary>Null: there is none, and a grandmaster's hardware clocks follow the system's.</summary>
    public PulseInput? Pulse { get; init; }

    /// <param name="Interface">Into whose hardware clock it comes.</param>
    /// <param name="Channel">Of that clock's channels for stamps from outside, from 0.</param>
    /// <param name="Pin">That is to lead there; null: the pins are as they should be.</param>
    /// <param name="Delay">How long after the second the pulse comes.</param>
    /// <param name="Accuracy">How wrong it may be: half-width.</param>
    public sealed record PulseInput(string Interface, int Channel, int? Pin, Duration Delay, Duration Accuracy);

    private static PtpConfig ReadPulse(TableReader table, PtpConfig config)
    {
        const int mostChannels = 255;
        string? name = table.Text("pps", HostName.IsInterface, "must be the network interface into whose hardware clock the pulse comes, e.g. \"eth0\"");
        int channel = table.Int("pps-channel", 0, 0, mostChannels);
        int? pin = table.Int("pps-pin", 0, mostChannels);
        var delay = table.Duration("pps-delay", Duration.Zero, -Duration.FromNanoseconds(10_000_000), Duration.FromNanoseconds(10_000_000), "from -10 ms to 10 ms");
        var accuracy = table.Duration("pps-accuracy", Duration.FromNanoseconds(100), Duration.FromNanoseconds(1), Duration.FromNanoseconds(1_000_000), "from 1 ns to 1 ms");
        if (name is null)
        {
            foreach (string key in ((string[])["pps-channel", "pps-pin", "pps-delay", "pps-accuracy"]).Where(table.Has))
            {
                table.Refuse(key, "is for pps = \"...\", the interface into whose hardware clock the pulse comes");
            }

            return config;
        }

        string? why = config.Role != PtpRole.Serve ? "is for role = \"serve\": a clock that follows a master has no use for a pulse"
            : !config.Interfaces.Contains(name) ? "must be one of the interfaces"
            : config.Timestamping == PtpTimestamping.Software ? "contradicts timestamping = \"software\": it is the hardware's clock that the pulse keeps"
            : config.Profile == PtpProfile.Csptp ? "is not for profile = \"csptp\", which is stamped by software"
            : null;
        if (why is not null)
        {
            table.Refuse("pps", why);
            return config;
        }

        return config with { Pulse = new(name, channel, pin, delay, accuracy) };
    }
}
