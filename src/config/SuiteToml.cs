using TimeSuite.Time;

namespace TimeSuite.Config;

/// <summary>The root of timesuite.toml, and the tables that are not worth a file of their own.</summary>
internal static class SuiteToml
{
    private static readonly Duration Second = Duration.FromSeconds(1L);
    private static readonly Duration Hour = Duration.FromSeconds(3_600L);
    private static readonly Duration Day = Duration.FromSeconds(86_400L);

    /// <summary>Reads the merged tree. <paramref name="errors"/> tells whether the result may be used.</summary>
    /// <param name="root">Tables of all files.</param>
    /// <param name="errors">Each thing that is wrong is added.</param>
    /// <param name="asked">Gets every table with its known keys, for the documentation's test.</param>
    public static SuiteConfig Read(TomlTable root, List<ConfigError> errors, Action<string, IReadOnlyList<ConfigKey>>? asked = null)
    {
        var known = new List<string>();

        T In<T>(string key, Func<TableReader, T> read)
        {
            known.Add(key);
            var table = new TomlTable(root.At);
            if (root.Entries.TryGetValue(key, out var entry))
            {
                table = entry.Value as TomlTable ?? table;
                if (entry.Value is not TomlTable)
                {
                    errors.Add(entry.KeyAt.Error($"{key} = {entry.Value.Written}: must be a table, [{key}]"));
                }
            }

            var reader = new TableReader($"[{key}]", table, errors);
            var value = read(reader);
            reader.RefuseUnknown();
            asked?.Invoke(key, reader.Known);
            return value;
        }

        var config = new SuiteConfig
        {
            Clock = In("clock", ClockToml.Read),
            Sources = Sources(root, errors, asked),
            Ntp = In("ntp", NtpConfig.Read),
            Selection = In("selection", Selection),
            Serve = In("serve", Serve) is var serve && root.Entries.ContainsKey("serve") ? serve : null,
            Broadcast = In("broadcast", BroadcastConfig.Read) is var broadcast && root.Entries.ContainsKey("broadcast") ? broadcast : null,
            Nts = In("nts", NtsConfig.Read),
            NtsServer = In("nts-server", table => NtsServerConfig.Read(table, errors)) is var ntsServer && root.Entries.ContainsKey("nts-server") ? ntsServer : null,
            Ptp = In("ptp", PtpConfig.Read) is var ptp && Ports(root, ptp, errors, asked) is var ports && root.Entries.ContainsKey("ptp") ? ptp with { Ports = ports is [] ? [] : ports } : null,
            RateLimit = In("rate-limit", AccessToml.RateLimit) is var limit && root.Entries.ContainsKey("rate-limit") ? limit : null,
            Keys = In("keys", KeysTable) is var keys && root.Entries.ContainsKey("keys") ? keys : null,
            Local = In("local", Local) is var local && root.Entries.ContainsKey("local") ? local : null,
            Leap = In("leap", Leap),
            Log = In("log", Log),
        };

        if (config.RateLimit is not null && config.Serve is { Access.ClientLog: 0 })
        {
            errors.Add(root.Entries["serve"].KeyAt.Error("[serve] client-log = 0: [rate-limit] needs clients to be remembered; leave out one of the two"));
        }

        if (config.NtsServer is not null && root.Entries["nts-server"].Value is TomlTable served && !served.Entries.ContainsKey("certificate"))
        {
            errors.Add(root.Entries["nts-server"].KeyAt.Error("[nts-server] needs a certificate: [[nts-server.certificate]] with chain = \"FILE\" and key = \"FILE\""));
        }

        if (config.Ptp is not null && root.Entries["ptp"].Value is TomlTable { Entries: var ptpKeys } && !ptpKeys.ContainsKey("interfaces"))
        {
            errors.Add(root.Entries["ptp"].KeyAt.Error("[ptp] needs interfaces = [\"eth0\"]: the network interfaces that PTP is spoken on"));
        }

        if (config.Ptp is { Role: PtpConfig.PtpRole.Boundary, Interfaces.Count: > 0 } boundary && boundary.Interfaces.All(name => boundary.On(name).MasterOnly))
        {
            errors.Add(root.Entries["ptp"].KeyAt.Error("[ptp] role = \"boundary\": all its ports are master-only, and nobody is followed; leave master-only out where the time comes from, or take role = \"serve\""));
        }

        foreach (var source in config.Sources.Where(source => source.Kind == SourceConfig.SourceKind.Phc && config.Ptp?.Interfaces.Contains(source.Name) == true))
        {
            errors.Add(root.Entries["ptp"].KeyAt.Error($"[ptp] has {source.Name} too, whose clock ptpd steers ({source.Where}): what it follows is a source by itself, ptp:{source.Name}; leave out [[source]] phc"));
        }

        if (config.Broadcast is { } sent)
        {
            void Require(bool holds, string what)
            {
                if (!holds)
                {
                    errors.Add(root.Entries["broadcast"].KeyAt.Error($"[broadcast] needs {what}"));
                }
            }

            Require(root.Entries["broadcast"].Value is not TomlTable table || table.Entries.ContainsKey("to"), "to = [\"ADDRESS\"]");
            Require(config.Serve is not null, "[serve]: it is sent from its addresses and port");
            Require(sent.Key == 0 || config.Keys is not null, "[keys]: it has a key");
        }

        known.AddRange(["source", "ptp-port"]);
        foreach (var (key, entry) in root.Entries.Where(entry => !known.Contains(entry.Key)))
        {
            string nearest = NearestName.To(key, known)!;
            string what = entry.Value is TomlScalar ? "key outside of any table" : "table";
            errors.Add(entry.KeyAt.Error(
                $"unknown {what} \"{Printable.Shortened(key)}\"; the nearest known table is {(nearest is "source" or "ptp-port" ? $"[[{nearest}]]" : $"[{nearest}]")}"));
        }

        return config;
    }

    /// <summary>The tables of an array, with what each says.</summary>
    private static IEnumerable<(TomlTable Table, T Value)> Each<T>(TomlTable root, string name, Func<TableReader, T> read, List<ConfigError> errors, Action<string, IReadOnlyList<ConfigKey>>? asked)
    {
        if (asked is not null)
        {
            var every = new TableReader($"[[{name}]]", new TomlTable(root.At), []);
            read(every);
            asked(name, every.Known);
        }

        if (!root.Entries.TryGetValue(name, out var entry))
        {
            yield break;
        }

        if (entry.Value is not TomlArray array || array.Items.Exists(item => item is not TomlTable))
        {
            errors.Add(entry.KeyAt.Error($"{name} = {entry.Value.Written}: must be an array of tables, each begun with [[{name}]]"));
            yield break;
        }

        foreach (var table in array.Items.Cast<TomlTable>())
        {
            yield return (table, read(new TableReader($"[[{name}]]", table, errors)));
        }
    }

    private static List<PtpPortConfig> Ports(TomlTable root, PtpConfig ptp, List<ConfigError> errors, Action<string, IReadOnlyList<ConfigKey>>? asked)
    {
        var ports = new List<PtpPortConfig>();
        foreach (var (table, port) in Each(root, "ptp-port", PtpPortConfig.Read, errors, asked))
        {
            if (port.Interface.Length > 0 && port.Mistake(ptp, ports) is { } mistake)
            {
                errors.Add(table.At.Error($"[[ptp-port]] {Printable.Shortened(port.Interface)}: {mistake}"));
            }

            ports.Add(port);
        }

        return ports;
    }

    private static List<SourceConfig> Sources(TomlTable root, List<ConfigError> errors, Action<string, IReadOnlyList<ConfigKey>>? asked)
    {
        var sources = new List<SourceConfig>();
        foreach (var (table, source) in Each(root, "source", SourceToml.Read, errors, asked))
        {
            if (source.Name.Length > 0 && sources.Find(other => IsSame(other, source)) is { } twin)
            {
                errors.Add(table.At.Error($"[[source]] {Printable.Shortened(source.Name)}: is already configured at {twin.Where}; keep one of the two"));
            }

            if (source.Key != 0 && !root.Entries.ContainsKey("keys"))
            {
                errors.Add(table.Entries["key"].Value.At.Error(FormattableString.Invariant($"[[source]] key = {source.Key}: needs [keys] with file = \"...\", where the key is")));
            }

            sources.Add(source);
        }

        return sources;
    }

    private static bool IsSame(SourceConfig a, SourceConfig b) =>
        a.Port == b.Port && string.Equals(a.Name.TrimEnd('.'), b.Name.TrimEnd('.'), StringComparison.OrdinalIgnoreCase);

    private static SelectionConfig Selection(TableReader table)
    {
        var defaults = new SelectionConfig();
        var selection = new SelectionConfig
        {
            AccuracyTarget = table.Duration("accuracy-target", Duration.FromNanoseconds(10), Second, "from 10 ns to 1 s", "1 ms"),
            MinSources = table.Int("min-sources", defaults.MinSources, 1, 64),
            MaxDistance = table.Duration("max-distance", defaults.MaxDistance, Duration.FromNanoseconds(1), Hour, "from 1 ns to 1 h"),
            MaxJitter = table.Duration("max-jitter", defaults.MaxJitter, Duration.FromNanoseconds(1), Hour, "from 1 ns to 1 h"),
            CombineLimit = table.Int("combine-limit", defaults.CombineLimit, 1, 64),
            MaxStratum = table.Int("max-stratum", defaults.MaxStratum, 1, 15),
            StepThreshold = table.Duration("step-threshold", defaults.StepThreshold, Duration.FromNanoseconds(1), Hour, "from 1 ns to 1 h"),
            StepLimit = table.Int("step-limit", defaults.StepLimit, -1, 1_000),
            JumpLimit = table.Duration("jump-limit", defaults.JumpLimit, Duration.Zero, Day, "from 0 s to 24 h"),
            JumpWait = table.Duration("jump-wait", defaults.JumpWait, Duration.Zero, Day, "from 0 s to 24 h"),
        };
        return selection;
    }

    private static ServeConfig Serve(TableReader table)
    {
        int threads = table.Int("threads", 0, 1, 256);
        var serve = new ServeConfig { Threads = threads == 0 ? null : threads, Access = AccessToml.Access(table) };
        return ListenToml.Read(table, port: 123, "must be an address with a port, e.g. \"0.0.0.0:123\", \"[::]:123\" or, of one interface, \"0.0.0.0%eth0:123\"") is { } listen ? serve with { Listen = listen } : serve;
    }

    private static KeysConfig KeysTable(TableReader table) =>
        new() { File = table.Text("file", IsAbsolute, "must be an absolute path, e.g. \"/etc/timesuite/ntp.keys\"") ?? new KeysConfig().File };

    private static LocalConfig Local(TableReader table)
    {
        var defaults = new LocalConfig();
        bool orphan = table.Bool("orphan", defaults.Orphan);
        return new()
        {
            Stratum = table.Int("stratum", defaults.Stratum, 1, 15),
            Orphan = orphan,
            Distance = table.Duration("distance", defaults.Distance, Duration.Zero, Hour, "from 0 s to 1 h"),
            Activate = table.Duration("activate", Duration.FromNanoseconds(1), Hour, "from 1 ns to 1 h", "500 ms"),
            Wait = table.Duration("wait", orphan ? Duration.FromSeconds(300L) : defaults.Wait, Duration.Zero, Hour, "from 0 s to 1 h"),
        };
    }

    private static LeapConfig Leap(TableReader table) => new()
    {
        Mode = table.Choice(
            "mode",
            LeapConfig.LeapMode.System,
            ("system", LeapConfig.LeapMode.System),
            ("step", LeapConfig.LeapMode.Step),
            ("slew", LeapConfig.LeapMode.Slew),
            ("ignore", LeapConfig.LeapMode.Ignore)),
        File = table.Text("file", IsAbsolute, "must be an absolute path, e.g. \"/usr/share/zoneinfo/leap-seconds.list\""),
    };

    private static LogConfig Log(TableReader table)
    {
        var log = new LogConfig
        {
            Level = table.Choice("level", "info", ("debug", "debug"), ("info", "info"), ("warning", "warning"), ("error", "error")),
            Directory = table.Text("directory", IsAbsolute, "must be an absolute path, e.g. \"/var/log/timesuite\""),
            Measurements = table.Bool("measurements", false),
            Statistics = table.Bool("statistics", false),
            Tracking = table.Bool("tracking", false),
        };

        foreach (var (key, wanted) in new[] { ("measurements", log.Measurements), ("statistics", log.Statistics), ("tracking", log.Tracking) })
        {
            if (wanted && !table.Has("directory"))
            {
                table.Refuse(key, "needs directory = \"...\", where the file is written");
            }
        }

        return log;
    }

    private static bool IsAbsolute(string path) => path.Length is > 1 and <= 4_096 && path[0] == '/' && !path.Contains('\0', StringComparison.Ordinal);
}
