using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace TimeSuite.Nts;

/// <summary>What a server answered.</summary>
public sealed record KeAnswer
{
    /// <summary>One of those that we offered.</summary>
    public required NtsAead Aead { get; init; }

    /// <summary>Whether the keys of AEAD 30 are to be exported as the standard says (record 1024 was answered). True for all others.</summary>
    public required bool IsCompliant { get; init; }

    /// <summary>1 to 8, each of 1 to 256 octets.</summary>
    public required IReadOnlyList<byte[]> Cookies { get; init; }

    /// <summary>Whom to ask for time; null: the host of the exchange.</summary>
    public string? NtpServer { get; init; }

    /// <summary>At which port; null: 123.</summary>
    public ushort? NtpPort { get; init; }
}

/// <summary>The client's side of the key exchange (RFC 8915 section 4).</summary>
public static class KeClient
{
    /// <summary>Octets of the longest cookie that we take.</summary>
    public const int LongestCookie = 256;

    private const ushort Ntpv4 = 0;
    private const int LongestName = 253;

    private static readonly SearchValues<byte> s_ofNames = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:"u8);

    /// <summary>The request.</summary>
    /// <param name="aeads">That we want, best first; at least one.</param>
    /// <param name="have">Names of a pool's servers that we have already: others, please.</param>
    public static byte[] Request(IReadOnlyList<NtsAead> aeads, IReadOnlyList<string> have)
    {
        ArgumentOutOfRangeException.ThrowIfZero(aeads.Count);
        var writer = new KeWriter();
        writer.Add(KeRecordType.NextProtocol, critical: true, Ntpv4);
        writer.Add(KeRecordType.Aead, critical: true, aeads.Select(aead => (ushort)aead).ToArray());
        if (aeads.Contains(NtsAead.Aes128GcmSiv))
        {
            writer.Add(KeRecordType.CompliantGcmSiv, critical: false, ReadOnlySpan<byte>.Empty);
        }

        foreach (string name in have)
        {
            writer.Add(KeRecordType.ServerDeny, critical: false, name);
        }

        return writer.Finish();
    }

    /// <summary>Reads the reply. False: <paramref name="fault"/> says what the server did wrong, or what it says that we did.</summary>
    /// <param name="reply">A complete message.</param>
    /// <param name="offered">What <see cref="Request"/> offered.</param>
    /// <param name="answer">What it says.</param>
    /// <param name="fault">Of the server, as the end of a sentence.</param>
    public static bool TryRead(ReadOnlySpan<byte> reply, IReadOnlyList<NtsAead> offered, [NotNullWhen(true)] out KeAnswer? answer, out string fault)
    {
        answer = null;
        int protocols = 0, aeads = 0;
        NtsAead aead = default;
        bool compliant = false;
        string? server = null;
        ushort? port = null;
        List<byte[]> cookies = [];
        foreach (var record in new KeRecords(reply))
        {
            switch (record.Type)
            {
                case KeRecordType.EndOfMessage:
                    fault = protocols != 1 ? "it named no protocol, or two"
                        : aeads != 1 ? "it named no AEAD, or two"
                        : cookies.Count == 0 ? "it gave no cookie" : "";
                    if (fault.Length == 0)
                    {
                        answer = new() { Aead = aead, IsCompliant = compliant || aead != NtsAead.Aes128GcmSiv, Cookies = cookies, NtpServer = server, NtpPort = port };
                    }

                    return answer is not null;
                case KeRecordType.Error:
                    fault = record.Body.Length != 2 ? "it sent a malformed error" : (KeError)record.Number switch
                    {
                        KeError.UnrecognizedCriticalRecord => "it does not know a critical record of ours (error 0)",
                        KeError.BadRequest => "it calls our request bad (error 1)",
                        KeError.InternalServerError => "it has an internal error (error 2)",
                        _ => $"it sent error {record.Number}",
                    };
                    return false;
                case KeRecordType.Warning:
                    fault = "it sent a warning, and none is defined";
                    return false;
                case KeRecordType.NextProtocol:
                    protocols++;
                    if (record.Body.Length != 2 || record.Number != Ntpv4)
                    {
                        fault = record.Body.Length == 0 ? "it does not speak NTPv4" : "it answered with a protocol that we did not offer";
                        return false;
                    }

                    break;
                case KeRecordType.Aead:
                    aeads++;
                    aead = record.Body.Length == 2 ? (NtsAead)record.Number : default;
                    if (!offered.Contains(aead))
                    {
                        fault = record.Body.Length == 0 ? "it has none of our AEADs" : "it answered with an AEAD that we did not offer";
                        return false;
                    }

                    break;
                case KeRecordType.NewCookie:
                    if (record.Body.Length is 0 or > LongestCookie)
                    {
                        fault = $"a cookie has {record.Body.Length} octets; 1 to {LongestCookie} are right";
                        return false;
                    }

                    if (cookies.Count < KeOffer.Cookies)
                    {
                        cookies.Add(record.Body.ToArray());
                    }

                    break;
                case KeRecordType.Server:
                    if (server is not null || !TryReadName(record.Body, out server))
                    {
                        fault = "the server that it named is none";
                        return false;
                    }

                    break;
                case KeRecordType.Port:
                    if (port is not null || record.Body.Length != 2 || record.Number == 0)
                    {
                        fault = "the port that it named is none";
                        return false;
                    }

                    port = record.Number;
                    break;
                case KeRecordType.CompliantGcmSiv:
                    compliant = true;
                    break;
                case var _ when record.IsCritical:
                    fault = $"it sent a critical record of type {(int)record.Type}, which we do not know";
                    return false;
            }
        }

        fault = "its message has no end";
        return false;
    }

    /// <summary>A host's name or an address: letters, digits, and what stands between them. Anything else could not be asked for, and not be printed.</summary>
    private static bool TryReadName(ReadOnlySpan<byte> octets, out string? name)
    {
        bool good = octets.Length is > 0 and <= LongestName && !octets.ContainsAnyExcept(s_ofNames);
        name = good ? Encoding.ASCII.GetString(octets) : null;
        return good;
    }
}
