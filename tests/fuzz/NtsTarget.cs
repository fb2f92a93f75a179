using System.Buffers.Binary;
using TimeSuite.Ntp;
using TimeSuite.Nts;

namespace TimeSuite.Fuzz;

/// <summary>Octets to everything of NTS that takes a stranger's: the key exchange's server and client, the client of protected time, cookies, and the file of kept sessions.</summary>
/// <remarks>Hidden fields of replies and the inside of cookies and of the file are tried behind a seal that opens, too: a server that has gone wrong can make that.</remarks>
public sealed class NtsTarget
{
    private static readonly NtsAead[] s_offered = [NtsAead.Aes128GcmSiv, NtsAead.AesSivCmac256];
    private static readonly KeOffer s_offer = new() { PoolTokens = [[.. "a pool's token"u8]] };
    private static readonly byte[] s_key = [.. Enumerable.Repeat((byte)0x44, KeptSessions.KeySize)], s_nonce = new byte[16];

    private readonly CookieSealer _cookies = new(new NonceSource(new byte[16]));
    private readonly AeadCipher _siv = AeadCipher.Create(NtsAead.AesSivCmac256);
    private readonly byte[] _keys = new byte[2 * NtsAeads.LongestKey], _reply = new byte[4_096];
    private readonly byte[] _sealed = new byte[8_192];
    private readonly Dictionary<string, long> _counts = [];
    private ulong _chance;

    public NtsTarget() => _cookies.Use(NtsFields.Keys);

    /// <summary>One good input of each kind, to begin with.</summary>
    public static IEnumerable<byte[]> Seeds
    {
        get
        {
            var target = new NtsTarget();
            int made = 0;
            byte[] request = KeClient.Request(s_offered, []);
            byte[] reply = KeServer.Answer(request, new() { NtpServer = "time.example", NtpPort = 1123 }, Export, keys => target.Make(keys, ref made)).Message;
            byte[] cookie = target.Make(new(NtsAead.AesSivCmac256, s_key, s_key), ref made)!;
            var session = new KeptSession("time.example", 4460, "ntp.example", [127, 0, 0, 1], 123, NtsAead.AesSivCmac256, s_key, s_key, [cookie], default, default, new(Duration.FromSeconds(1_900_000_000L)));
            byte[] inside = new byte[1_000];
            var writer = new KeptWriter(inside);
            writer.Number(1, 2);
            writer.Put(session);
            byte[] hidden = new byte[2 * (NtsField.HeaderSize + cookie.Length)];
            cookie.CopyTo(NtsField.Begin(hidden, NtsField.Cookie, cookie.Length));
            cookie.CopyTo(NtsField.Begin(hidden.AsSpan(hidden.Length / 2), NtsField.Cookie, cookie.Length));
            var pool = new KeWriter();
            pool.Add(KeRecordType.PoolToken, critical: false, "a pool's token");
            pool.Add(KeRecordType.KeepAlive, critical: false, ReadOnlySpan<byte>.Empty);
            pool.Add(KeRecordType.NextProtocol, critical: true, (ushort)0);
            pool.Add(KeRecordType.Aead, critical: true, (ushort)NtsAead.AesSivCmac256);
            pool.Add(KeRecordType.FixedKeys, critical: true, new byte[64]);
            var asking = new KeWriter();
            asking.Add(KeRecordType.SupportedProtocols, critical: true, ReadOnlySpan<byte>.Empty);
            asking.Add(KeRecordType.SupportedAeads, critical: true, ReadOnlySpan<byte>.Empty);
            asking.Add(KeRecordType.PoolToken, critical: false, "a pool's token");
            return [request, pool.Finish(), asking.Finish(), KeClient.Request(s_offered, ["a.example", "b.example"]), reply, cookie, hidden, inside[..writer.Length], KeptSessions.Seal([session], s_key, s_nonce)];
        }
    }

    /// <summary>What came of the inputs, by name.</summary>
    public IReadOnlyDictionary<string, long> Counts => _counts;

    /// <summary>Everything once with the same octets.</summary>
    /// <exception cref="InvalidOperationException">Something came of it that must not.</exception>
    public void Run(ReadOnlySpan<byte> input)
    {
        Exchange(input);
        Time(input);
        Seals(input);
    }

    private void Exchange(ReadOnlySpan<byte> input)
    {
        var arrival = KeMessage.Measure(input, KeMessage.LongestSize, out int length);
        Count($"message {arrival}");
        if (arrival == KeArrival.Complete)
        {
            Demand(length <= input.Length && length <= KeMessage.LongestSize, "a message is longer than what came");
        }

        var message = arrival == KeArrival.Complete ? input[..length] : input; // both ends also bear what is none
        int made = 0;
        var (outcome, reply, isKept) = KeServer.Answer(message, s_offer, Export, keys => Make(keys, ref made));
        Count($"server {outcome}");
        Demand((outcome is KeOutcome.Served or KeOutcome.ServedPool) == (made == KeOffer.Cookies), $"{made} cookies were made for a request that is {outcome}");
        Demand(!isKept || outcome is KeOutcome.ServedPool or KeOutcome.Told, "a stranger's connection is kept");
        Demand(outcome is not (KeOutcome.ServedPool or KeOutcome.Told) || message.IndexOf(s_offer.PoolTokens[0]) >= 0, "a pool without its token was served");
        Demand(KeMessage.Measure(reply, KeMessage.LongestSize, out int said) == KeArrival.Complete && said == reply.Length, "the server's answer is no message");
        bool isUnderstood = KeClient.TryRead(reply, s_offered, out var ours, out _);
        Demand(!isUnderstood || outcome is KeOutcome.Served or KeOutcome.ServedPool, "a client takes a refusal for an answer");
        Demand(ours is null || ours.Cookies.Count == KeOffer.Cookies, "our client does not take all of our cookies");

        bool isRead = KeClient.TryRead(message, s_offered, out var answer, out string fault);
        Count(isRead ? "client has keys" : "client refuses");
        Demand(isRead ? s_offered.Contains(answer!.Aead) && answer.Cookies is { Count: >= 1 and <= KeOffer.Cookies } && answer.Cookies.All(cookie => cookie.Length is > 0 and <= KeClient.LongestCookie) : fault.Length > 0, "an answer without what has to be in it, or a refusal without a reason");
    }

    /// <summary>The input as a reply, then as the hidden fields of one that is sealed.</summary>
    private void Time(ReadOnlySpan<byte> input)
    {
        var client = Client();
        client.Protect(_sealed.AsSpan(0, client.RequestSize));
        Count($"reply {client.Examine(Padded(input))?.ToString() ?? "taken"}");

        // Unique id of the request and an authenticator over the input.
        client = Client();
        client.Protect(_sealed.AsSpan(0, client.RequestSize));
        _reply.AsSpan(0, NtpHeader.Size).Clear();
        int idField = NtsField.HeaderSize + NtsField.ShortestUniqueId;
        _sealed.AsSpan(NtpHeader.Size, idField).CopyTo(_reply.AsSpan(NtpHeader.Size));
        int at = NtpHeader.Size + idField;
        var hidden = input[..(Math.Min(input.Length, 1_500) & ~3)];
        var body = NtsField.Begin(_reply.AsSpan(at), NtsField.Authenticator, 4 + 16 + NtsAeads.TagSize + hidden.Length);
        BinaryPrimitives.WriteUInt16BigEndian(body, 16);
        BinaryPrimitives.WriteUInt16BigEndian(body[2..], (ushort)(NtsAeads.TagSize + hidden.Length));
        s_nonce.CopyTo(body[4..]);
        _siv.SetKey(s_key);
        _siv.Seal(s_nonce, _reply.AsSpan(0, at), hidden, body[20..]);
        Demand(client.Examine(_reply.AsSpan(0, at + NtsField.HeaderSize + body.Length)) is null, "a reply that is sealed was refused");
        Demand(client.Cookies <= NtsClient.MostCookies, "there are more cookies than are kept");
        Count(client.Cookies > 1 ? "hidden cookies taken" : "no hidden cookies");
    }

    private void Seals(ReadOnlySpan<byte> input)
    {
        Count(_cookies.TryOpen(input, out _, _keys) ? "cookie opens" : "cookie does not open");
        Count(KeptSessions.TryOpen(input, s_key, out _) ? "file opens" : "file does not open");
        bool isRead = KeptReader.TryRead(input, out var kept);
        Demand(!isRead || (kept!.Count <= KeptSessions.Most && kept.TrueForAll(session => session.Cookies.Count is >= 1 and <= NtsClient.MostCookies && session.ClientToServer.Length == session.Aead.KeySize())), "kept sessions make no sense");
        Count(isRead ? "sessions read" : "no sessions");
    }

    private NtsClient Client() => new(new(NtsAead.AesSivCmac256, s_key, s_key), null, [new byte[104], new byte[104]], () => ++_chance);

    private byte[]? Make(NtsKeys keys, ref int made)
    {
        made++;
        byte[] cookie = new byte[CookieSealer.SizeFor(keys.Aead)];
        return _cookies.TrySeal(keys.Aead, keys.ClientToServer, keys.ServerToClient, cookie) ? cookie : null;
    }

    /// <summary>What is shorter than a header, or no multiple of four, never comes to a client's NTS.</summary>
    private Span<byte> Padded(ReadOnlySpan<byte> input)
    {
        int size = Math.Clamp(input.Length & ~3, NtpHeader.Size, _reply.Length);
        _reply.AsSpan(0, size).Clear();
        input[..Math.Min(input.Length, size)].CopyTo(_reply);
        return _reply.AsSpan(0, size);
    }

    private static void Export(ReadOnlySpan<byte> context, Span<byte> key) => key.Fill(context[^1]);

    private void Count(string what) => _counts[what] = _counts.GetValueOrDefault(what) + 1;

    private static void Demand(bool holds, string what)
    {
        if (!holds)
        {
            throw new InvalidOperationException(what);
        }
    }
}
