namespace TimeSuite.Ntp;

/// <summary>A request of ours.</summary>
/// <param name="Number">Counts up from 1.</param>
/// <param name="Basic">Its transmit field: 64 random bits. A basic reply brings them back.</param>
/// <param name="Interleaved">Its receive field: 64 other random bits, which an interleaved reply brings back. Unknown in a basic request.</param>
/// <param name="Sent">When it left, as well as we know.</param>
internal readonly record struct Request(ulong Number, NtpTimestamp Basic, NtpTimestamp Interleaved, Stamp Sent)
{
    /// <summary>Whether a reply with this origin answers this request, in one mode or the other.</summary>
    public bool IsAnsweredBy(NtpTimestamp origin) => origin.IsKnown && (origin == Basic || origin == Interleaved);
}

/// <summary>The last exchange that was completed: what the next interleaved reply will tell the departure of.</summary>
/// <param name="Request">Ours.</param>
/// <param name="RemoteReceived">T2 of it; names the exchange to the server.</param>
/// <param name="Received">T4 of it.</param>
/// <param name="Told">Whether it was reported as measured: each exchange is reported once.</param>
internal readonly record struct Completed(Request Request, NtpTimestamp RemoteReceived, Stamp Received, bool Told);

/// <summary>A measurement that waits for the kernel's stamp of its request.</summary>
internal readonly record struct Held(ulong Request, Exchange Exchange, Instant<Raw> Until);
