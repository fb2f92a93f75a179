namespace TimeSuite.Time;

/// <summary>A rate error: how much faster than nominal a clock runs. Dimensionless (s/s), positive is fast.</summary>
/// <remarks>One type with three views: a bare double in ppm, ppb or s/s is how 1000-fold mistakes are made.</remarks>
public readonly record struct FrequencyOffset
{
    private FrequencyOffset(double fraction) => Fraction = fraction;

    /// <summary>Runs at the nominal rate; also <c>default</c>.</summary>
    public static FrequencyOffset Zero => default;

    /// <summary>Seconds gained per second.</summary>
    public double Fraction { get; }

    /// <summary>Parts per million.</summary>
    public double Ppm => Fraction * 1e6;

    /// <summary>Parts per billion.</summary>
    public double Ppb => Fraction * 1e9;

    /// <summary>Whether this is a number at all. False for NaN and the infinities.</summary>
    public bool IsFinite => double.IsFinite(Fraction);

    /// <summary>Distance from zero.</summary>
    public FrequencyOffset Magnitude => new(Math.Abs(Fraction));

    /// <summary>From seconds gained per second.</summary>
    public static FrequencyOffset FromFraction(double fraction) => new(fraction);

    /// <summary>From parts per million.</summary>
    public static FrequencyOffset FromPpm(double ppm) => new(ppm * 1e-6);

    /// <summary>From parts per billion.</summary>
    public static FrequencyOffset FromPpb(double ppb) => new(ppb * 1e-9);

    /// <summary>Limits the magnitude to <paramref name="limit"/>.</summary>
    public FrequencyOffset ClampTo(FrequencyOffset limit) => new(Math.Clamp(Fraction, -limit.Fraction, limit.Fraction));

    /// <summary>Whether the magnitude is at most that of <paramref name="limit"/>. False for NaN.</summary>
    public bool IsWithin(FrequencyOffset limit) => Math.Abs(Fraction) <= limit.Fraction;

    /// <summary>A limit with room for what it loses on its way through other units, 1e-12 of itself: what was clamped to it is still within it.</summary>
    public FrequencyOffset WithRounding() => new(Fraction * (1 + 1e-12));

    /// <summary>One rate on top of another, the product of second order left out.</summary>
    public static FrequencyOffset operator +(FrequencyOffset a, FrequencyOffset b) => new(a.Fraction + b.Fraction);

    /// <summary>The difference of two rates.</summary>
    public static FrequencyOffset operator -(FrequencyOffset a, FrequencyOffset b) => new(a.Fraction - b.Fraction);

    /// <summary>As slow as it was fast.</summary>
    public static FrequencyOffset operator -(FrequencyOffset a) => new(-a.Fraction);

    /// <inheritdoc/>
    public override string ToString() => Math.Abs(Fraction) < 1
        ? FormattableString.Invariant($"{Ppm:+0.000000;-0.000000;0.000000} ppm")
        : FormattableString.Invariant($"{Ppm:G6} ppm"); // no oscillator: somebody's 1e300, which must not fill the log
}
