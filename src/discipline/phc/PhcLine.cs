using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>The bare oscillator of a PHC: what the PHC would show if nobody had ever steered or stepped it. Decision 0002 for a clock that has no second register.</summary>
/// <remarks>
/// It follows from the stamps and from what was done to the clock, and when. Nobody reads it: <see cref="Raw"/> is here the oscillator of this PHC, not of the machine.
/// Stamps that are older than the last few changes are read by the oldest one kept.
/// </remarks>
internal sealed class PhcLine
{
    /// <summary>Messages are under way for less than so many changes.</summary>
    private const int Kept = 16;

    private readonly Segment[] _segments = new Segment[Kept];

    private int _newest;

    private int _count = 1;

    private ref Segment Newest => ref _segments[_newest];

    /// <summary>The PHC runs at another frequency from an instant on; what was to come after it, does not.</summary>
    /// <param name="at">By the PHC; it may be still to come.</param>
    /// <param name="frequency">Above its oscillator's, all included.</param>
    public void Turn(Instant<Phc> at, FrequencyOffset frequency)
    {
        var bare = ToBare(at);
        while (_count > 1 && Newest.From >= at)
        {
            (_newest, _count) = ((_newest + Kept - 1) % Kept, _count - 1); // announced, and now never to be
        }

        _newest = (_newest + 1) % Kept;
        _count = Math.Min(_count + 1, Kept);
        Newest = new() { From = at, Bare = bare, Rate = frequency.Fraction };
    }

    /// <summary>The PHC was set forwards or back. Stamps from before are of no use any more: they cannot be told from those after.</summary>
    /// <param name="at">By the PHC, just before.</param>
    /// <param name="by">Positive: forwards.</param>
    public void Step(Instant<Phc> at, Duration by)
    {
        var bare = ToBare(at);
        double rate = At(at).Rate;
        _count = 1;
        Newest = new() { From = at + by, Bare = bare, Rate = rate };
    }

    /// <summary>By how much faster than its oscillator the PHC runs, at an instant by itself.</summary>
    public FrequencyOffset FrequencyAt(Instant<Phc> at) => FrequencyOffset.FromFraction(At(at).Rate);

    /// <summary>What the oscillator had counted when the PHC showed this.</summary>
    public Instant<Raw> ToBare(Instant<Phc> stamp)
    {
        ref var segment = ref At(stamp);
        var shown = stamp - segment.From;
        return segment.Bare + (shown - shown.Times(segment.Rate / (1 + segment.Rate)));
    }

    private ref Segment At(Instant<Phc> stamp)
    {
        int i = 0;
        while (i < _count - 1 && stamp < Of(i).From)
        {
            i++;
        }

        return ref Of(i);
    }

    /// <param name="age">0: the newest.</param>
    private ref Segment Of(int age) => ref _segments[(_newest - age + Kept) % Kept];

    private struct Segment
    {
        public Instant<Phc> From;

        public Instant<Raw> Bare;

        /// <summary>s/s.</summary>
        public double Rate;
    }
}
