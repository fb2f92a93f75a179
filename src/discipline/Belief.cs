namespace TimeSuite.Discipline;

/// <summary>A normal distribution over offset (s), rate (s/s) and base one-way delay (s) in information form: exp(-x'Lx/2 + v'x).</summary>
/// <remarks>
/// Nothing known is zero here, products are sums, and neither a rate that is unknown by 200 ppm nor a stamp good to a nanosecond
/// costs digits; in covariances the two together would.
/// </remarks>
internal struct Belief
{
    private double _l00, _l01, _l02, _l11, _l12, _l22;
    private double _v0, _v1, _v2;

    /// <summary>From mean and covariance.</summary>
    public static Belief Of(in OscillatorModel m)
    {
        var (l00, l01, l02, l11, l12, l22) = Inverse(m.P00, m.P01, m.P02, m.P11, m.P12, m.P22);
        return new()
        {
            _l00 = l00, _l01 = l01, _l02 = l02, _l11 = l11, _l12 = l12, _l22 = l22,
            _v0 = (l00 * m.Offset) + (l01 * m.Rate) + (l02 * m.Base),
            _v1 = (l01 * m.Offset) + (l11 * m.Rate) + (l12 * m.Base),
            _v2 = (l02 * m.Offset) + (l12 * m.Rate) + (l22 * m.Base),
        };
    }

    /// <summary>Mean and covariance of what this and <paramref name="other"/> say together, which must be something of everything.</summary>
    public readonly OscillatorModel With(in Belief other)
    {
        var (p00, p01, p02, p11, p12, p22) = Inverse(
            _l00 + other._l00, _l01 + other._l01, _l02 + other._l02, _l11 + other._l11, _l12 + other._l12, _l22 + other._l22);
        double v0 = _v0 + other._v0;
        double v1 = _v1 + other._v1;
        double v2 = _v2 + other._v2;
        return new()
        {
            Offset = (p00 * v0) + (p01 * v1) + (p02 * v2),
            Rate = (p01 * v0) + (p11 * v1) + (p12 * v2),
            Base = (p02 * v0) + (p12 * v1) + (p22 * v2),
            P00 = p00, P01 = p01, P02 = p02, P11 = p11, P12 = p12, P22 = p22,
        };
    }

    /// <summary>What a leg says: of offset + lag rate + direction base.</summary>
    public void Absorb(in Crossing leg)
    {
        double l = leg.Precision;
        double v = (l * leg.Seen) - (leg.Direction * leg.Push);
        double lagged = l * leg.Lag;
        double based = l * leg.Direction;
        _l00 += l;
        _l01 += lagged;
        _l02 += based;
        _l11 += lagged * leg.Lag;
        _l12 += based * leg.Lag;
        _l22 += l; // direction squared is 1
        _v0 += v;
        _v1 += v * leg.Lag;
        _v2 += v * leg.Direction;
    }

    /// <summary>The same, seen <paramref name="t"/> s later (earlier if negative), by a rate that does not change.</summary>
    public void Move(double t)
    {
        _l11 += t * ((t * _l00) - (2 * _l01));
        _l01 -= t * _l00;
        _l12 -= t * _l02;
        _v1 -= t * _v0;
    }

    /// <summary>Adds <paramref name="a"/> z to the offset and <paramref name="b"/> z to the rate, z normal with variance 1.</summary>
    public void Diffuse(double a, double b)
    {
        double g0 = (_l00 * a) + (_l01 * b);
        double g1 = (_l01 * a) + (_l11 * b);
        double g2 = (_l02 * a) + (_l12 * b);
        Loosen(g0, g1, g2, 1 / (1 + (a * g0) + (b * g1)), (_v0 * a) + (_v1 * b));
    }

    /// <summary>Adds <paramref name="c"/> z to the base delay.</summary>
    public void DiffuseBase(double c) =>
        Loosen(_l02 * c, _l12 * c, _l22 * c, 1 / (1 + (c * c * _l22)), _v2 * c);

    /// <summary>Counts offset and rate from another line from now on, which is higher by so much.</summary>
    public void Rebase(double offset, double rate)
    {
        _v0 -= (_l00 * offset) + (_l01 * rate);
        _v1 -= (_l01 * offset) + (_l11 * rate);
        _v2 -= (_l02 * offset) + (_l12 * rate);
    }

    private void Loosen(double g0, double g1, double g2, double share, double v)
    {
        double s0 = g0 * share;
        double s1 = g1 * share;
        double s2 = g2 * share;
        _l00 -= s0 * g0;
        _l01 -= s0 * g1;
        _l02 -= s0 * g2;
        _l11 -= s1 * g1;
        _l12 -= s1 * g2;
        _l22 -= s2 * g2;
        _v0 -= s0 * v;
        _v1 -= s1 * v;
        _v2 -= s2 * v;
    }

    /// <summary>Of a symmetric positive matrix, by its LDL' factors.</summary>
    private static (double P00, double P01, double P02, double P11, double P12, double P22) Inverse(
        double a00, double a01, double a02, double a11, double a12, double a22)
    {
        // Base delay first, then rate: what is left over for the offset is its own information, and positive but for rounding.
        double i2 = 1 / a22;
        double m12 = a12 * i2;
        double m02 = a02 * i2;
        double b11 = Math.Max(a11 - (m12 * a12), a11 * 1e-15);
        double b01 = a01 - (m12 * a02);
        double i1 = 1 / b11;
        double m01 = b01 * i1;
        double b00 = Math.Max(a00 - (m02 * a02) - (m01 * b01), a00 * 1e-15);
        double p00 = 1 / b00;
        double p01 = -m01 * p00;
        double p11 = i1 - (m01 * p01);
        double p02 = -(m02 * p00) - (m12 * p01);
        double p12 = -(m02 * p01) - (m12 * p11);
        double p22 = i2 - (m02 * p02) - (m12 * p12);
        return (p00, p01, p02, p11, p12, p22);
    }
}
