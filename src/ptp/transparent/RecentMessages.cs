namespace TimeSuite.Ptp;

/// <summary>What a transparent clock has handed on just now: a message that comes again, by the same port or another, has gone in a circle.</summary>
internal sealed class RecentMessages
{
    private const int Size = 256; // a power of two

    private static readonly Duration Remembered = Duration.FromSeconds(1L);

    private readonly Entry[] _entries = new Entry[Size];

    /// <summary>Takes a message into account.</summary>
    /// <param name="header">Of the message.</param>
    /// <param name="about">Whom it is for, where several of one number may come from one sender.</param>
    /// <param name="now">The time.</param>
    /// <returns>False if it was here before.</returns>
    public bool IsNew(in PtpHeader header, PortIdentity about, Instant<Boot> now)
    {
        int hash = HashCode.Combine(header.Type, header.Source, header.Sequence, about, header.Domain, header.SdoId);
        ref var entry = ref _entries[hash & (Size - 1)];
        bool isKnown = entry.IsUsed && now - entry.At < Remembered && entry.Type == header.Type && entry.Source == header.Source && entry.Sequence == header.Sequence
            && entry.About == about && entry.Domain == header.Domain && entry.SdoId == header.SdoId;
        if (!isKnown)
        {
            entry = new(true, header.Type, header.Source, header.Sequence, about, header.Domain, header.SdoId, now);
        }

        return !isKnown;
    }

    private readonly record struct Entry(
        bool IsUsed, MessageType Type, PortIdentity Source, ushort Sequence, PortIdentity About, byte Domain, ushort SdoId, Instant<Boot> At);
}
