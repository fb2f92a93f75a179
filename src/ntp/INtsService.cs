namespace TimeSuite.Ntp;

/// <summary>What a request turned out to be to who knows NTS.</summary>
public enum NtsOutcome
{
    /// <summary>It has no field of NTS: serve it as any other.</summary>
    Plain,

    /// <summary>It is authentic, and its reply will be sealed.</summary>
    Opened,

    /// <summary>Its cookie or its seal is none of ours: the client is to be told, by an NTSN kiss.</summary>
    Nak,

    /// <summary>Fields of NTS that make no request.</summary>
    Malformed,

    /// <summary>There are no keys of cookies yet: nobody can say whether the cookie is good, so nothing is said. A kiss would cost the client its good cookies.</summary>
    NoKeys,
}

/// <summary>The server's NTS for one serving thread (RFC 8915 section 5.7). Allocates nothing.</summary>
public interface INtsService
{
    /// <summary>Judges a request of version 4 that has extension fields.</summary>
    /// <param name="request">The whole datagram.</param>
    /// <param name="reply">Takes the fields behind the header that are the same whatever the header says.</param>
    /// <param name="length">Of the reply or the kiss, header included; never more than <paramref name="request"/> has.</param>
    NtsOutcome Open(ReadOnlySpan<byte> request, Span<byte> reply, out int length);

    /// <summary>Seals the reply to the request that was opened last.</summary>
    /// <param name="reply">As long as <see cref="Open"/> said, the header complete.</param>
    void Seal(Span<byte> reply);
}

/// <summary>The client's NTS with one server (RFC 8915 sections 5.6 and 5.7).</summary>
public interface INtsSession
{
    /// <summary>Whether a request can be made. If not, there has to be a key exchange first, and not a single packet without NTS.</summary>
    bool IsReady { get; }

    /// <summary>Octets that the next request will have.</summary>
    int RequestSize { get; }

    /// <summary>Writes the fields behind a header; uses up a cookie. Only while <see cref="IsReady"/>.</summary>
    /// <param name="datagram"><see cref="RequestSize"/> octets, the header complete.</param>
    void Protect(Span<byte> datagram);

    /// <summary>Whether this is the server's own answer to the last request; takes the new cookies out of it if it is.</summary>
    /// <returns>Null: yes. <see cref="Refusal.NtsNak"/>: it says that it does not know our cookie.</returns>
    Refusal? Examine(ReadOnlySpan<byte> datagram);

    /// <summary>The server does not know our cookies or keys, and has not said otherwise: goes over to other keys for the cookies that are left, if there are any.</summary>
    /// <returns>False: there are none.</returns>
    bool TryOtherKeys();
}
