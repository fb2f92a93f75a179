namespace TimeSuite.Discipline;

/// <summary>Several <see cref="OscillatorModel"/>s side by side, each with its own unsteadiness, weighed by how well they foretold.</summary>
/// <remarks>
/// Interacting multiple models (Blom and Bar-Shalom, IEEE Trans. Automatic Control 33(8), 1988): nobody has to say how unsteady
/// the oscillator is, and a change of it is noticed within a few samples.
/// </remarks>
internal sealed class ModelBank
{
    /// <summary>Growth of the rate's standard deviation, 1/sqrt(s): from an oven to a laptop in the sun.</summary>
    private static readonly double[] Wanders = [1e-10, 5e-10, 2.5e-9, 1.2e-8, 6e-8, 3e-7];

    /// <summary>Probability that the unsteadiness is another, one step away, at the next sample.</summary>
    private const double Change = 0.01;

    private readonly OscillatorModel[] _models = new OscillatorModel[Wanders.Length];

    private readonly OscillatorModel[] _mixed = new OscillatorModel[Wanders.Length];

    private readonly double[] _weights = new double[Wanders.Length];

    private readonly double[] _logs = new double[Wanders.Length];

    /// <summary>The rate's variance grows by this, 1/s, on average over the models.</summary>
    public double WanderVariance
    {
        get
        {
            double sum = 0;
            for (int i = 0; i < _weights.Length; i++)
            {
                sum += _weights[i] * Wanders[i] * Wanders[i];
            }

            return sum;
        }
    }

    /// <summary>All models in one.</summary>
    public OscillatorModel Merged => OscillatorModel.Merge(_models, _weights);

    /// <summary>Begins with the same state in all models.</summary>
    public void Begin(in OscillatorModel model)
    {
        Array.Fill(_models, model);
        ReadOnlySpan<double> first = [0.2, 0.4, 0.3, 0.07, 0.02, 0.01];
        first.CopyTo(_weights);
    }

    /// <summary>Adds to every model's state.</summary>
    public void Move(double offset)
    {
        for (int i = 0; i < _models.Length; i++)
        {
            _models[i].Offset += offset;
        }
    }

    /// <summary>Makes every model less sure of the base delay.</summary>
    /// <param name="delay">Variance added, s^2.</param>
    public void Widen(double delay)
    {
        for (int i = 0; i < _models.Length; i++)
        {
            _models[i].P22 += delay;
        }
    }

    /// <summary>Makes every model less sure of the rate.</summary>
    /// <param name="rate">Variance added, (s/s)^2.</param>
    public void WidenRate(double rate)
    {
        for (int i = 0; i < _models.Length; i++)
        {
            _models[i].P11 += rate;
        }
    }

    /// <summary>Lets time pass, with the chance of a change of unsteadiness.</summary>
    public void Predict(double t, double baseVariance)
    {
        Mix();
        for (int i = 0; i < _models.Length; i++)
        {
            _models[i].Predict(t, Wanders[i] * Wanders[i], baseVariance);
        }
    }

    /// <summary>Takes one leg into all models; returns what the mixture of them thinks of its excess delay.</summary>
    public (double CoreShare, double CoreMean) Correct(double seen, double t, double direction, double scale, double noise)
    {
        double top = double.NegativeInfinity;
        double share = 0;
        double mean = 0;
        for (int i = 0; i < _models.Length; i++)
        {
            var after = _models[i].Correct(seen, t, direction, scale, noise);
            _logs[i] = Math.Log(_weights[i]) + after.LogEvidence;
            top = Math.Max(top, _logs[i]);
            share += _weights[i] * after.CoreShare;
            mean += _weights[i] * after.CoreMean;
        }

        double sum = 0;
        for (int i = 0; i < _weights.Length; i++)
        {
            _weights[i] = Math.Max(Math.Exp(_logs[i] - top), 1e-9);
            sum += _weights[i];
        }

        for (int i = 0; i < _weights.Length; i++)
        {
            _weights[i] /= sum;
        }

        return (share, mean);
    }

    private void Mix()
    {
        int n = _models.Length;
        Span<double> into = stackalloc double[n];
        Span<double> weights = stackalloc double[n];
        for (int j = 0; j < n; j++)
        {
            double total = 0;
            for (int i = 0; i < n; i++)
            {
                into[i] = _weights[i] * Chance(i, j, n);
                total += into[i];
            }

            weights[j] = total;
            for (int i = 0; i < n; i++)
            {
                into[i] /= total;
            }

            _mixed[j] = OscillatorModel.Merge(_models, into);
        }

        _mixed.CopyTo(_models, 0);
        weights.CopyTo(_weights);
    }

    private static double Chance(int from, int to, int n)
    {
        double down = from == 0 ? 0 : Change;
        double up = from == n - 1 ? 0 : Change;
        return to == from ? 1 - down - up : to == from - 1 ? down : to == from + 1 ? up : 0;
    }
}
