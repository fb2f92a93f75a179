namespace TimeSuite.Ptp;

/// <summary>What a transparent clock has handed on just now: a message that comes again, by the same port or another, has gone in a circle.</summary>
/// <remarks>Each message has a row of eight places, of which a new one takes the oldest. With one place each, two messages that share it would push each other out, and go round for ever.</remarks>
internal sealed class RecentMessages
{
    private const int Rows = 64, Row = 8; // a power of two

    private static readonly Duration Remembered = Duration.FromSeconds(1L);

    private readonly Entry[] _entries = new Entry[Rows * Row];

    /// <summary>Takes a message into account.</summary>
    /// <param name="header">Of the message.</param>
    /// <param name="about">Whom it is for, where several of one number may come from one sender.</param>
    /// <param name="now">The time.</param>
    /// <returns>False if it was here before.</returns>
    public bool IsNew(in PtpHeader header, PortIdentity about, Instant<Boot> now)
    {
        int hash = HashCode.Combine(header.Type, header.Source, header.Sequence, about, header.Domain, header.SdoId);
        var row = _entries.AsSpan((hash & (Rows - 1)) * Row, Row);
        int oldest = 0;
        for (int i = 0; i < Row; i++)
        {
            ref var entry = ref row[i];
            if (entry.IsUsed && now - entry.At < Remembered && entry.Type == header.Type && entry.Source == header.Source && entry.Sequence == header.Sequence
                && entry.About == about && entry.Domain == header.Domain && entry.SdoId == header.SdoId)
            {
                return false;
            }

            if (!entry.IsUsed || (row[oldest].IsUsed && entry.At < row[oldest].At))
            {
                oldest = i;
            }
        }

        row[oldest] = new(true, header.Type, header.Source, header.Sequence, about, header.Domain, header.SdoId, now);
        return true;
    }

    private readonly record struct Entry(
        bool IsUsed, MessageType Type, PortIdentity Source, ushort Sequence, PortIdentity About, byte Domain, ushort SdoId, Instant<Boot> At);
}
