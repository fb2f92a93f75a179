using TimeSuite.Rpc.Ntp.V1;

namespace TimeSuite.Ctl;

/// <summary>One source's protection.</summary>
internal sealed record ProtectionJson
{
    public required string Name { get; init; }

    public required string? Address { get; init; }

    /// <summary>none, symmetric_key, nts.</summary>
    public required string Mode { get; init; }

    /// <summary>Null if there is none.</summary>
    public required uint? KeyId { get; init; }

    /// <summary>Null while there are no keys.</summary>
    public required uint? Aead { get; init; }

    public required uint? KeyBits { get; init; }

    /// <summary>s.</summary>
    public required double? KeyAge { get; init; }

    public required uint? Cookies { get; init; }

    /// <summary>Octets.</summary>
    public required uint? CookieSize { get; init; }

    /// <summary>s.</summary>
    public required double? LastExchangeAgo { get; init; }

    /// <summary>s.</summary>
    public required double? NextExchangeIn { get; init; }

    /// <summary>Why there are no keys; null if nothing is wrong.</summary>
    public required string? Failure { get; init; }

    /// <summary>The name that the key exchange told to ask.</summary>
    public required string? Server { get; init; }

    public static ProtectionJson From(Source source)
    {
        var by = source.Protection ?? new();
        bool hasKeys = by.Aead != 0;
        return new()
        {
            Name = source.Name,
            Address = source.Address.Length > 0 ? source.Address : null,
            Mode = by.Mode switch { Protection.Types.Mode.Nts => "nts", Protection.Types.Mode.SymmetricKey => "symmetric_key", _ => "none" },
            KeyId = by.KeyId == 0 ? null : by.KeyId,
            Aead = hasKeys ? by.Aead : null,
            KeyBits = hasKeys ? by.KeyBits : null,
            KeyAge = by.KeyAge is null ? null : Units.Seconds(by.KeyAge),
            Cookies = hasKeys ? by.Cookies : null,
            CookieSize = hasKeys ? by.CookieSize : null,
            LastExchangeAgo = by.LastExchangeAgo is null ? null : Units.Seconds(by.LastExchangeAgo),
            NextExchangeIn = by.NextExchangeIn is null ? null : Units.Seconds(by.NextExchangeIn),
            Failure = by.Failure.Length > 0 ? by.Failure : null,
            Server = by.Server.Length > 0 ? by.Server : null,
        };
    }
}

/// <summary><c>timectl --json authdata</c>.</summary>
internal sealed record ProtectionsJson(IReadOnlyList<ProtectionJson> Sources)
{
    public static ProtectionsJson From(IEnumerable<Source> sources) => new([.. sources.Select(ProtectionJson.From)]);
}
