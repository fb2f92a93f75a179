namespace TimeSuite.Ntp;

/// <summary>All that stands between a datagram and its reply, for one serving thread. Allocates nothing, waits for nothing, knows no socket and no clock.</summary>
/// <remarks>
/// The engine that owns the sockets calls <see cref="BeginBatch"/> for each handful of datagrams, then for each of them <see cref="TryRespond"/> and, when
/// that is true, <see cref="Depart"/>; long after, when the kernel's stamp of the departure comes, <see cref="OnTransmitted"/>.
/// </remarks>
/// <param name="responder">Writes the replies; of this thread alone.</param>
/// <param name="clients">Who asked, and how often; of this thread alone. Null: nobody is limited, nobody remembered, nobody told DENY.</param>
public sealed class RequestService(Responder responder, ClientTable? clients = null)
{
    private ServerState _state;
    private ulong _now; // 2^-32 s

    /// <summary>Whom we serve. Another one may be put here between two datagrams.</summary>
    public ServicePolicy Policy { get; set; } = ServicePolicy.Open;

    /// <summary>What became of every datagram.</summary>
    public ServerCounters Counters { get; } = new();

    /// <summary>Null if nobody is remembered.</summary>
    public ClientTable? Clients => clients;

    /// <summary>What we say of ourselves from now on, and the time, for what is limited by it.</summary>
    /// <param name="state">Of the latest snapshot.</param>
    /// <param name="now">Not stepped by anybody; the same for the whole batch.</param>
    public void BeginBatch(in ServerState state, Instant<Raw> now) => (_state, _now) = (state, BatchTime.Ticks(now));

    /// <summary>Writes the reply, all but what <see cref="Depart"/> fills in. False: silence.</summary>
    /// <param name="request">The whole datagram.</param>
    /// <param name="client">Who sent it.</param>
    /// <param name="received">When it came, by the served clock.</param>
    /// <param name="reply">As long as <paramref name="request"/> or longer; not the same memory.</param>
    /// <param name="response">What was written, never longer than <paramref name="request"/>.</param>
    public bool TryRespond(ReadOnlySpan<byte> request, ClientAddress client, NtpTimestamp received, Span<byte> reply, out Response response)
    {
        response = default;
        var verdict = Judge(request, client, received, reply, ref response);
        Counters.Count(verdict);
        return verdict.IsReply();
    }

    /// <summary>Fills in when the reply leaves and what depends on it, as a MAC does: the last act before sending.</summary>
    /// <param name="response">From <see cref="TryRespond"/>.</param>
    /// <param name="reply">What it wrote.</param>
    /// <param name="transmit">When it will leave, as well as can be told.</param>
    public void Depart(in Response response, Span<byte> reply, NtpTimestamp transmit) => responder.Depart(response, reply, transmit);

    /// <summary>The kernel's stamp of the departure has come.</summary>
    public void OnTransmitted(in Response response, NtpTimestamp transmitted) => responder.OnTransmitted(response, transmitted);

    private Verdict Judge(ReadOnlySpan<byte> request, in ClientAddress client, NtpTimestamp received, Span<byte> reply, ref Response response)
    {
        if (request.Length < NtpHeader.Size)
        {
            return Verdict.TooShort;
        }

        var mode = (NtpMode)(request[0] & 0b111);
        if (mode != NtpMode.Client)
        {
            return mode is NtpMode.Control or NtpMode.Private ? Verdict.ControlOrPrivate : Verdict.NotARequest;
        }

        if ((request[0] >> 3 & 0b111) is < 1 or > 4)
        {
            return Verdict.WrongVersion;
        }

        var policy = Policy;
        var access = policy.Access.Find(client);
        if (access is AccessAction.Ignore or AccessAction.Deny)
        {
            return access == AccessAction.Deny ? Deny(policy, client, request, received, reply, ref response) : Verdict.Denied;
        }

        switch (clients is null ? Pace.Within : clients.Hit(policy.NetworkOf(client), _now, request[0] >> 3 & 0b111, policy.Rate))
        {
            case Pace.Beyond:
                return Verdict.RateLimited;
            case Pace.Kissed:
                response = Kiss.Write(request, KissCode.Rate, policy.Rate!.PollExponent, _state.Precision, received, reply);
                return Verdict.KissedRate;
            case Pace.Leaked:
                Counters.Leaked++;
                break;
        }

        if (access == AccessAction.RequireNts)
        {
            return Verdict.NtsRequired;
        }

        if (!responder.TryRespond(request, _state, received, reply, out response))
        {
            return Verdict.NotARequest;
        }

        Counters.Interleaved += response.Interleaved ? 1u : 0u;
        return Verdict.Answered;
    }

    /// <summary>DENY as often as the rate limit would let a request pass.</summary>
    private Verdict Deny(ServicePolicy policy, in ClientAddress client, ReadOnlySpan<byte> request, NtpTimestamp received, Span<byte> reply, ref Response response)
    {
        if (clients?.Hit(policy.NetworkOf(client), _now, request[0] >> 3 & 0b111, policy.Rate ?? RateLimit.OfKisses) != Pace.Within)
        {
            return Verdict.Denied;
        }

        response = Kiss.Write(request, KissCode.Deny, poll: 0, _state.Precision, received, reply);
        return Verdict.KissedDeny;
    }
}
