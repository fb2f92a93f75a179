namespace TimeSuite.Discipline;

/// <summary>Several <see cref="Horizon"/>s side by side, each with its own unsteadiness, weighed by how well they foretold.</summary>
/// <remarks>
/// Interacting multiple models (Blom and Bar-Shalom, IEEE Trans. Automatic Control 33(8), 1988): nobody has to say how unsteady
/// the oscillator is, and a change of it is noticed within a few samples.
/// </remarks>
internal sealed class ModelBank
{
    /// <summary>
    /// Growth of the rate's standard deviation, 1/sqrt(s): half decades, from an oven to a laptop in the sun, and four for what no crystal
    /// does by itself, but a machine that is moved about or a clock that somebody else turns. They take part only where that was seen: they
    /// would explain too much, a change of the route too.
    /// </summary>
    private static readonly double[] Wanders = [1e-10, 3e-10, 1e-9, 3e-9, 1e-8, 3e-8, 1e-7, 3e-7, 1e-6, 5e-6, 2.5e-5, 1e-4];

    /// <summary>
    /// How common each is, before anything was seen: most crystals in computers are near 1e-9 (2e-8 after 1000 s), give or take a factor
    /// of three. Few samples in strong noise say nothing about it, and then this is what there is to go by.
    /// </summary>
    private static readonly double[] Common = [0.03, 0.2, 0.45, 0.22, 0.06, 0.02, 0.012, 0.008, 0.001, 0.001, 0.001, 0.001];

    /// <summary>Of these, so many are what a crystal in a computer may be.</summary>
    private const int Crystals = 8;

    /// <summary>Probability that the unsteadiness is another, one step away, at the next sample; less towards what is rarer.</summary>
    private const double Changes = 0.01;

    /// <summary>Weight of the newest interval in what is usual; and the bound is to be right for so many of them.</summary>
    private const double Newest = 0.3, Ahead = 1.5;

    /// <summary>Models less probable than this are not revised.</summary>
    private const double Worthwhile = 0.01;

    private static readonly double[] s_down = [.. Wanders.Select((_, i) => i == 0 ? 0 : Flow(i, i - 1))], s_up = [.. Wanders.Select((_, i) => i == Wanders.Length - 1 ? 0 : Flow(i, i + 1))];

    private readonly Horizon[] _allModels = [.. Wanders.Select(_ => new Horizon())];

    private readonly double[] _allWeights = new double[Wanders.Length];

    private readonly OscillatorModel[] _allStates = new OscillatorModel[Wanders.Length];

    private readonly double[] _allLogs = new double[Wanders.Length];

    /// <summary>
    /// What is common says nothing of the one oscillator at hand: until so many samples have spoken, the bound takes all for as common, and from a later one on
    /// it goes by what was learnt.
    /// </summary>
    internal const double Unheard = 6, Heard = 12;

    private readonly double[] _doubtful = new double[Wanders.Length]; // weights for the bound

    private int _samples;

    private int _used = Crystals; // of the models

    private double _usual; // s from sample to sample

    /// <summary>The rate's variance grows by this, 1/s, on average over the models.</summary>
    public double WanderVariance
    {
        get
        {
            double sum = 0;
            for (int i = 0; i < _used; i++)
            {
                sum += _allWeights[i] * Wanders[i] * Wanders[i];
            }

            return sum;
        }
    }

    /// <summary>Mean excess delays of both directions.</summary>
    public DelayScale Scale { get; private set; }

    /// <summary>All models in one, at the newest sample.</summary>
    public OscillatorModel Merged { get; private set; }

    /// <summary>Of the error of <see cref="Merged"/>.</summary>
    public Tail Tail { get; private set; }

    /// <summary>Begins with the same state in all models, before the first sample.</summary>
    /// <param name="state">At the first sample's instant.</param>
    /// <param name="firstScale">A guess of the first legs' mean excess delay, s.</param>
    /// <param name="secondScale">And of the second ones'.</param>
    /// <param name="isWild">The rate changes by more than a crystal's does; how, the samples tell.</param>
    public void Begin(in OscillatorModel state, double firstScale, double secondScale, bool isWild)
    {
        _used = isWild ? Wanders.Length : Crystals;
        for (int i = 0; i < _used; i++)
        {
            _allModels[i].Begin(state, Wanders[i] * Wanders[i]);
        }

        Common.AsSpan(0, _used).CopyTo(Weights);
        if (isWild)
        {
            Doubt();
        }

        (_usual, _samples) = (0, 0);
        var scale = default(DelayScale);
        scale.Begin(firstScale, secondScale);
        Scale = scale;
        Merged = state;
    }

    /// <summary>Something happened that was thought impossible: any unsteadiness is as likely as any other, and the next samples tell.</summary>
    public void Doubt() => Weights.Fill(1.0 / _used);

    /// <summary>Counts from another line, which is higher by so much at the newest sample, and rises by so much more.</summary>
    public void Rebase(double offset, double rate)
    {
        foreach (var model in Models)
        {
            model.Rebase(offset, rate);
        }

        Merged = Merged with { Offset = Merged.Offset - offset, Rate = Merged.Rate - rate };
    }

    /// <summary>Takes one sample into all models.</summary>
    public void Add(in Step step, in Crossing first, in Crossing second)
    {
        var scale = Scale;
        if (_allModels[0].IsFull)
        {
            Drop(ref scale);
        }

        if (step.Elapsed > 0)
        {
            Change();
            _usual += (_usual == 0 ? 1 : Newest) * (step.Elapsed - _usual);
        }

        var (firstScale, secondScale) = (new DelayLikelihood.Scale(scale.First), new DelayLikelihood.Scale(scale.Second));
        for (int i = 0; i < _used; i++)
        {
            _allLogs[i] = Math.Log(_allWeights[i]) + _allModels[i].Add(step, first, second, firstScale, secondScale);
        }

        Weigh();
        var (firstSum, secondSum) = Revise(firstScale, secondScale);
        scale.Learn(firstSum, secondSum, Math.Sqrt(Math.Max(first.Noise, second.Noise)));
        Scale = scale;
        for (int i = 0; i < _used; i++)
        {
            _allStates[i] = _allModels[i].Newest;
        }

        Merged = OscillatorModel.Merge(States, Weights);
        _samples++;
        Tail = Tail.Of(States, Wanders.AsSpan(0, _used), Doubtful(), Merged, _usual * Ahead);
    }

    /// <summary>The weights, less and less as if all were as common.</summary>
    private ReadOnlySpan<double> Doubtful()
    {
        double share = Math.Clamp((Heard - _samples) / (Heard - Unheard), 0, 1);
        if (share == 0)
        {
            return Weights;
        }

        double sum = 0;
        for (int i = 0; i < _used; i++)
        {
            _doubtful[i] = _allWeights[i] * Math.Pow(Common[i], -share);
            sum += _doubtful[i];
        }

        for (int i = 0; i < _used; i++)
        {
            _doubtful[i] /= sum;
        }

        return _doubtful.AsSpan(0, _used);
    }

    private Span<Horizon> Models => _allModels.AsSpan(0, _used);

    private Span<double> Weights => _allWeights.AsSpan(0, _used);

    private Span<OscillatorModel> States => _allStates.AsSpan(0, _used);

    private Span<double> Logs => _allLogs.AsSpan(0, _used);

    /// <returns>What the legs of each direction had beyond the base delay.</returns>
    private (ExcessSum First, ExcessSum Second) Revise(in DelayLikelihood.Scale firstScale, in DelayLikelihood.Scale secondScale)
    {
        ExcessSum first = default;
        ExcessSum second = default;
        for (int i = 0; i < _used; i++)
        {
            if (_allWeights[i] > Worthwhile)
            {
                _allModels[i].Revise(firstScale, secondScale);
                _allModels[i].Sum(Horizon.Length, _allWeights[i], ref first, ref second);
            }
        }

        return (first, second);
    }

    private void Drop(ref DelayScale scale)
    {
        ExcessSum first = default;
        ExcessSum second = default;
        for (int i = 0; i < _used; i++)
        {
            _allModels[i].Sum(1, _allWeights[i], ref first, ref second);
            _allModels[i].Drop();
            _allStates[i] = _allModels[i].Start;
        }

        scale.Remember(first, second);
        Mix();
    }

    private void Weigh()
    {
        double top = double.NegativeInfinity;
        foreach (double log in Logs)
        {
            top = Math.Max(top, log);
        }

        double sum = 0;
        for (int i = 0; i < _used; i++)
        {
            _allWeights[i] = Math.Max(Math.Exp(_allLogs[i] - top), 1e-9);
            sum += _allWeights[i];
        }

        for (int i = 0; i < _used; i++)
        {
            _allWeights[i] /= sum;
        }
    }

    /// <summary>Lets every model begin its window with what those remember of which it may have come.</summary>
    private void Mix()
    {
        Span<double> into = stackalloc double[3];
        for (int j = 0; j < _used; j++)
        {
            var (from, to) = Neighbours(j);
            double total = 0;
            for (int i = from; i < to; i++)
            {
                into[i - from] = _allWeights[i] * Chance(i, j);
                total += into[i - from];
            }

            var shares = into[..(to - from)];
            foreach (ref double share in shares)
            {
                share /= total;
            }

            _allModels[j].Start = OscillatorModel.Merge(States[from..to], shares);
        }
    }

    private void Change()
    {
        Span<double> after = stackalloc double[_used];
        for (int j = 0; j < _used; j++)
        {
            var (from, to) = Neighbours(j);
            for (int i = from; i < to; i++)
            {
                after[j] += _allWeights[i] * Chance(i, j);
            }
        }

        after.CopyTo(Weights);
    }

    /// <summary>The models that one may come of, the last one not included: of the others it cannot.</summary>
    private (int From, int To) Neighbours(int model) => (Math.Max(model - 1, 0), Math.Min(model + 2, _used));

    /// <summary>From a model to itself or to a neighbour.</summary>
    private double Chance(int from, int to)
    {
        double down = from == 0 ? 0 : s_down[from];
        double up = from == _used - 1 ? 0 : s_up[from];
        return to == from ? 1 - down - up : to < from ? down : up;
    }

    /// <summary>In balance with how common both are: samples that say nothing lead back there.</summary>
    private static double Flow(int from, int to) => Changes * Math.Min(1, Common[to] / Common[from]);
}
