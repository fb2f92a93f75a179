using TimeSuite.Time;

namespace TimeSuite.Policy;

/// <summary>Whole messages.</summary>
public sealed partial class ClockPolicy
{
    /// <summary>Judges all that is in one message: if one part is refused, all of it is.</summary>
    /// <param name="state">Before.</param>
    /// <param name="wish">The message.</param>
    /// <param name="permit">The administrator's, if any.</param>
    /// <param name="clock">What the clock shows.</param>
    /// <param name="pending">What it still has to work off.</param>
    /// <param name="now">Now.</param>
    public Decision Judge(PolicyState state, in Wish wish, StepPermit? permit, Instant<Utc> clock, Duration pending, Instant<Boot> now)
    {
        var deed = wish switch
        {
            { Stamps: not null } => new(Ruling.Malformed, "the system's clock stamps nothing that comes from outside", state),
            { Frequency: { } frequency } => Adjust(state, frequency, wish.BaseFrequency ?? frequency, wish.Slew, pending, now),
            { Step: { } step } => Step(state, step, permit, clock, pending, now),
            _ => Decision.Allow(state),
        };
        if (!deed.IsAllowed || wish.Announcement is not { } said)
        {
            return deed;
        }

        // The announcement is of the clock as the deed leaves it.
        var verdict = wish.Step is { } jump
            ? Announce(deed.State, said, clock + jump, Duration.Zero, now)
            : Announce(deed.State, said, clock, wish.Slew?.Phase ?? pending, now);
        return verdict.IsAllowed ? verdict with { UsesPermit = deed.UsesPermit } : verdict with { State = state };
    }
}
