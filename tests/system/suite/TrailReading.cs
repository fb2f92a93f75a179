using TimeSuite.Rpc.Clock.V1;
using Kind = TimeSuite.Rpc.Clock.V1.Event.Types.Kind;

namespace TimeSuite.System.Tests.Suite;

/// <summary>Questions to clockd's audit trail.</summary>
internal static class TrailReading
{
    /// <summary>Whether the event changed the clock or what is said of it.</summary>
    public static bool IsDeed(this Event happened) => happened.Kind is Kind.Adjust or Kind.Step or Kind.Announce;

    /// <summary>What was done after the last end of a lease without a lease, which must be nothing.</summary>
    public static IEnumerable<Event> DeedsWithoutLease(this IEnumerable<Event> trail)
    {
        bool isHeld = true; // the trail may begin in the middle
        foreach (var happened in trail)
        {
            isHeld = happened.Kind switch
            {
                Kind.Lease => true,
                Kind.LeaseEnd => false,
                _ => isHeld,
            };
            if (!isHeld && happened.IsDeed())
            {
                yield return happened;
            }
        }
    }
}
