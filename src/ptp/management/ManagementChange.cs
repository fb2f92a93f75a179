using System.Globalization;
using System.Text;

namespace TimeSuite.Ptp;

/// <summary>SET and COMMAND (IEEE 1588-2019 clause 15): for those who hold this host's control socket. What comes by the network has no way here. A change lasts until the instance ends.</summary>
public static class ManagementChange
{
    private const int LeastLog = -7, MostLog = 4; // as the configuration allows

    /// <summary>The names that can be changed.</summary>
    public static IReadOnlyList<string> Settable { get; } = [.. Enum.GetValues<ManagementId>().Where(IsSettable).Select(ManagementNames.NameOf)];

    /// <summary>Changes something.</summary>
    /// <param name="id">What.</param>
    /// <param name="value">Its new value, as pmc writes it; empty for a command.</param>
    /// <param name="instance">Of whom.</param>
    /// <param name="ports">And of which ports, where each has a value of its own.</param>
    /// <param name="now">The time.</param>
    /// <returns>Null if it is done, else what is wrong and what would be right. Then nothing has changed.</returns>
    public static string? Apply(ManagementId id, string value, PtpInstance instance, IReadOnlyList<PtpPort> ports, Instant<Boot> now)
    {
        string name = ManagementNames.NameOf(id);
        if (!IsSettable(id))
        {
            return $"{name} cannot be changed; these can: {string.Join(' ', Settable)}";
        }

        if (id == ManagementId.UserDescription)
        {
            if (Encoding.UTF8.GetByteCount(value) > ManagementDescriptions.LongestText || value.Any(char.IsControl))
            {
                return $"{name} must be a text of up to {ManagementDescriptions.LongestText} octets, without control characters";
            }

            instance.UserDescription = value;
            return null;
        }

        bool isCommand = id is ManagementId.EnablePort or ManagementId.DisablePort;
        var (least, most) = id switch
        {
            ManagementId.Priority1 or ManagementId.Priority2 => (0, byte.MaxValue),
            ManagementId.AnnounceReceiptTimeout => (2, byte.MaxValue),
            ManagementId.PathTraceEnable => (0, 1),
            _ => (LeastLog, MostLog),
        };
        int number = 0;
        if (isCommand ? value.Length > 0 : !int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number) || number < least || number > most)
        {
            return isCommand ? $"{name} takes no value" : string.Create(CultureInfo.InvariantCulture, $"{name} must be a number from {least} to {most}");
        }

        var (octet, log) = (unchecked((byte)number), unchecked((sbyte)number)); // within the limits above
        switch (id)
        {
            case ManagementId.Priority1:
                instance.Default = instance.Default with { Priority1 = octet };
                break;
            case ManagementId.Priority2:
                instance.Default = instance.Default with { Priority2 = octet };
                break;
            case ManagementId.EnablePort:
                ForEach(ports, port => port.Enable(now));
                break;
            case ManagementId.DisablePort:
                ForEach(ports, port => port.Disable(now));
                break;
            case ManagementId.PathTraceEnable:
                ForEach(instance.Ports, port => port.Change(port.Settings with { PathTrace = number == 1 }, now));
                break;
            default:
                ForEach(ports, port => port.Change(
                    id switch
                    {
                        ManagementId.LogAnnounceInterval => port.Settings with { LogAnnounceInterval = log },
                        ManagementId.AnnounceReceiptTimeout => port.Settings with { AnnounceReceiptTimeout = octet },
                        ManagementId.LogSyncInterval => port.Settings with { LogSyncInterval = log },
                        _ => port.Settings with { LogMinPdelayReqInterval = log },
                    },
                    now));
                break;
        }

        instance.Decide(now);
        return null;
    }

    private static bool IsSettable(ManagementId id) =>
        id is ManagementId.Priority1 or ManagementId.Priority2 or ManagementId.LogAnnounceInterval or ManagementId.AnnounceReceiptTimeout or ManagementId.LogSyncInterval
            or ManagementId.LogMinPdelayReqInterval or ManagementId.PathTraceEnable or ManagementId.UserDescription or ManagementId.EnablePort or ManagementId.DisablePort;

    private static void ForEach(IReadOnlyList<PtpPort> ports, Action<PtpPort> change)
    {
        foreach (var port in ports)
        {
            change(port);
        }
    }
}
