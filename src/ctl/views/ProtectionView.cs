using Spectre.Console;
using Spectre.Console.Rendering;
using TimeSuite.Rpc.Ntp.V1;

namespace TimeSuite.Ctl;

/// <summary><c>timectl authdata</c>: how requests and replies of each source are protected, and with what.</summary>
internal static class ProtectionView
{
    public static IRenderable Of(IReadOnlyList<Source> sources)
    {
        var table = Tables.With("Name", "Mode", ">Key id", "AEAD", ">Key bits", ">Key age", ">Cookies", ">Cookie size", ">Last exchange", ">Next", "Remark");
        foreach (var source in sources)
        {
            var by = source.Protection ?? new();
            bool hasKeys = by.Aead != 0;
            Tables.Add(
                table,
                by.Mode == Protection.Types.Mode.Nts && !hasKeys ? new Style(Color.Red) : Style.Plain,
                SourceViews.Name(source),
                InWords(by.Mode),
                by.Mode == Protection.Types.Mode.SymmetricKey ? Units.Invariant($"{by.KeyId}") : "-",
                hasKeys ? Name(by.Aead) : "-",
                hasKeys ? Units.Invariant($"{by.KeyBits}") : "-",
                by.KeyAge is null ? "-" : Units.Roughly(Units.Seconds(by.KeyAge)),
                hasKeys ? Units.Invariant($"{by.Cookies}") : "-",
                hasKeys ? Units.Invariant($"{by.CookieSize}") : "-",
                by.LastExchangeAgo is null ? "-" : Units.Roughly(Units.Seconds(by.LastExchangeAgo)) + " ago",
                by.NextExchangeIn is null ? "-" : "in " + Units.Roughly(Units.Seconds(by.NextExchangeIn)),
                Safe.Text(by.Failure.Length > 0 ? by.Failure : by.Server == source.Name ? "" : by.Server, 200));
        }

        return table;
    }

    /// <summary>Stable; they stand in JSON too.</summary>
    public static string InWords(Protection.Types.Mode mode) => mode switch
    {
        Protection.Types.Mode.Nts => "NTS",
        Protection.Types.Mode.SymmetricKey => "symmetric key",
        _ => "none",
    };

    /// <summary>As the registry of RFC 5116 names it, without what all names begin with.</summary>
    public static string Name(uint aead) => aead switch
    {
        15 => "AES-SIV-CMAC-256",
        16 => "AES-SIV-CMAC-384",
        17 => "AES-SIV-CMAC-512",
        30 => "AES-128-GCM-SIV",
        _ => Units.Invariant($"{aead}"),
    };
}
