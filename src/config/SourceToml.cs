using System.Net.Sockets;
using TimeSuite.Time;

namespace TimeSuite.Config;

/// <summary>[[source]] as written to <see cref="SourceConfig"/>.</summary>
public static class SourceToml
{
    private static readonly Duration Day = Duration.FromSeconds(86_400L);

    private static readonly string[] s_kinds = ["server", "pool", "phc"];

    private static readonly string[] s_ofPhc = ["phc-scale", "phc-accuracy"];

    private static readonly string[] s_ofNtp =
    [
        "port", "min-poll", "max-poll", "iburst", "burst", "interleaved", "version", "key", "nts", "nts-port", "nts-trust", "nts-pin", "asymmetry", "max-delay", "max-sources", "family", "source-address", "source-port",
        "interface", "dscp", "offline",
    ];

    /// <summary>One source by itself, as <c>timectl add</c> sends it: the keys of a [[source]] table, with or without that header.</summary>
    public static ConfigResult<SourceConfig> Parse(string text, string fileName = "source")
    {
        var errors = new List<ConfigError>();
        if (TomlTree.Parse(text, fileName, errors) is not { } root)
        {
            return ConfigResult<SourceConfig>.Of(null, errors);
        }

        var table = root.Entries is { Count: 1 } only && only.TryGetValue("source", out var entry)
            && entry.Value is TomlArray { Items: [TomlTable single] } ? single : root;
        return ConfigResult<SourceConfig>.Of(Read(new TableReader("[[source]]", table, errors)), errors);
    }

    internal static SourceConfig Read(TableReader table)
    {
        string? server = table.Text("server", HostName.IsNameOrAddress, "must be a host name or an address without port, e.g. \"ntp.example.net\"; the port has a key of its own");
        string? pool = table.Text("pool", HostName.IsName, "must be a host name with several addresses, e.g. \"2.debian.pool.ntp.org\"; an address is a server");
        string? phc = table.Text("phc", IsHardwareClock, "must be an interface with a hardware clock or the device of one, e.g. \"eth0\" or \"/dev/ptp0\"");
        if (s_kinds.Count(table.Has) != 1)
        {
            table.Refuse("must have exactly one of server = \"...\", pool = \"...\" and phc = \"...\"");
        }

        int? minPoll = table.Poll("min-poll");
        int? maxPoll = table.Poll("max-poll");
        var defaults = new SourceConfig { Kind = SourceConfig.SourceKind.Server, Name = "" };
        var source = defaults with
        {
            Kind = phc is not null ? SourceConfig.SourceKind.Phc : pool is null ? SourceConfig.SourceKind.Server : SourceConfig.SourceKind.Pool,
            Name = server ?? pool ?? phc ?? "",
            IsUtc = table.Choice("phc-scale", defaults.IsUtc, ("tai", false), ("utc", true)),
            Accuracy = table.Duration("phc-accuracy", defaults.Accuracy, Duration.FromNanoseconds(1), Duration.FromSeconds(1L), "from 1 ns to 1 s"),
            Port = table.Int("port", defaults.Port, 1, ushort.MaxValue),

            // Whoever sets one end means the other to make room.
            MinPoll = minPoll ?? Math.Min(defaults.MinPoll, maxPoll ?? defaults.MinPoll),
            MaxPoll = maxPoll ?? Math.Max(defaults.MaxPoll, minPoll ?? defaults.MaxPoll),
            Iburst = table.Bool("iburst", defaults.Iburst),
            Burst = table.Bool("burst", defaults.Burst),
            Prefer = table.Bool("prefer", defaults.Prefer),
            NoSelect = table.Bool("noselect", defaults.NoSelect),
            Trust = table.Bool("trust", defaults.Trust),
            Require = table.Bool("require", defaults.Require),
            Interleaved = table.Bool("interleaved", defaults.Interleaved),
            Version = table.Int("version", defaults.Version, 3, 4),
            Key = table.UInt("key"),
            Nts = table.Bool("nts", defaults.Nts),
            NtsPort = table.Int("nts-port", defaults.NtsPort, 1, ushort.MaxValue),
            NtsTrust = table.Text("nts-trust", text => text.StartsWith('/'), "must be the whole path of a PEM file, e.g. \"/etc/timesuite/ca.pem\""),
            NtsPin = table.Text("nts-pin", text => text.Length == 64 && text.All(char.IsAsciiHexDigit), "must be the SHA-256 of the server's public key, 64 hexadecimal digits"),
            Offset = table.Duration("offset", defaults.Offset, -Day, Day, "from -24 h to 24 h"),
            Asymmetry = table.Number("asymmetry", defaults.Asymmetry, -0.5, 0.5),
            MaxDelay = table.Duration("max-delay", defaults.MaxDelay, Duration.FromNanoseconds(1), Day, "from 1 ns to 24 h"),
            MaxSources = table.Int("max-sources", defaults.MaxSources, 1, 16),
            AddressFamily = table.Number("family", 4, 6),
            SourceAddress = table.Text("source-address", text => HostName.IsAddress(text, out _), "must be one of this machine's addresses, e.g. \"192.0.2.7\" or \"2001:db8::7\""),
            SourcePort = table.Int("source-port", defaults.SourcePort, 0, ushort.MaxValue),
            Interface = table.Text("interface", HostName.IsInterface, "must be the name of a network interface, 1 to 15 characters, e.g. \"eth0\""),
            Dscp = table.Int("dscp", defaults.Dscp, 0, 63),
            Offline = table.Bool("offline", defaults.Offline),
            Where = FormattableString.Invariant($"{table.At.File}({table.At.Line})"),
        };

        Check(table, source);
        table.RefuseUnknown();
        return source;
    }

    /// <summary>What no key shows by itself.</summary>
    private static void Check(TableReader table, SourceConfig source)
    {
        bool isPhc = source.Kind == SourceConfig.SourceKind.Phc;
        foreach (string key in (isPhc ? s_ofNtp : s_ofPhc).Where(table.Has))
        {
            table.Refuse(key, isPhc ? "is for NTP; phc = \"...\" is a clock of this machine" : "is for phc = \"...\", a hardware clock of this machine");
        }

        if (source.MinPoll > source.MaxPoll)
        {
            table.Refuse("min-poll", FormattableString.Invariant($"must not be above max-poll, which is {source.MaxPoll}"));
        }

        if (source.Burst && source.MinPoll < 5)
        {
            // Eight requests, two seconds apart: at shorter polls one burst would run into the next.
            table.Refuse("burst", FormattableString.Invariant($"needs min-poll = 5 (32 s) or more, it is {source.MinPoll}; at short polls a burst adds nothing"));
        }

        foreach (string key in new[] { "prefer", "trust", "require" })
        {
            bool isSet = key switch { "prefer" => source.Prefer, "trust" => source.Trust, _ => source.Require };
            if (source.NoSelect && isSet)
            {
                table.Refuse(key, "contradicts noselect = true; keep one of the two");
            }
        }

        foreach (string key in new[] { "nts-port", "nts-trust", "nts-pin" })
        {
            if (!source.Nts && table.Has(key))
            {
                table.Refuse(key, "needs nts = true");
            }
        }

        if (source.Nts && source.Version != 4)
        {
            table.Refuse("version", "must be 4 for NTS; leave it out");
        }

        if (source.Nts && source.Key != 0)
        {
            table.Refuse("key", "contradicts nts = true; keep one of the two");
        }

        if (source.Nts && table.Has("port"))
        {
            table.Refuse("port", "is told by the key exchange; the port of that is nts-port");
        }

        if (source.Kind == SourceConfig.SourceKind.Server && table.Has("max-sources"))
        {
            table.Refuse("max-sources", "is for a pool; a server is one source");
        }

        CheckFamilies(table, source);
    }

    private static void CheckFamilies(TableReader table, SourceConfig source)
    {
        int? named = FamilyOf(source.Name);
        int? local = source.SourceAddress is { } address ? FamilyOf(address) : null;
        if (source.AddressFamily is { } family)
        {
            if (named is { } remote && remote != family)
            {
                table.Refuse("family", FormattableString.Invariant($"{source.Name} is an IPv{remote} address; leave family out"));
            }

            if (local is { } own && own != family)
            {
                table.Refuse("source-address", FormattableString.Invariant($"must be an IPv{family} address, as family says"));
            }
        }
        else if (named is { } remote && local is { } own && remote != own)
        {
            table.Refuse("source-address", FormattableString.Invariant($"must be an IPv{remote} address, as {source.Name} is"));
        }
    }

    private static bool IsHardwareClock(string text) =>
        HostName.IsInterface(text) || (text.StartsWith("/dev/ptp", StringComparison.Ordinal) && text.Length is > 8 and < 14 && text.AsSpan(8).IndexOfAnyExceptInRange('0', '9') < 0);

    private static int? FamilyOf(string text) =>
        HostName.IsAddress(text, out var family) ? family == AddressFamily.InterNetworkV6 ? 6 : 4 : null;
}
