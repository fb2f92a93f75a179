using TimeSuite.Ntp;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Sources;

/// <summary>The way to one server. Each request leaves from a port of its own, which an off-path forger has to guess (RFC 9109).</summary>
internal interface IRequestPort : IDisposable
{
    /// <summary>Sends a request; answers to the one before are not taken any more.</summary>
    /// <param name="datagram">The request.</param>
    /// <param name="sent">When it left, as far as that is known yet.</param>
    /// <returns>Why it could not be sent, in words; null if it was.</returns>
    string? Send(ReadOnlySpan<byte> datagram, out Stamp sent);

    /// <summary>Takes no answer any more.</summary>
    void Close();
}

/// <summary>Takes what comes in through an <see cref="IRequestPort"/>, on the loop's thread.</summary>
internal interface IRequestListener
{
    /// <summary>A better stamp of the last request than <see cref="IRequestPort.Send"/> had.</summary>
    void OnTransmitted(Stamp sent);

    /// <summary>A datagram from the server's address and port.</summary>
    /// <param name="octets">Its payload.</param>
    /// <param name="received">When it came in.</param>
    /// <param name="now">Now.</param>
    void OnDatagram(ReadOnlySpan<byte> octets, Stamp received, Instant<Raw> now);

    /// <summary>The request came to nothing: an ICMP error, which anybody can forge.</summary>
    void OnFailure(string why);
}
