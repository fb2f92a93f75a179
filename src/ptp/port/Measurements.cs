namespace TimeSuite.Ptp;

/// <summary>A Sync: when the master sent it and when it came.</summary>
/// <param name="Sequence">Of the Sync.</param>
/// <param name="Sent">By the master's clock, with all corrections and the asymmetry of the path added: offset = received - sent - mean path delay.</param>
/// <param name="Received">By our clock.</param>
/// <param name="Correction">What of <paramref name="Sent"/> were corrections: the time spent in transparent clocks.</param>
/// <param name="LogInterval">log2 s between Syncs, as the master says; <see cref="PtpHeader.NoInterval"/>: not said.</param>
public readonly record struct SyncPair(ushort Sequence, Instant<Tai> Sent, Instant<Local> Received, Duration Correction, sbyte LogInterval);

/// <summary>A Delay_Req: when we sent it and when it came to the master.</summary>
/// <param name="Sequence">Of the request.</param>
/// <param name="Sent">By our clock.</param>
/// <param name="Received">By the master's clock, corrections taken off and the asymmetry of the path added: mean path delay = ((Sync.Received - Sync.Sent) + (Received - Sent)) / 2.</param>
/// <param name="Correction">What was taken off.</param>
public readonly record struct DelayPair(ushort Sequence, Instant<Local> Sent, Instant<Tai> Received, Duration Correction);

/// <summary>An exchange with the other end of the link (IEEE 1588-2019 clause 11.4).</summary>
/// <param name="MeanLinkDelay">One way, by the neighbour's rate. Noise may make it negative.</param>
/// <param name="NeighborRate">How much faster the neighbour's clock runs than ours; zero until two exchanges were had, and of a neighbour that does not tell its times.</param>
/// <param name="Received">When the response came, by our clock.</param>
/// <param name="Neighbor">The responder.</param>
public readonly record struct PeerDelayMeasurement(Duration MeanLinkDelay, FrequencyOffset NeighborRate, Instant<Local> Received, PortIdentity Neighbor);
