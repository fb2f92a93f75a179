using TimeSuite.Linux;
using TimeSuite.Ntp;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Serving;

/// <summary>What is sent unasked, and to whom.</summary>
/// <param name="To">Broadcast, multicast or single addresses, with ports.</param>
/// <param name="Interval">log2 s.</param>
/// <param name="Ttl">Of multicast packets, hops.</param>
/// <param name="Key">Signs them; null: nobody does.</param>
internal sealed record BroadcastPlan(IReadOnlyList<DatagramAddress> To, int Interval, int Ttl, SymmetricKey? Key);

/// <summary>Sends the time unasked, from the sockets that are served: their port is the one that clients expect. For one serving thread.</summary>
internal sealed class Broadcaster(BroadcastPlan plan)
{
    private readonly Duration _interval = Duration.FromSeconds(1L << plan.Interval);
    private readonly HashSet<UdpSocket> _prepared = [];
    private Instant<Raw>? _due;

    /// <summary>How long until the next packets; zero: now.</summary>
    public Duration Until(Instant<Raw> now) => Duration.Max((_due ??= now) - now, Duration.Zero);

    /// <summary>Sends what is due.</summary>
    /// <param name="now">The raw clock.</param>
    /// <param name="state">What is said; nothing is while it is not synchronised.</param>
    /// <param name="clock">For the transmit time.</param>
    /// <param name="sockets">Of each family the first is used.</param>
    public void OnTime(Instant<Raw> now, in ServerState state, ServingClock clock, List<ServingSocket> sockets)
    {
        if (Until(now).Sign > 0)
        {
            return;
        }

        _due = now + _interval;
        Span<byte> packet = stackalloc byte[BroadcastPacket.LongestSize];
        foreach (var to in plan.To)
        {
            var from = sockets.Find(socket => socket.Socket.IsIpv6 == to.IsIpv6);
            if (from is null || !clock.TryLook(answered: 0))
            {
                continue;
            }

            if (_prepared.Add(from.Socket))
            {
                from.Socket.AllowBroadcast(plan.Ttl);
            }

            int length = BroadcastPacket.Write(state, plan.Interval, plan.Key, clock.Departure(0), packet);
            if (length > 0 && from.Socket.SendTo(packet[..length], to) != DatagramOutcome.Done)
            {
                from.Forget(); // as after any send that failed
            }
        }
    }
}
