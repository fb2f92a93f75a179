namespace TimeSuite.Ntp;

/// <summary>One request and its reply, all four instants: what an association measures (RFC 5905 section 8).</summary>
/// <remarks>Forward leg: (Sent, RemoteReceived). Backward leg: (Received, RemoteSent). The local ends are on our oscillator, the remote ones on the server's UTC.</remarks>
public sealed record Exchange
{
    /// <summary>T1: our request left.</summary>
    public required Stamp Sent { get; init; }

    /// <summary>T2: the server received it. The era is chosen by <see cref="AssociationOptions.Floor"/>.</summary>
    public required Instant<Utc> RemoteReceived { get; init; }

    /// <summary>T3: its reply left. Never before T2.</summary>
    public required Instant<Utc> RemoteSent { get; init; }

    /// <summary>T4: the reply came.</summary>
    public required Stamp Received { get; init; }

    /// <summary>Whether T3 was told later, in the next reply (RFC 9769): then it is as good as the server's transmit stamps are.</summary>
    public required bool Interleaved { get; init; }

    public required LeapIndicator Leap { get; init; }

    /// <summary>1 to 15.</summary>
    public required int Stratum { get; init; }

    /// <summary>3 or 4: the server's.</summary>
    public required int Version { get; init; }

    /// <summary>What the server follows. If that is us, it is a loop: the caller judges.</summary>
    public required ReferenceId ReferenceId { get; init; }

    public required NtpTimestamp ReferenceTime { get; init; }

    public required Duration RootDelay { get; init; }

    public required Duration RootDispersion { get; init; }

    /// <summary>The resolution that the server claims for its clock; no less than 2^-32 s and no more than 64 s whatever it claims.</summary>
    public required Duration Resolution { get; init; }

    /// <summary>Round trip less the server's time: (T4-T1)-(T3-T2). Negative only within the doubt of the stamps.</summary>
    public Duration Delay => (Received.At - Sent.At) - (RemoteSent - RemoteReceived);
}
