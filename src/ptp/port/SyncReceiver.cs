namespace TimeSuite.Ptp;

/// <summary>Joins each Sync with its Follow_Up, in whichever order and however late they come (IEEE 1588-2019 clause 11.2; threats.md row 72).</summary>
/// <remarks>Sixteen Syncs may wait, so at 8 a second a Follow_Up may be 2 s late. A sequence number counts once.</remarks>
internal sealed class SyncReceiver
{
    private const int Depth = 16;

    private readonly Slot[] _slots = new Slot[Depth];

    /// <summary>Forgets what waits: another master's numbers follow.</summary>
    public void Clear() => Array.Clear(_slots);

    /// <summary>Takes a Sync.</summary>
    /// <returns>True if it makes a pair: it is one-step, or its Follow_Up was here before it.</returns>
    public bool Sync(in PtpHeader header, Instant<Tai> origin, Instant<Local> received, Duration asymmetry, out SyncPair pair)
    {
        ref var slot = ref At(header.Sequence);
        pair = default;
        if (slot.Synced)
        {
            return false; // a duplicate
        }

        slot.Synced = true;
        slot.Received = received;
        slot.SyncCorrection = header.Correction;
        slot.LogInterval = header.LogInterval;
        if (!header.Is(PtpFlags.TwoStep))
        {
            slot.Followed = true;
            slot.Origin = origin;
            slot.FollowCorrection = TimeInterval.Zero;
        }

        return slot.TryPair(asymmetry, out pair);
    }

    /// <summary>Takes a Follow_Up.</summary>
    /// <returns>True if its Sync was here before it.</returns>
    public bool FollowUp(in PtpHeader header, Instant<Tai> origin, Duration asymmetry, out SyncPair pair)
    {
        ref var slot = ref At(header.Sequence);
        pair = default;
        if (slot.Followed)
        {
            return false;
        }

        slot.Followed = true;
        slot.Origin = origin;
        slot.FollowCorrection = header.Correction;
        return slot.TryPair(asymmetry, out pair);
    }

    private ref Slot At(ushort sequence)
    {
        ref var slot = ref _slots[sequence % Depth];
        if (!slot.Used || slot.Sequence != sequence)
        {
            slot = new() { Used = true, Sequence = sequence };
        }

        return ref slot;
    }

    private struct Slot
    {
        public bool Used, Synced, Followed;
        public ushort Sequence;
        public sbyte LogInterval;
        public Instant<Local> Received;
        public Instant<Tai> Origin;
        public TimeInterval SyncCorrection, FollowCorrection;

        public readonly bool TryPair(Duration asymmetry, out SyncPair pair)
        {
            var correction = SyncCorrection + FollowCorrection;
            if (!Synced || !Followed || !correction.IsRepresentable)
            {
                pair = default;
                return false;
            }

            pair = new(Sequence, Origin + correction.ToDuration() + asymmetry, Received, correction.ToDuration(), LogInterval);
            return true;
        }
    }
}
