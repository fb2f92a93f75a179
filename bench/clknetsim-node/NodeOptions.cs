using System.Globalization;

namespace TimeSuite.ClknetsimNode;

/// <summary>Which node of which simulation we are. clknetsim's own environment variables count, options before them.</summary>
internal sealed record NodeOptions
{
    public const string Usage = """
        clknetsim-node --config timesuite.toml [--node N] [--socket PATH]

        ntpd with clockd as a node of a running clknetsim. Nodes are counted from 1; node N of the first subnet is 192.168.123.N,
        and a server of the configuration is named by that address. With [serve] it answers others.

        CLKNETSIM_NODE, CLKNETSIM_SOCKET (clknetsim.sock), CLKNETSIM_START_DATE (1262304000), CLKNETSIM_CONNECT_TIMEOUT (10 s)
        and CLKNETSIM_RANDOM_SEED mean what they mean to clknetsim's own clients.
        """;

    private const long DefaultStart = 1_262_304_000; // 2010-01-01

    public required string ConfigFile { get; init; }

    /// <summary>From 0.</summary>
    public required uint Node { get; init; }

    public string Socket { get; init; } = "clknetsim.sock";

    /// <summary>UTC at the simulation's zero, s since 1970.</summary>
    public long Start { get; init; } = DefaultStart;

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    public ulong Seed { get; init; }

    /// <exception cref="FormatException">With what would be right.</exception>
    public static NodeOptions Parse(string[] args, Func<string, string?> environment)
    {
        var given = new Dictionary<string, string>();
        for (int i = 0; i < args.Length; i += 2)
        {
            if (args[i] is not ("--config" or "--node" or "--socket"))
            {
                throw new FormatException($"{args[i]}: expected --config FILE, --node N, --socket PATH or --help");
            }

            given[args[i]] = i + 1 < args.Length ? args[i + 1] : throw new FormatException($"{args[i]} needs a value; --help shows how");
        }

        string? Find(string option, string variable) => given.GetValueOrDefault(option) ?? environment(variable);
        long node = Number("--node or CLKNETSIM_NODE", Find("--node", "CLKNETSIM_NODE"), 1, 253, fallback: null);
        return new()
        {
            ConfigFile = given.GetValueOrDefault("--config") ?? throw new FormatException("--config FILE is needed: a timesuite.toml"),
            Node = (uint)(node - 1),
            Socket = Find("--socket", "CLKNETSIM_SOCKET") ?? "clknetsim.sock",
            Start = Number("CLKNETSIM_START_DATE", environment("CLKNETSIM_START_DATE"), 0, 1L << 36, DefaultStart),
            ConnectTimeout = TimeSpan.FromSeconds(Number("CLKNETSIM_CONNECT_TIMEOUT", environment("CLKNETSIM_CONNECT_TIMEOUT"), 1, 3600, 10)),
            Seed = (ulong)Number("CLKNETSIM_RANDOM_SEED", environment("CLKNETSIM_RANDOM_SEED"), 0, long.MaxValue, 0),
        };
    }

    private static long Number(string name, string? text, long low, long high, long? fallback)
    {
        if (text is null && fallback is { } value)
        {
            return value;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number >= low && number <= high
            ? number
            : throw new FormatException($"{name} = {text ?? "(nothing)"}: expected a number from {low} to {high}");
    }
}
