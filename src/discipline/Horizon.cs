namespace TimeSuite.Discipline;

/// <summary>The newest samples of a source under one assumed unsteadiness of the oscillator: a chain of states and the legs' factors.</summary>
/// <remarks>
/// Expectation propagation (Minka, "Expectation propagation for approximate Bayesian inference", 2001) on a chain (Heskes, Zoeter,
/// "Expectation propagation for approximate inference in dynamic Bayesian networks", 2002). A leg's likelihood cuts the possible states
/// off at zero excess delay and is replaced by a normal factor that has the right moments in the company of all other factors, later
/// ones included; assumed density filtering would have fixed it for good when little was known. What leaves the window remains
/// as the normal distribution of its last state.
/// </remarks>
internal sealed class Horizon
{
    /// <summary>Samples whose factors are still revised: as many as an oscillator that is asked reasonably often remembers.</summary>
    public const int Length = 10;

    private readonly Node[] _nodes = new Node[Length];

    private double _wander; // growth of the rate's variance, 1/s

    private Belief _start; // of the state before the first node's legs, at its instant

    private Belief _end; // after all legs, at the last node's instant

    private int _count;

    /// <summary>At the newest sample.</summary>
    public OscillatorModel Newest { get; private set; }

    /// <summary>What is remembered from before the window; only meaningful right after <see cref="Drop"/>.</summary>
    public OscillatorModel Start
    {
        get => _start.With(default);
        set => _start = Belief.Of(value);
    }

    public bool IsFull => _count == Length;

    /// <summary>Begins before the first sample.</summary>
    public void Begin(in OscillatorModel state, double wanderVariance) =>
        (_start, _end, Newest, _count, _wander) = (Belief.Of(state), Belief.Of(state), state, 0, wanderVariance);

    /// <summary>Takes in a sample; returns the logarithm of the probability density that was given to it.</summary>
    public double Add(in Step step, in Crossing first, in Crossing second, in DelayLikelihood.Scale firstScale, in DelayLikelihood.Scale secondScale)
    {
        ref var node = ref _nodes[_count++];
        node = new() { Step = step, First = first, Second = second };
        Pass(ref _end, step);
        double evidence = Absorb(ref _end, ref node.First, firstScale) + Absorb(ref _end, ref node.Second, secondScale);
        Newest = _end.With(default);
        return evidence;
    }

    /// <summary>Fits all factors once more, in the light of each other.</summary>
    public void Revise(in DelayLikelihood.Scale firstScale, in DelayLikelihood.Scale secondScale)
    {
        Belief after = default;
        for (int k = _count - 1; k >= 0; k--)
        {
            ref var node = ref _nodes[k];
            node.After = after;
            after.Absorb(node.First);
            after.Absorb(node.Second);
            PassBack(ref after, node.Step);
        }

        var before = _start;
        for (int k = 0; k < _count; k++)
        {
            ref var node = ref _nodes[k];
            if (k > 0)
            {
                Pass(ref before, node.Step);
            }

            if (node.First.Direction != 0)
            {
                var rest = before;
                rest.Absorb(node.Second);
                node.First.Refit(rest.With(node.After), firstScale);
            }

            before.Absorb(node.First);
            if (node.Second.Direction != 0)
            {
                node.Second.Refit(before.With(node.After), secondScale);
            }

            before.Absorb(node.Second);
        }

        _end = before;
        Newest = _end.With(default);
    }

    /// <summary>The oldest sample becomes memory.</summary>
    public void Drop()
    {
        _start.Absorb(_nodes[0].First);
        _start.Absorb(_nodes[0].Second);
        _count--;
        Array.Copy(_nodes, 1, _nodes, 0, _count);
        Pass(ref _start, _nodes[0].Step);
    }

    /// <summary>Counts from another line, which is higher by so much at the newest sample, and rises by so much more.</summary>
    public void Rebase(double offset, double rate)
    {
        _end.Rebase(offset, rate);
        double height = offset;
        for (int k = _count - 1; k >= 0; k--)
        {
            ref var node = ref _nodes[k];
            node.First.Seen -= height + (rate * node.First.Lag);
            node.Second.Seen -= height + (rate * node.Second.Lag);
            height -= k > 0 ? rate * node.Step.Elapsed : 0;
        }

        _start.Rebase(height, rate);
        Newest = Newest with { Offset = Newest.Offset - offset, Rate = Newest.Rate - rate };
    }

    /// <summary>Adds up the excess delays in the window; the long ones do not count.</summary>
    /// <param name="samples">Only of so many oldest ones.</param>
    /// <param name="weight">What each counts.</param>
    /// <param name="first">To be added to: first legs.</param>
    /// <param name="second">To be added to: second legs.</param>
    public void Sum(int samples, double weight, ref ExcessSum first, ref ExcessSum second)
    {
        for (int k = 0; k < Math.Min(samples, _count); k++)
        {
            first.Add(_nodes[k].First, weight);
            second.Add(_nodes[k].Second, weight);
        }
    }

    private static double Absorb(ref Belief belief, ref Crossing leg, in DelayLikelihood.Scale scale)
    {
        if (leg.Direction == 0)
        {
            return 0;
        }

        double evidence = leg.Refit(belief.With(default), scale);
        belief.Absorb(leg);
        return evidence;
    }

    /// <summary>Lets time pass: the rate walks at random, and so does the base delay, very slowly.</summary>
    private void Pass(ref Belief belief, in Step step)
    {
        belief.Move(step.Elapsed);
        Loosen(ref belief, step);
    }

    private void PassBack(ref Belief belief, in Step step)
    {
        Loosen(ref belief, step);
        belief.Move(-step.Elapsed);
    }

    /// <summary>The covariance q [t^3/3 t^2/2; t^2/2 t] of a random walk and its integral, in two independent parts, and what else came.</summary>
    private void Loosen(ref Belief belief, in Step step)
    {
        double t = step.Elapsed;
        if (t > 0)
        {
            double walk = Math.Sqrt(_wander * t);
            belief.Diffuse(walk * t / 2, walk);
            belief.Diffuse(walk * t / Math.Sqrt(12), 0);
            belief.DiffuseBase(step.BaseSigma);
        }

        if (step.OffsetSigma > 0)
        {
            belief.Diffuse(step.OffsetSigma, 0);
        }

        if (step.RateSigma > 0)
        {
            belief.Diffuse(step.RateSigma * t, step.RateSigma);
        }
    }

    private struct Node
    {
        public Step Step;

        public Crossing First;

        public Crossing Second;

        /// <summary>What all later samples say.</summary>
        public Belief After;
    }
}

/// <summary>The way from one sample to the next.</summary>
/// <param name="Elapsed">s, not negative.</param>
/// <param name="RateSigma">By how much the rate may have jumped just after the earlier one, s/s.</param>
/// <param name="BaseSigma">By how much the base delay may have changed, s.</param>
/// <param name="OffsetSigma">By how much a change of the path may have moved what is taken for the offset, s.</param>
internal readonly record struct Step(double Elapsed, double RateSigma, double BaseSigma, double OffsetSigma);

/// <summary>Excess delays of one direction.</summary>
internal struct ExcessSum
{
    public double Count;

    /// <summary>s.</summary>
    public double Total;

    public void Add(in Crossing leg, double weight)
    {
        if (leg.Direction != 0)
        {
            Count += weight * leg.CoreShare;
            Total += weight * leg.CoreShare * Math.Max(leg.CoreMean, 0);
        }
    }
}
