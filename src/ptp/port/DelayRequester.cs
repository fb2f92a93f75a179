namespace TimeSuite.Ptp;

/// <summary>Joins each Delay_Req's own stamp with its Delay_Resp, in whichever order they come (IEEE 1588-2019 clause 11.3).</summary>
internal sealed class DelayRequester
{
    private const int Depth = 16;

    private readonly Slot[] _slots = new Slot[Depth];
    private ushort _last;

    /// <summary>Forgets what is under way: another master would answer.</summary>
    public void Clear() => Array.Clear(_slots);

    /// <summary>Begins an exchange.</summary>
    /// <returns>Its sequence number.</returns>
    public ushort Begin()
    {
        unchecked
        {
            _last++;
        }

        _slots[_last % Depth] = new() { Used = true, Sequence = _last };
        return _last;
    }

    /// <summary>The request's stamp.</summary>
    /// <returns>True if the response was here before it.</returns>
    public bool Sent(ushort sequence, Instant<Local> stamp, Duration asymmetry, out DelayPair pair)
    {
        ref var slot = ref _slots[sequence % Depth];
        if (!slot.IsFor(sequence) || slot.Stamped)
        {
            pair = default;
            return false;
        }

        slot.Stamped = true;
        slot.Sent = stamp;
        return slot.TryPair(asymmetry, out pair);
    }

    /// <summary>The response, whose requester is this port.</summary>
    /// <returns>True if it makes a pair. False for an answer to nothing and for a second one.</returns>
    public bool Response(in PtpHeader header, Instant<Tai> received, Duration asymmetry, out DelayPair pair)
    {
        ref var slot = ref _slots[header.Sequence % Depth];
        if (!slot.IsFor(header.Sequence) || slot.Answered)
        {
            pair = default;
            return false;
        }

        slot.Answered = true;
        slot.Received = received;
        slot.Correction = header.Correction;
        return slot.TryPair(asymmetry, out pair);
    }

    /// <summary>Whether a request with this number waits for its response.</summary>
    public bool Awaits(ushort sequence) => _slots[sequence % Depth] is { Answered: false } slot && slot.IsFor(sequence);

    /// <summary>Whether the last request still waits for its response.</summary>
    public bool IsLastUnanswered => _slots[_last % Depth] is { Used: true, Answered: false };

    private struct Slot
    {
        public bool Used, Stamped, Answered;
        public ushort Sequence;
        public Instant<Local> Sent;
        public Instant<Tai> Received;
        public TimeInterval Correction;

        public readonly bool IsFor(ushort sequence) => Used && Sequence == sequence;

        public readonly bool TryPair(Duration asymmetry, out DelayPair pair)
        {
            if (!Stamped || !Answered || !Correction.IsRepresentable)
            {
                pair = default;
                return false;
            }

            var correction = Correction.ToDuration();
            pair = new(Sequence, Sent, Received - correction + asymmetry, correction);
            return true;
        }
    }
}
