namespace TimeSuite.Discipline;

/// <summary>A normal distribution over offset (s), rate (s/s) and base one-way delay (s), for one assumed unsteadiness.</summary>
internal struct OscillatorModel
{
    public double Offset;
    public double Rate;
    public double Base;
    public double P00;
    public double P01;
    public double P02;
    public double P11;
    public double P12;
    public double P22;

    /// <summary>Numbers that can be reckoned with.</summary>
    public readonly bool IsSane =>
        Math.Abs(Offset) < 1e12 && Math.Abs(Rate) < 1e6 && Math.Abs(Base) < 1e12 && P00 >= 0 && P11 >= 0 && P22 >= 0 && P00 + P11 + P22 < 1e24;

    /// <summary>Lets time pass: the rate walks at random, and so does the base delay, very slowly.</summary>
    /// <param name="t">s, not negative.</param>
    /// <param name="wanderVariance">Growth of the rate's variance, 1/s.</param>
    /// <param name="baseVariance">Growth of the base delay's variance over this time, s^2.</param>
    public void Predict(double t, double wanderVariance, double baseVariance)
    {
        double q = wanderVariance * t;
        Offset += Rate * t;
        P00 += (2 * t * P01) + (t * t * P11) + (q * t * t / 3);
        P01 += (t * P11) + (q * t / 2);
        P02 += t * P12;
        P11 += q;
        P22 += baseVariance;
    }

    /// <summary>The normal distribution with the moments of a mixture.</summary>
    public static OscillatorModel Merge(ReadOnlySpan<OscillatorModel> models, ReadOnlySpan<double> weights)
    {
        OscillatorModel merged = default;
        for (int i = 0; i < models.Length; i++)
        {
            merged.Offset += weights[i] * models[i].Offset;
            merged.Rate += weights[i] * models[i].Rate;
            merged.Base += weights[i] * models[i].Base;
        }

        for (int i = 0; i < models.Length; i++)
        {
            double w = weights[i];
            double offset = models[i].Offset - merged.Offset;
            double rate = models[i].Rate - merged.Rate;
            double delay = models[i].Base - merged.Base;
            merged.P00 += w * (models[i].P00 + (offset * offset));
            merged.P01 += w * (models[i].P01 + (offset * rate));
            merged.P02 += w * (models[i].P02 + (offset * delay));
            merged.P11 += w * (models[i].P11 + (rate * rate));
            merged.P12 += w * (models[i].P12 + (rate * delay));
            merged.P22 += w * (models[i].P22 + (delay * delay));
        }

        return merged;
    }
}
