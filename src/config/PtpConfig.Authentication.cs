namespace TimeSuite.Config;

/// <content>Seals on PTP messages.</content>
public sealed partial record PtpConfig
{
    public enum PtpSeals
    {
        /// <summary>None is made, none is looked at.</summary>
        Off,

        /// <summary>Made; what comes without one is taken, what comes with a wrong one is not.</summary>
        Accepted,

        /// <summary>Made, and demanded.</summary>
        Required,
    }

    public PtpSeals Authentication { get; init; }

    /// <summary>See <see cref="PtpKeyFile"/>.</summary>
    public string AuthenticationKeys { get; init; } = "";

    /// <summary>The key that seals what is sent.</summary>
    public uint AuthenticationKey { get; init; }

    /// <summary>0 to 255: the security parameter pointer.</summary>
    public int AuthenticationAssociation { get; init; }

    /// <summary>The correction field is left out of the seal.</summary>
    public bool AuthenticationLeavesCorrection { get; init; }

    private static PtpConfig ReadAuthentication(TableReader table, PtpConfig config)
    {
        var read = config with
        {
            Authentication = table.Choice("authentication", PtpSeals.Off, ("off", PtpSeals.Off), ("accepted", PtpSeals.Accepted), ("required", PtpSeals.Required)),
            AuthenticationKeys = table.Text("authentication-keys", text => text.StartsWith('/'), "must be the path of a file of keys, e.g. \"/etc/timesuite/ptp.keys\"") ?? "",
            AuthenticationKey = table.UInt("authentication-key"),
            AuthenticationAssociation = table.Int("authentication-association", 0, 0, byte.MaxValue),
            AuthenticationLeavesCorrection = table.Choice("authentication-correction", false, ("sealed", false), ("open", true)),
        };
        if (read.Authentication != PtpSeals.Off && (read.AuthenticationKeys.Length == 0 || read.AuthenticationKey == 0))
        {
            table.Refuse("authentication", "needs authentication-keys = \"FILE\" and authentication-key = NUMBER: the keys, and which one seals what is sent");
        }

        if (read.Authentication != PtpSeals.Off && read.Role == PtpRole.Transparent)
        {
            table.Refuse("authentication", "is not for role = \"transparent\": that hands messages on as their senders have sealed them; leave it out");
        }

        return read;
    }
}
