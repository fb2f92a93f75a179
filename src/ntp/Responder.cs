namespace TimeSuite.Ntp;

/// <summary>A reply on its way out.</summary>
/// <param name="Length">Octets written; never more than the request had.</param>
/// <param name="Receive">The receive timestamp in the reply: unique, and the name of this exchange.</param>
/// <param name="Interleaved">Whether the transmit field speaks of an earlier reply.</param>
/// <param name="Remembered">Whether the client may ask for the departure of this one: <see cref="Responder.OnTransmitted"/> wants it.</param>
public readonly record struct Response(int Length, NtpTimestamp Receive, bool Interleaved, bool Remembered)
{
    /// <summary>Whether the kernel's stamp of the departure is worth its price, a clone of the packet and a call: only for who is in interleaved mode. Others may be on the way there, or tell an origin for no reason.</summary>
    public bool IsToBeStamped => Remembered && Interleaved;

    /// <summary>What the reply is to be signed with, if the request was.</summary>
    public SymmetricKey? Key { get; init; }

    /// <summary>Whether it is to be sealed, as the request was (NTS).</summary>
    public bool IsSealed { get; init; }
}

/// <summary>An NTP server, RFC 5905 and RFC 9769: a request and two looks at the clock in, a reply or silence out. Allocates nothing.</summary>
/// <remarks>
/// For each request: <see cref="TryRespond"/>; when that is true, read the clock and call <see cref="Depart"/> as the last act before
/// sending; when the kernel's stamp of the departure comes, be it long after, <see cref="OnTransmitted"/>. One for each thread.
/// </remarks>
/// <param name="memory">For interleaved mode; null: basic mode only.</param>
public sealed class Responder(TransmitMemory? memory)
{
    private const int MaxBumps = 64;

    private NtpTimestamp _lastReceive;

    /// <summary>Requests that were answered.</summary>
    public ulong Answered { get; private set; }

    /// <summary>Of these, in interleaved mode.</summary>
    public ulong AnsweredInterleaved { get; private set; }

    /// <summary>Datagrams that got silence.</summary>
    public ulong Ignored { get; private set; }

    /// <summary>Writes the reply, except for the transmit timestamp of a basic one. Everything but a request gets silence.</summary>
    /// <param name="request">The datagram. Extension fields and MAC are not looked at and not answered.</param>
    /// <param name="state">What we say of ourselves.</param>
    /// <param name="received">When the request came.</param>
    /// <param name="reply">At least <see cref="NtpHeader.Size"/> octets; may be the request's own buffer.</param>
    /// <param name="response">What was written.</param>
    /// <param name="fromServersPort">Whether it came from port 123.</param>
    public bool TryRespond(ReadOnlySpan<byte> request, in ServerState state, NtpTimestamp received, Span<byte> reply, out Response response, bool fromServersPort = false)
    {
        if (!NtpHeader.TryParse(request, out var asked) || asked.Version is < 1 or > 4 || ReplyMode.To(request[0], fromServersPort) is var mode && mode == NtpMode.Reserved)
        {
            Ignored++;
            response = default;
            return false;
        }

        var earlier = Departure(asked);
        bool unique = TryMakeUnique(ref received);
        bool synchronized = state.Leap != LeapIndicator.Unsynchronized && state.Stratum is >= 1 and <= 15;
        new NtpHeader
        {
            Leap = synchronized ? state.Leap : LeapIndicator.Unsynchronized,
            Version = asked.Version,
            Mode = mode,
            Stratum = (byte)(synchronized ? state.Stratum : 0),
            Poll = asked.Poll,
            Precision = state.Precision,
            RootDelay = NtpShort.FromDuration(state.RootDelay),
            RootDispersion = NtpShort.FromDuration(state.RootDispersionAt(received)),
            ReferenceId = synchronized ? state.ReferenceId : default,
            ReferenceTime = state.ReferenceTime,
            Origin = earlier.IsKnown ? asked.Receive : asked.Transmit,
            Receive = received,
            Transmit = earlier,
        }.Write(reply);

        // A client that never tells an origin will not ask for departures: no memory is spent on it.
        response = new(NtpHeader.Size, received, Interleaved: earlier.IsKnown, Remembered: memory is not null && unique && asked.Origin.IsKnown && mode == NtpMode.Server);
        Answered++;
        AnsweredInterleaved += earlier.IsKnown ? 1u : 0u;
        return true;
    }

    /// <summary>Fills in when the reply leaves, where it says so, and remembers it for the next one.</summary>
    /// <param name="response">From <see cref="TryRespond"/>.</param>
    /// <param name="reply">What it wrote.</param>
    /// <param name="transmit">Now.</param>
    public void Depart(in Response response, Span<byte> reply, NtpTimestamp transmit)
    {
        // Equal stamps would make a later request ambiguous; 2^-32 s is below any clock's resolution.
        transmit = Distinct(transmit, response.Receive);
        if (!response.Interleaved)
        {
            NtpHeader.WriteTransmit(reply, transmit);
        }

        if (response.Remembered)
        {
            memory!.Remember(response.Receive, transmit);
        }
    }

    /// <summary>The kernel's stamp of the departure has come.</summary>
    public void OnTransmitted(in Response response, NtpTimestamp transmitted)
    {
        if (response.Remembered)
        {
            memory!.Correct(response.Receive, Distinct(transmitted, response.Receive));
        }
    }

    /// <summary>When the reply left that an interleaved request names; unknown if it names none that we remember.</summary>
    private NtpTimestamp Departure(in NtpHeader asked) =>
        memory is not null && asked.Mode == NtpMode.Client && asked.Receive.IsKnown && asked.Receive != asked.Transmit ? memory.Find(asked.Origin) : default;

    /// <summary>A receive timestamp names one exchange only: one that was given out is moved on by the smallest steps.</summary>
    /// <returns>False if a coarse clock left no free one: then this exchange is not remembered, and its name neither.</returns>
    private bool TryMakeUnique(ref NtpTimestamp received)
    {
        var wanted = received;
        for (int bump = 0; bump < MaxBumps; bump++)
        {
            if (received.IsKnown && received != _lastReceive && memory?.Contains(received) != true)
            {
                _lastReceive = received;
                return true;
            }

            received = Next(received);
        }

        received = wanted;
        memory?.Correct(received, default);
        return false;
    }

    private static NtpTimestamp Distinct(NtpTimestamp stamp, NtpTimestamp other)
    {
        while (stamp == other || !stamp.IsKnown)
        {
            stamp = Next(stamp);
        }

        return stamp;
    }

    private static NtpTimestamp Next(NtpTimestamp stamp) => new(unchecked(stamp.Bits + 1)); // the era may end here
}
