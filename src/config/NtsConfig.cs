using TimeSuite.Time;

namespace TimeSuite.Config;

/// <summary>[nts].</summary>
public sealed record NtsConfig
{
    public enum CryptoProvider
    {
        /// <summary>libcrypto's primitives.</summary>
        OpenSsl,

        /// <summary>Our own.</summary>
        Managed,
    }

    public CryptoProvider Crypto { get; init; }

    /// <summary>Servers that have to agree before a clock that was never synchronised and contradicts their certificates is held for wrong, 1 to 16.</summary>
    public int Quorum { get; init; } = 2;

    /// <summary>Files with authorities' lists of certificates that they have taken back, absolute.</summary>
    public IReadOnlyList<string> RevocationLists { get; init; } = [];

    internal static NtsConfig Read(TableReader table) => new()
    {
        Crypto = table.Choice("crypto", CryptoProvider.OpenSsl, ("openssl", CryptoProvider.OpenSsl), ("managed", CryptoProvider.Managed)),
        Quorum = table.Int("quorum", 2, 1, 16),
        RevocationLists = table.Texts("revocation-lists", text => text.StartsWith('/'), "must be whole paths of files, e.g. [\"/etc/timesuite/ca.crl\"]") ?? [],
    };
}

/// <summary>One [[nts-server.certificate]]: PEM files.</summary>
/// <param name="Chain">The certificate, then those between it and the root; absolute.</param>
/// <param name="Key">Its private key; absolute.</param>
public sealed record CertificateConfig(string Chain, string Key);

/// <summary>[nts-server]: ntskeyd holds key exchanges with clients.</summary>
public sealed record NtsServerConfig
{
    /// <summary>Addresses with ports, TCP.</summary>
    public IReadOnlyList<string> Listen { get; init; } = ["0.0.0.0:4460", "[::]:4460"];

    /// <summary>At least one.</summary>
    public IReadOnlyList<CertificateConfig> Certificates { get; init; } = [];

    /// <summary>Whom clients are to ask for time; null: the host that they exchanged keys with.</summary>
    public string? NtpServer { get; init; }

    /// <summary>At which port; null: 123.</summary>
    public int? NtpPort { get; init; }

    /// <summary>The key that seals cookies is replaced after this time.</summary>
    public Duration Rotate { get; init; } = Duration.FromSeconds(7L * 86_400);

    /// <summary>So many earlier keys still open cookies, 0 to 13.</summary>
    public int OldKeys { get; init; } = 2;

    /// <summary>Connections at a time, 1 to 10000.</summary>
    public int MaxConnections { get; init; } = 100;

    /// <summary>Of one IPv4 network of 24 bits or IPv6 network of 64, 1 to 10000.</summary>
    public int MaxConnectionsPerPrefix { get; init; } = 32;

    /// <summary>Whoever is not through by then is hung up on.</summary>
    public Duration HandshakeTimeout { get; init; } = Duration.FromSeconds(2L);

    /// <summary>The file with the tokens of pools (<see cref="PoolTokenFile"/>), absolute; null: no pool may ask on behalf of its users.</summary>
    public string? PoolTokens { get; init; }

    internal static NtsServerConfig Read(TableReader table, List<ConfigError> errors)
    {
        var usual = new NtsServerConfig();
        int port = table.Int("ntp-port", 0, 1, ushort.MaxValue);
        return new()
        {
            Listen = ListenToml.Read(table, port: 4460, "must be an address, perhaps with a port, e.g. \"0.0.0.0:4460\" or \"[::]:4460\"") ?? usual.Listen,
            Certificates = [.. CertificatesOf(table, errors)],
            NtpServer = table.Text("ntp-server", HostName.IsNameOrAddress, "must be a host's name or address"),
            NtpPort = port == 0 ? null : port,
            Rotate = table.Duration("rotate", usual.Rotate, Duration.FromSeconds(1L), Duration.FromSeconds(366L * 86_400), "from 1 s to 366 d"),
            OldKeys = table.Int("old-keys", usual.OldKeys, 0, 13),
            MaxConnections = table.Int("max-connections", usual.MaxConnections, 1, 10_000),
            MaxConnectionsPerPrefix = table.Int("max-connections-per-prefix", usual.MaxConnectionsPerPrefix, 1, 10_000),
            HandshakeTimeout = table.Duration("handshake-timeout", usual.HandshakeTimeout, Duration.FromNanoseconds(100_000_000), Duration.FromSeconds(60L), "from 100 ms to 60 s"),
            PoolTokens = table.Text("pool-tokens", text => text.StartsWith('/'), "must be the whole path of a file, e.g. \"/etc/timesuite/pool.tokens\""),
        };
    }

    private static IEnumerable<CertificateConfig> CertificatesOf(TableReader table, List<ConfigError> errors)
    {
        if (!table.TryGet("certificate", out var node))
        {
            yield break;
        }

        if (node is not TomlArray { HoldsTables: true } array)
        {
            table.Refuse("certificate", "must be tables, each begun with [[nts-server.certificate]]");
            yield break;
        }

        foreach (var entry in array.Items.Cast<TomlTable>())
        {
            var reader = new TableReader("[[nts-server.certificate]]", entry, errors);
            const string right = "must be the whole path of a PEM file, e.g. \"/etc/timesuite/time.example.pem\"";
            string? chain = reader.Text("chain", text => text.StartsWith('/'), right), key = reader.Text("key", text => text.StartsWith('/'), right);
            reader.RefuseUnknown();
            if (!reader.Has("chain") || !reader.Has("key"))
            {
                reader.Refuse("needs chain = \"FILE\" and key = \"FILE\"");
            }

            yield return new(chain ?? "", key ?? "");
        }
    }
}
