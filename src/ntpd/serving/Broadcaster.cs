using Microsoft.Extensions.Logging;
using TimeSuite.Linux;
using TimeSuite.Ntp;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Serving;

/// <summary>What is sent unasked, and to whom.</summary>
/// <param name="To">Broadcast, multicast or single addresses, with ports.</param>
/// <param name="Interval">log2 s, 0 to 17.</param>
/// <param name="Ttl">Of multicast packets, hops.</param>
/// <param name="Key">Signs them; null: nobody does.</param>
internal sealed record BroadcastPlan(IReadOnlyList<DatagramAddress> To, int Interval, int Ttl, SymmetricKey? Key);

/// <summary>Sends the time unasked, from the sockets that are served: their port is the one that clients expect. For one serving thread.</summary>
/// <param name="plan">What is to be sent.</param>
/// <param name="former">Was in charge until now: the next packet is due when its would have been.</param>
/// <param name="log">For what cannot be sent.</param>
internal sealed partial class Broadcaster(BroadcastPlan plan, Broadcaster? former, ILogger log)
{
    private readonly BroadcastPlan _plan = plan;
    private readonly Duration _interval = Duration.FromSeconds(1L << plan.Interval);
    private readonly HashSet<UdpSocket> _prepared = [];
    private readonly HashSet<DatagramAddress> _complaints = []; // of which the log has heard
    private Instant<Raw>? _due = former?._plan.Interval == plan.Interval ? former._due : null;

    /// <summary>How long until the next packets; zero: now.</summary>
    public Duration Until(Instant<Raw> now) => Duration.Max((_due ??= now) - now, Duration.Zero);

    /// <summary>Sends what is due.</summary>
    /// <param name="now">The raw clock.</param>
    /// <param name="state">What is said; nothing is while it is not synchronised.</param>
    /// <param name="clock">For the transmit time.</param>
    /// <param name="sockets">Of each family the first from which a packet can be sent is used.</param>
    public void OnTime(Instant<Raw> now, in ServerState state, ServingClock clock, List<ServingSocket> sockets)
    {
        if (Until(now).Sign > 0)
        {
            return;
        }

        _due = now + _interval;
        foreach (var to in _plan.To)
        {
            if (!clock.TryLook(answered: 0))
            {
                return;
            }

            var outcome = Send(to, state, clock, sockets);
            if (outcome == DatagramOutcome.Done)
            {
                _complaints.Remove(to);
            }
            else if (_complaints.Add(to))
            {
                LogCannotSend(log, to, outcome);
            }
        }
    }

    /// <returns>What became of it, or would have if there were something to say.</returns>
    private DatagramOutcome Send(in DatagramAddress to, in ServerState state, ServingClock clock, List<ServingSocket> sockets)
    {
        Span<byte> packet = stackalloc byte[BroadcastPacket.LongestSize];
        int length = BroadcastPacket.Write(state, _plan.Interval, _plan.Key, clock.Departure(0), packet);
        var outcome = length == 0 ? DatagramOutcome.Done : DatagramOutcome.Unreachable;
        for (int index = 0; index < sockets.Count && outcome != DatagramOutcome.Done; index++)
        {
            var from = sockets[index];
            if (from.Socket.IsIpv6 != to.IsIpv6 || (from.Socket.Local.IsLoopback && !to.IsLoopback))
            {
                continue; // a multicast packet from 127.0.0.1 would go to ourselves, and the kernel calls that well
            }

            if (_prepared.Add(from.Socket))
            {
                from.Socket.AllowBroadcast(_plan.Ttl);
            }

            outcome = from.Socket.SendTo(packet[..length], to);
            if (outcome != DatagramOutcome.Done)
            {
                from.Forget(); // as after any send that failed
            }
        }

        return outcome;
    }

    [LoggerMessage(LogLevel.Warning, "The time cannot be sent to {Address} from any address that is served ({Outcome}); trying again each time")]
    private static partial void LogCannotSend(ILogger log, DatagramAddress address, DatagramOutcome outcome);
}
