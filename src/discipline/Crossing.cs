namespace TimeSuite.Discipline;

/// <summary>One leg as a model sees it, and the normal factor that stands for what its positive excess delay says.</summary>
internal struct Crossing
{
    /// <summary>
    /// Information of a factor at least, 1/(mean excess)^2. Far from zero an exponential says "less is likelier" and no more; a factor
    /// with a slope and no curvature would carry a state of which little is known away without limit.
    /// </summary>
    private const double Least = 0.1;

    /// <summary>Remote minus local against the reference line, s: offset + lag rate + direction (base + excess) + noise.</summary>
    public double Seen;

    /// <summary>From the sample's instant to the local stamp, s, not positive.</summary>
    public double Lag;

    /// <summary>1 forward, -1 backward; 0 if there is no such leg.</summary>
    public double Direction;

    /// <summary>Variance of the stamps, s^2.</summary>
    public double Noise;

    /// <summary>The factor is exp(-Precision e^2/2 + Push e) in the excess delay e, noise included. 1/s^2, not negative.</summary>
    public double Precision;

    /// <summary>1/s.</summary>
    public double Push;

    /// <summary>Probability that the delay was not one of the long ones.</summary>
    public double CoreShare;

    /// <summary>Expected excess delay if not, s.</summary>
    public double CoreMean;

    /// <summary>Finds the factor anew: such that what all else says and this leg together have the moments that they should.</summary>
    /// <param name="rest">What all else says.</param>
    /// <param name="scale">Of this direction.</param>
    /// <returns>Logarithm of the probability density that the rest gave to the leg.</returns>
    public double Refit(in OscillatorModel rest, in DelayLikelihood.Scale scale)
    {
        double variance = rest.P00 + (Lag * ((2 * rest.P01) + (Lag * rest.P11))) + rest.P22
            + (2 * Direction * (rest.P02 + (Lag * rest.P12)));
        variance = Math.Max(variance, 0) + Noise; // rounding must not make it negative
        double excess = Direction * (Seen - rest.Offset - (Lag * rest.Rate) - (Direction * rest.Base));
        var after = DelayLikelihood.Match(excess, variance, scale);
        var (precision, push) = Factor(after.Core, excess, variance, scale.Ordinary);

        // As far as it was one of the long ones, the leg says nothing.
        CoreShare = after.CoreShare;
        CoreMean = after.Core.Mean;
        Precision = CoreShare * precision;
        Push = CoreShare * push;
        return after.LogEvidence;
    }

    private readonly (double Precision, double Push) Factor(in DelayLikelihood.Part after, double excess, double variance, double scale)
    {
        double gained = Math.Max((1 / after.Variance) - (1 / variance), 0); // rounding must not make it negative
        double blur = 1 / (1 + (gained * Noise)); // the excess was fitted with the noise in it, the state is without
        double precision = gained * blur;
        double push = ((after.Mean / after.Variance) - (excess / variance)) * blur;
        double more = (Least / (scale * scale)) - precision;
        return more <= 0 ? (precision, push) : (precision + more, push + (more * after.Mean));
    }
}
