using TimeSuite.Rpc.Nts.V1;

namespace TimeSuite.Ctl;

internal sealed record CertificateJson(string File, IReadOnlyList<string> Names, string Key, decimal? ValidFromS, decimal? ValidUntilS, decimal? LeftS);

internal sealed record NtsCountJson(string Name, ulong Count);

/// <summary><c>timectl nts --json</c>.</summary>
internal sealed record NtsJson(IReadOnlyList<string> Listening, string Crypto, uint Connections, IReadOnlyList<CertificateJson> Certificates, IReadOnlyList<NtsCountJson> Counts)
{
    public static NtsJson From(NtsStatusReply reply) => new(
        reply.Listening,
        reply.Crypto,
        reply.Connections,
        [.. reply.Certificates.Select(one => new CertificateJson(
            one.File, one.Names, one.Key, JsonValue.Seconds(one.ValidFrom), JsonValue.Seconds(one.ValidUntil), JsonValue.Seconds(Math.Round(NtsViews.Left(one)))))],
        [.. reply.Counts.Select(count => new NtsCountJson(count.Name, count.Count))]);
}

internal sealed record CookieKeyJson(string Id, decimal? AgeS, bool Seals);

/// <summary><c>timectl nts keys --json</c>; a negative age is that of a key that is still to be used.</summary>
internal sealed record CookieKeysJson(IReadOnlyList<CookieKeyJson> Keys)
{
    public static CookieKeysJson From(NtsStatusReply reply) => new([.. reply.Keys.Select(key => new CookieKeyJson(NtsViews.Id(key.Id), JsonValue.Seconds(key.Age), key.Seals))]);
}

internal sealed record RotatedJson(string Id);

internal sealed record NotesJson(IReadOnlyList<string> Notes);

internal sealed record KeysCarriedJson(uint Keys);
