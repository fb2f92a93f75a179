namespace TimeSuite.Config;

/// <summary>[ntp]: what holds for NTP as a client and as a server.</summary>
public sealed record NtpConfig
{
    /// <summary>The word for every interface that can.</summary>
    private const string All = "all";

    /// <summary>Interfaces whose hardware stamps NTP, as they are named; see <see cref="StampsOn"/>.</summary>
    public IReadOnlyList<string> HardwareStamps { get; init; } = [];

    /// <summary>Whether any hardware is to stamp NTP.</summary>
    public bool UsesHardwareStamps => HardwareStamps.Count > 0;

    /// <summary>Whether every interface that can is to stamp.</summary>
    public bool StampsOnAll => HardwareStamps.Contains(All);

    /// <summary>Whether the hardware of an interface is to stamp NTP.</summary>
    public bool StampsOn(string name) => StampsOnAll || HardwareStamps.Contains(name);

    internal static NtpConfig Read(TableReader table) => new()
    {
        HardwareStamps = table.TextOrTexts("hw-timestamp", HostName.IsInterface, "must be the name of a network interface, e.g. \"eth0\", or \"all\""),
    };
}
