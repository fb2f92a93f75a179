using System.Buffers.Binary;

namespace TimeSuite.Ntp;

/// <summary>All that stands between a datagram and its reply, for one serving thread. Allocates nothing, waits for nothing, knows no socket and no clock.</summary>
/// <remarks>
/// The engine that owns the sockets calls <see cref="BeginBatch"/> for each handful of datagrams, then for each of them <see cref="TryRespond"/> and, when
/// that is true, <see cref="Depart"/>; long after, when the kernel's stamp of the departure comes, <see cref="OnTransmitted"/>.
/// </remarks>
/// <param name="responder">Writes the replies; of this thread alone.</param>
/// <param name="clients">Who asked, and how often; of this thread alone. Null: nobody is limited, nobody remembered, nobody told DENY.</param>
/// <param name="nts">Of this thread alone. Null: fields of NTS are not looked at.</param>
public sealed class RequestService(Responder responder, ClientTable? clients = null, INtsService? nts = null)
{
    private volatile ServicePolicy _next = ServicePolicy.Open;
    private ServicePolicy _policy = ServicePolicy.Open;
    private ServerState _state;
    private ulong _now; // 2^-32 s

    /// <summary>Whom we serve, from the next batch on. Any thread may put another one here.</summary>
    public ServicePolicy Policy
    {
        get => _next;
        set => _next = value;
    }

    /// <summary>What became of every datagram.</summary>
    public ServerCounters Counters { get; } = new();

    /// <summary>Null if nobody is remembered.</summary>
    public ClientTable? Clients => clients;

    /// <summary>What we say of ourselves from now on, and the time, for what is limited by it.</summary>
    /// <param name="state">Of the latest snapshot.</param>
    /// <param name="now">Not stepped by anybody; the same for the whole batch.</param>
    public void BeginBatch(in ServerState state, Instant<Raw> now) => (_policy, _state, _now) = (_next, state, BatchTime.Ticks(now));

    /// <summary>Writes the reply, all but what <see cref="Depart"/> fills in. False: silence.</summary>
    /// <param name="request">The whole datagram.</param>
    /// <param name="client">Who sent it.</param>
    /// <param name="received">When it came, by the served clock.</param>
    /// <param name="reply">As long as <paramref name="request"/> or longer; not the same memory.</param>
    /// <param name="response">What was written, never longer than <paramref name="request"/>.</param>
    /// <param name="fromServersPort">Whether it came from port 123.</param>
    public bool TryRespond(ReadOnlySpan<byte> request, ClientAddress client, NtpTimestamp received, Span<byte> reply, out Response response, bool fromServersPort = false)
    {
        response = default;
        var verdict = Judge(request, client, fromServersPort, received, reply, ref response);
        Counters.Count(verdict);
        return verdict.IsReply();
    }

    /// <summary>Fills in when the reply leaves and what depends on it, as a MAC does: the last act before sending.</summary>
    /// <param name="response">From <see cref="TryRespond"/>.</param>
    /// <param name="reply">What it wrote.</param>
    /// <param name="transmit">When it will leave, as well as can be told.</param>
    public void Depart(in Response response, Span<byte> reply, NtpTimestamp transmit)
    {
        responder.Depart(response, reply, transmit);
        response.Key?.Sign(reply[..NtpHeader.Size], reply[NtpHeader.Size..response.Length]);
        if (response.IsSealed)
        {
            nts!.Seal(reply[..response.Length]);
        }
    }

    /// <summary>The kernel's stamp of the departure has come.</summary>
    public void OnTransmitted(in Response response, NtpTimestamp transmitted) => responder.OnTransmitted(response, transmitted);

    private RequestVerdict Judge(ReadOnlySpan<byte> request, in ClientAddress client, bool fromServersPort, NtpTimestamp received, Span<byte> reply, ref Response response)
    {
        if (request.Length < NtpHeader.Size)
        {
            return RequestVerdict.TooShort;
        }

        var mode = ReplyMode.To(request[0], fromServersPort);
        if (mode == NtpMode.Reserved)
        {
            return (NtpMode)(request[0] & 0b111) is NtpMode.Control or NtpMode.Private ? RequestVerdict.ControlOrPrivate : RequestVerdict.NotARequest;
        }

        if ((request[0] >> 3 & 0b111) is < 1 or > 4)
        {
            return RequestVerdict.WrongVersion;
        }

        var framing = Framing.Of(request);
        if (framing.Tail == Tail.Malformed)
        {
            return RequestVerdict.Malformed;
        }

        var access = _policy.Access.Find(client);
        if (access == AccessAction.Ignore)
        {
            return RequestVerdict.Denied;
        }

        var pace = PaceOf(access, client, request);
        if (pace == Pace.Beyond)
        {
            return access == AccessAction.Deny ? RequestVerdict.Denied : RequestVerdict.RateLimited;
        }

        if (Authenticate(request, framing, client, out var key) is { } flaw)
        {
            return flaw;
        }

        int length = NtpHeader.Size;
        bool mayBeNts = nts is not null && mode == NtpMode.Server && framing.Tail == Tail.Plain && request.Length > NtpHeader.Size;
        var outcome = mayBeNts ? nts!.Open(request, reply, out length) : NtsOutcome.Plain;
        if (outcome is NtsOutcome.Malformed or NtsOutcome.NoKeys)
        {
            return outcome == NtsOutcome.NoKeys ? RequestVerdict.NtsNoKeys : RequestVerdict.NtsMalformed;
        }

        if (outcome == NtsOutcome.Nak)
        {
            response = Kiss.Write(request, mode, KissCode.NtsNak, poll: 0, _state.Precision, received, reply) with { Length = length };
            return RequestVerdict.KissedNtsNak;
        }

        if (access == AccessAction.RequireNts && outcome != NtsOutcome.Opened)
        {
            return RequestVerdict.NtsRequired;
        }

        var verdict = access == AccessAction.Deny ? RequestVerdict.KissedDeny : pace == Pace.Kissed ? RequestVerdict.KissedRate : RequestVerdict.Answered;
        if (verdict != RequestVerdict.Answered)
        {
            var (code, poll) = verdict == RequestVerdict.KissedDeny ? (KissCode.Deny, (sbyte)0) : (KissCode.Rate, _policy.Rate!.PollExponent);
            response = Kiss.Write(request, mode, code, poll, _state.Precision, received, reply);
        }
        else if (!responder.TryRespond(request, _state, received, reply, out response, fromServersPort))
        {
            return RequestVerdict.NotARequest;
        }

        if (key is not null)
        {
            response = response with { Key = key, Length = NtpHeader.Size + (request.Length - framing.MacAt) };
            Counters.Authenticated++;
        }

        if (outcome == NtsOutcome.Opened)
        {
            response = response with { IsSealed = true, Length = length };
            Counters.Nts++;
            clients?.MarkAuthenticated(_policy.NetworkOf(client));
        }

        Counters.Interleaved += response.Interleaved ? 1u : 0u;
        Counters.Leaked += pace == Pace.Leaked ? 1u : 0u;
        return verdict;
    }

    /// <summary>Who is denied is told so as often as the rate limit would let a request pass.</summary>
    private Pace PaceOf(AccessAction access, in ClientAddress client, ReadOnlySpan<byte> request)
    {
        bool denied = access == AccessAction.Deny;
        if (clients is null)
        {
            return denied ? Pace.Beyond : Pace.Within;
        }

        var pace = clients.Hit(_policy.NetworkOf(client), _now, request[0] >> 3 & 0b111, _policy.Rate ?? (denied ? RateLimit.OfKisses : null));
        return denied && pace != Pace.Within ? Pace.Beyond : pace;
    }

    /// <summary>What is wrong with the MAC; null without a MAC and with a right one, whose key is <paramref name="key"/>.</summary>
    private RequestVerdict? Authenticate(ReadOnlySpan<byte> request, Framing framing, in ClientAddress client, out SymmetricKey? key)
    {
        key = null;
        if (framing.Tail == Tail.Plain)
        {
            return null;
        }

        if (framing.Tail == Tail.CryptoNak)
        {
            return RequestVerdict.CryptoNak;
        }

        var mac = request[framing.MacAt..];
        if (_policy.Keys.Find(BinaryPrimitives.ReadUInt32BigEndian(mac)) is not { } found)
        {
            return RequestVerdict.UnknownKey;
        }

        if (mac.Length != found.MacSize(request[0] >> 3 & 0b111))
        {
            return RequestVerdict.WrongMacLength;
        }

        if (!found.Verifies(request[..framing.MacAt], mac))
        {
            return RequestVerdict.WrongMac;
        }

        key = found;
        clients?.MarkAuthenticated(_policy.NetworkOf(client));
        return null;
    }
}
