namespace TimeSuite.Ntp;

/// <summary>All that stands between a datagram and its reply, for one serving thread. Allocates nothing, waits for nothing, knows no socket and no clock.</summary>
/// <remarks>
/// The engine that owns the sockets calls <see cref="BeginBatch"/> for each handful of datagrams, then for each of them <see cref="TryRespond"/> and, when
/// that is true, <see cref="Depart"/>; long after, when the kernel's stamp of the departure comes, <see cref="OnTransmitted"/>.
/// </remarks>
/// <param name="responder">Writes the replies; of this thread alone.</param>
public sealed class RequestService(Responder responder)
{
    private ServerState _state;

    /// <summary>What we say of ourselves from now on, and the time, for what is limited by it.</summary>
    /// <param name="state">Of the latest snapshot.</param>
    /// <param name="now">Not stepped by anybody; the same for the whole batch.</param>
    public void BeginBatch(in ServerState state, Instant<Raw> now) => _state = state;

    /// <summary>Writes the reply, all but what <see cref="Depart"/> fills in. False: silence.</summary>
    /// <param name="request">The whole datagram.</param>
    /// <param name="client">Who sent it.</param>
    /// <param name="received">When it came, by the served clock.</param>
    /// <param name="reply">As long as <paramref name="request"/> or longer; not the same memory.</param>
    /// <param name="response">What was written, never longer than <paramref name="request"/>.</param>
    public bool TryRespond(ReadOnlySpan<byte> request, ClientAddress client, NtpTimestamp received, Span<byte> reply, out Response response) =>
        responder.TryRespond(request, _state, received, reply, out response);

    /// <summary>Fills in when the reply leaves and what depends on it, as a MAC does: the last act before sending.</summary>
    /// <param name="response">From <see cref="TryRespond"/>.</param>
    /// <param name="reply">What it wrote.</param>
    /// <param name="transmit">When it will leave, as well as can be told.</param>
    public void Depart(in Response response, Span<byte> reply, NtpTimestamp transmit) => responder.Depart(response, reply, transmit);

    /// <summary>The kernel's stamp of the departure has come.</summary>
    public void OnTransmitted(in Response response, NtpTimestamp transmitted) => responder.OnTransmitted(response, transmitted);
}
