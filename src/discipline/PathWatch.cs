namespace TimeSuite.Discipline;

/// <summary>Notices when the base delay of a path is no longer what it was: another route.</summary>
/// <remarks>
/// A queue makes round trips long and different, a new route makes them longer and alike. Without this, a filter that believes in the
/// old base would, after enough samples, rather believe that the offset has moved and that only one direction is slow.
/// </remarks>
internal struct PathWatch
{
    /// <summary>Round trips in a row that tell a new route, if they differ as those of the old one do, and if they differ by more.</summary>
    private const int Enough = 4, Many = 8;

    /// <summary>They differ as before up to so many mean excesses: five of them do so by 3 on average.</summary>
    private const double AsBefore = 12;

    /// <summary>Until then everything is too uncertain.</summary>
    private const int Settled = 8;

    /// <summary>Excess in mean excesses that no ordinary delay has.</summary>
    private const double Unusual = 8;

    /// <summary>Standard deviations of the base that count as impossible.</summary>
    private const double Impossible = 6;

    private int _seen;

    private int _run;

    private double _least;

    private double _most;

    /// <summary>Takes one round trip.</summary>
    /// <param name="excess">Round trip minus twice the base delay, s.</param>
    /// <param name="scale">Mean of that, s.</param>
    /// <param name="doubt">Standard deviation of twice the base delay, s.</param>
    /// <returns>By how much the base delay may have changed, one way, s; zero if it has not.</returns>
    public double See(double excess, double scale, double doubt)
    {
        _seen++;
        if (_seen <= Settled)
        {
            return 0;
        }

        if (excess < -Impossible * doubt)
        {
            _run = 0;
            return excess / 2;
        }

        if (excess < (Unusual * scale) + (Impossible * doubt))
        {
            _run = 0;
            return 0;
        }

        _least = _run == 0 ? excess : Math.Min(_least, excess);
        _most = _run == 0 ? excess : Math.Max(_most, excess);
        _run++;
        double spread = _most - _least;
        if (_run < Enough || (_run < Many && spread > AsBefore * scale))
        {
            return 0;
        }

        _run = 0;
        return spread < _least / 2 ? _least / 2 : 0;
    }
}
