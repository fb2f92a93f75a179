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

    /// <summary>Takes in one leg: <paramref name="seen"/> = offset at <paramref name="t"/> + direction (base + excess delay) + noise.</summary>
    /// <param name="seen">Remote minus local against the reference line, s.</param>
    /// <param name="t">Of the local stamp, from the state's instant, s.</param>
    /// <param name="direction">1 forward, -1 backward.</param>
    /// <param name="scale">Mean excess delay of this direction, s.</param>
    /// <param name="noise">Variance of the stamps, s^2.</param>
    public DelayLikelihood.Moments Correct(double seen, double t, double direction, double scale, double noise)
    {
        // Covariance of the state with offset + rate t + direction base.
        double k0 = P00 + (t * P01) + (direction * P02);
        double k1 = P01 + (t * P11) + (direction * P12);
        double k2 = P02 + (t * P12) + (direction * P22);
        double variance = Math.Max(k0 + (t * k1) + (direction * k2), 0) + noise; // rounding must not make it negative
        double excess = direction * (seen - Offset - (Rate * t) - (direction * Base));
        var after = DelayLikelihood.Match(excess, variance, scale);
        double move = -direction * (after.Mean - excess) / variance;
        double shrink = (1 - (after.Variance / variance)) / variance;
        Offset += k0 * move;
        Rate += k1 * move;
        Base += k2 * move;
        P00 = Math.Max(P00 - (k0 * k0 * shrink), 0);
        P01 -= k0 * k1 * shrink;
        P02 -= k0 * k2 * shrink;
        P11 = Math.Max(P11 - (k1 * k1 * shrink), 0);
        P12 -= k1 * k2 * shrink;
        P22 = Math.Max(P22 - (k2 * k2 * shrink), 0);
        return after;
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
