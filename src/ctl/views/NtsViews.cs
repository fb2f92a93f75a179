using Spectre.Console;
using Spectre.Console.Rendering;
using TimeSuite.Rpc.Nts.V1;

namespace TimeSuite.Ctl;

/// <summary><c>timectl nts</c> and <c>timectl nts keys</c>.</summary>
internal static class NtsViews
{
    private const double Soon = 30 * 86_400.0; // s

    public static IRenderable Status(NtsStatusReply reply)
    {
        var facts = new List<(string, string)>
        {
            ("Key exchange", reply.Listening.Count == 0 ? "not served: there is no [nts-server] in the configuration" : string.Join(", ", reply.Listening.Select(one => Safe.Text(one)))),
            ("Primitives of", Safe.Text(reply.Crypto)),
            ("Connections", Units.Invariant($"{reply.Connections} now")),
        };
        facts.AddRange(reply.Certificates.Select(certificate => ("Certificate", Certificate(certificate))));
        facts.AddRange(reply.Counts.Where(count => count.Count > 0).Select(count => ("", Units.Invariant($"{count.Count} {Safe.Text(count.Name)}"))));
        return Tables.Facts(facts);
    }

    public static IRenderable Keys(NtsStatusReply reply)
    {
        if (reply.Keys.Count == 0)
        {
            return new Text("ntskeyd has no keys of cookies");
        }

        var table = Tables.With("Id", "Use", ">Age");
        bool isSeen = false;
        foreach (var key in reply.Keys)
        {
            isSeen |= key.Seals;
            double age = Units.Seconds(key.Age);
            Tables.Add(table, Style.Plain, Id(key.Id), key.Seals ? "seals" : isSeen ? "still opens" : "next", age < 0 ? "in " + Units.Roughly(-age) : Units.Roughly(age));
        }

        return table;
    }

    /// <summary>Hexadecimal, as it begins a cookie.</summary>
    public static string Id(uint id) => Units.Invariant($"{id:x8}");

    /// <summary>How long a certificate is good for, in words, and whether somebody has to act.</summary>
    public static string Expiry(ServerCertificate certificate) => Left(certificate) switch
    {
        double.NaN => "valid for an unknown time",
        <= 0 => "HAS EXPIRED: no client takes it; renew it, then timectl nts reload",
        < Soon and var left => $"expires in {Units.Roughly(left)}: renew it, ntskeyd takes the new one by itself",
        var left => $"valid for {Units.Roughly(left)}",
    };

    /// <summary>Seconds until it expires, negative afterwards.</summary>
    public static double Left(ServerCertificate certificate) =>
        Units.Seconds(certificate.ValidUntil) - (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).TotalSeconds;

    private static string Certificate(ServerCertificate certificate) =>
        $"{Safe.Text(string.Join(' ', certificate.Names), 200)} ({Safe.Text(certificate.Key)}, {Safe.Text(certificate.File, 200)}): {Expiry(certificate)}";
}
