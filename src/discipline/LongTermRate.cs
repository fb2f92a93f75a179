using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>Where the oscillator's rate comes back to, and how soon: for holdover.</summary>
/// <remarks>
/// A rate that walks at random is best foretold by its present value, one that goes up and down with the room's temperature by its mean.
/// Both are an Ornstein-Uhlenbeck process (Phys. Rev. 36, 823, 1930) of variance v and increments of variance d t: it comes back to its
/// mean like exp(-d t / (2 v)). All three are averages over the time watched, at most a day.
/// </remarks>
internal sealed class LongTermRate
{
    /// <summary>s.</summary>
    private const double Memory = 86400;

    /// <summary>Rates are not counted before they are known so well, s/s, or for so long, s.</summary>
    private const double GoodSigma = 1e-7, Patience = 1000;

    private Instant<Raw>? _began;

    private Instant<Raw> _last;

    private double _rate;

    private double _mean; // s/s

    private double _variance; // (s/s)^2

    private double _increments; // (s/s)^2 per s

    private double _watched; // s

    /// <summary>The rate was found to be this.</summary>
    public void See(in SourceEstimate line)
    {
        _began ??= line.At;
        double rate = line.Rate.Fraction;
        double elapsed = (line.At - _last).Seconds;
        if (_watched == 0)
        {
            bool known = line.Covariance.RateSigma.Fraction < GoodSigma || (line.At - _began.Value).Seconds > Patience;
            (_last, _rate, _mean, _watched) = (line.At, rate, rate, known ? 1 : 0);
            return;
        }

        if (elapsed <= 0)
        {
            return;
        }

        _watched = Math.Min(_watched + elapsed, Memory);
        double weight = Math.Min(elapsed / _watched, 1);
        double change = rate - _rate;
        _mean += weight * (rate - _mean);
        _variance += weight * (((rate - _mean) * (rate - _mean)) - _variance);
        _increments += weight * ((change * change / elapsed) - _increments);
        (_last, _rate) = (line.At, rate);
    }

    /// <summary>After a gap in time.</summary>
    public void Restart() => (_began, _watched, _variance, _increments) = (null, 0, 0, 0);

    /// <summary>Standard deviation of the rate about its mean, as watched; zero while that was too short.</summary>
    public FrequencyOffset Spread => FrequencyOffset.FromFraction(_watched < Patience ? 0 : Math.Sqrt(Math.Max(_variance, 0)));

    /// <summary>What becomes of a rate, on average.</summary>
    public FrequencyOffset After(FrequencyOffset rate, Duration elapsed)
    {
        if (_watched < Patience || _variance <= 0)
        {
            return rate;
        }

        double kept = Math.Exp(-_increments / (2 * _variance) * Math.Max(elapsed.Seconds, 0));
        return FrequencyOffset.FromFraction(_mean + ((rate.Fraction - _mean) * kept));
    }
}
