namespace TimeSuite.Nts;

/// <summary>How far a message has come.</summary>
public enum KeArrival
{
    /// <summary>Read on.</summary>
    Incomplete,

    Complete,

    /// <summary>It will never be one that we take: close.</summary>
    TooLong,
}

/// <summary>Where a message of the key exchange ends: with the record that says so (RFC 8915 section 4).</summary>
public static class KeMessage
{
    /// <summary>Octets of the longest message that we read, in either direction.</summary>
    public const int LongestSize = 16_384;

    /// <summary>Octets of the longest request that makes sense: some lists of numbers, a name or a few that are not wanted.</summary>
    public const int LongestRequest = 4_096;

    /// <summary>Looks for the end.</summary>
    /// <param name="received">All octets so far, from the first.</param>
    /// <param name="longest">Octets that a message may have.</param>
    /// <param name="length">Of the message, end included, when it is complete. Octets behind it belong to nothing.</param>
    public static KeArrival Measure(ReadOnlySpan<byte> received, int longest, out int length)
    {
        length = 0;
        while (KeRecords.TryTake(received[length..], out var record, out int size))
        {
            length += size;
            if (length > longest)
            {
                return KeArrival.TooLong;
            }

            if (record.Type == KeRecordType.EndOfMessage)
            {
                return KeArrival.Complete;
            }
        }

        // A record that is announced longer than what is left to us need not be waited for.
        _ = KeRecords.TryTake(received[length..], out _, out int announced);
        return received.Length > longest || length + announced > longest ? KeArrival.TooLong : KeArrival.Incomplete;
    }
}
