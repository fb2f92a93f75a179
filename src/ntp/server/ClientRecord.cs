namespace TimeSuite.Ntp;

/// <summary>What is remembered of one client, for people.</summary>
/// <param name="Network">Its address, as far as clients are told apart: the rest is zero.</param>
/// <param name="Requests">Since it is remembered.</param>
/// <param name="Limited">Of these, beyond the rate limit and not answered with the time.</param>
/// <param name="Seen">The last request.</param>
/// <param name="Interval">Average time between requests, of the last few; zero while there is one only.</param>
/// <param name="Version">Of the last request.</param>
/// <param name="Authenticated">Whether the last request had a right MAC.</param>
public readonly record struct ClientRecord(
    ClientAddress Network, ulong Requests, ulong Limited, Instant<Raw> Seen, Duration Interval, int Version, bool Authenticated);
