using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>How often to ask one source: often while little is known, then as rarely as the oscillator allows, and when it is worth it.</summary>
/// <remarks>
/// <para>
/// On average the interval is the least of three. By need: until the next poll, uncertain rate and wander add at most a fixed multiple
/// of the variance that there is. By reach: a rate is not trusted for longer than a share of the time over which it was measured. By
/// custom: often while the noise hides the rate, which was unknown at the start and is what later errors come of; then even, as samples that
/// are spread evenly tell most of offset and rate together; then growing with age. What was spent at the start, or because of need, is saved later.
/// </para>
/// <para>
/// Around that average the next poll comes when the variance has grown to what is usual at the time of a poll. After a short delay,
/// which tells much, that is later, after a long one, which tells nothing, it is soon: for the same number of packets the mean square
/// error is a fifth to a third less.
/// </para>
/// <para>
/// With a goal there is neither custom nor need: the next poll comes when the standard deviation has grown to the goal.
/// A surprise brings the shortest interval back at once.
/// </para>
/// </remarks>
public sealed class PollControl
{
    /// <summary>Variance gained between polls by need, in variances of the estimate just after one.</summary>
    private const double Gain = 2.5;

    /// <summary>Share of the time watched for which its rate is trusted on average; never for longer than all of it.</summary>
    private const double Reach = 0.4;

    /// <summary>The interval by custom at first, in shortest intervals.</summary>
    private const double Custom = 5.2;

    /// <summary>Age up to which it stays, in shortest intervals (10,000 s of 64 s), and the power of age by which it grows then.</summary>
    private const double Even = 156, Growth = 0.6;

    /// <summary>When it is longer by this factor, it grows by a lesser power of age, for ever.</summary>
    private const double Grown = 2.2, LaterGrowth = 0.08;

    /// <summary>So many polls are free at the start; what is spent beyond that plan is saved over about so many polls.</summary>
    private const double Free = 7, SavedOver = 15;

    /// <summary>So much overspending is remembered, and no more: a time of need is not followed by as long a neglect.</summary>
    private const double MostOverspent = 12;

    /// <summary>While the noise hides the rate, the interval by custom is shorter by this factor.</summary>
    private const double Eager = 0.45;

    /// <summary>
    /// Rate variance times the square of the age over the offset's variance: 3 while all samples lie on one straight line and the noise alone
    /// decides (least squares), then growing like the square of the age, as the oscillator wanders and forgets. Up to here each sample still adds to what all others say of the rate.
    /// </summary>
    private const double Line = 15;

    /// <summary>Weight of the newest sample in what is usual.</summary>
    private const double Newest = 0.3;

    /// <summary>The next poll is sooner or later than the average by this factor at most.</summary>
    private const double Spread = 2.5;

    /// <summary>More than one request a second is for the local network only: a round trip of at most this, as chrony does it.</summary>
    private static readonly Duration s_near = Duration.FromSeconds(0.01), s_second = Duration.FromSeconds(1L);

    /// <summary>With an initial burst, polls may be shorter than the shortest interval for so long, s.</summary>
    private const double Young = 200;

    /// <summary>But not shorter than this, s: what any public server puts up with at the start.</summary>
    private const double BurstSpacing = 2;

    private Instant<Raw>? _began;

    private double _interval; // s; 0 before the first sample

    private double _shortest; // s; in force; 0 before the first sample

    private double _need; // s, smoothed

    private double _usual; // s^2, variance at the time of a poll, smoothed

    private double _allowed = 1; // share of the usual variance at which to poll, such that the average is right

    private double _polls;

    private bool _isFar;

    /// <summary>To leave until the next poll.</summary>
    public Duration Interval(SourceOptions options)
    {
        var least = Least(options);
        var shortest = _shortest > 0 ? Duration.Min(least, Duration.FromSeconds(_shortest)) : least;
        return Duration.Max(shortest, Duration.Min(options.MaxPoll, Duration.FromSeconds(_interval)));
    }

    /// <summary>The shortest interval that is allowed: by configuration, and by good manners.</summary>
    public Duration Least(SourceOptions options) => _isFar ? Duration.Max(options.MinPoll, s_second) : options.MinPoll;

    /// <summary>After each sample.</summary>
    /// <param name="estimate">With the sample, at the sample's instant.</param>
    /// <param name="use">What became of the sample.</param>
    /// <param name="options">With the limits of the interval.</param>
    /// <param name="goal">Standard deviation that the estimate may have at the next poll; absent: by custom and need.</param>
    public void OnSample(in SourceEstimate estimate, SampleUse use, SourceOptions options, Duration? goal = null)
    {
        if (use is SampleUse.Suspect or SampleUse.FollowedStep or SampleUse.RateChanged)
        {
            Restart();
            _began = estimate.At;
            return;
        }

        _began ??= estimate.At;
        _polls++;
        _isFar = estimate.MinDelay > s_near;
        double unit = Least(options).Seconds;
        double age = (estimate.At - _began.Value).Seconds;
        bool young = options.Iburst && age < Young;
        _shortest = young ? Math.Min(BurstSpacing, unit) : unit;
        double reach = Math.Max(_shortest, Reach * age);
        if (goal is { } wanted)
        {
            _interval = Math.Min(reach, When(estimate, options, wanted.Seconds * wanted.Seconds));
            return;
        }

        double need = When(estimate, options, estimate.Covariance.Offset * (1 + Gain));
        _need = _need == 0 || young ? need : Smoothed(_need, need);
        bool isLearning = !young && estimate.Covariance.Rate * age * age < Line * estimate.Covariance.Offset;
        double average = Math.Max(_shortest, Math.Min(Math.Min(_need, reach), ByCustom(unit, age, young, isLearning)));
        double variance = estimate.Covariance.After(Duration.FromSeconds(average), estimate.WanderVariance).Offset;
        _usual = _usual == 0 ? variance : Smoothed(_usual, variance);
        double longest = young ? average : Math.Min(average * Spread, Math.Max(_shortest, age)); // a rate that was measured for seconds is not trusted for longer
        _interval = Math.Clamp(When(estimate, options, _usual * _allowed), average / Spread, Math.Max(longest, average / Spread));
        _allowed = Math.Clamp(_allowed * Math.Pow(average / _interval, Newest), 0.2, 5);
    }

    /// <summary>After a gap or a restart: often again.</summary>
    public void Restart() => (_began, _interval, _shortest, _need, _usual, _allowed, _polls) = (null, 0, 0, 0, 0, 1, 0);

    private double ByCustom(double unit, double age, bool young, bool isLearning)
    {
        double first = Custom * unit;
        double full = Math.Pow(Grown, 1 / Growth); // age, in Even, at which it is grown
        double aged = Math.Max(age / (Even * unit), 1), growing = Math.Min(aged, full), later = aged / growing;
        double planned = (Math.Min(age, Even * unit) / first) // the integral of 1 / interval
            + (Even / Custom * (Integral(growing, Growth) + (full / Grown * Integral(later, LaterGrowth))));
        _polls = Math.Min(_polls, planned + Free + MostOverspent);
        double overspent = young ? 0 : Math.Max(_polls - planned - Free, -Free);
        return first * Math.Pow(growing, Growth) * Math.Pow(later, LaterGrowth) * (isLearning ? Eager : 1 + (overspent / SavedOver));
    }

    /// <summary>Of x^-power, from 1 to an age.</summary>
    private static double Integral(double age, double power) => (Math.Pow(age, 1 - power) - 1) / (1 - power);

    /// <summary>When the variance will have grown to so much, s, by bisection in the logarithm.</summary>
    private double When(in SourceEstimate estimate, SourceOptions options, double allowed)
    {
        double low = _shortest;
        double high = Math.Max(options.MaxPoll.Seconds, low);
        for (int i = 0; i < 10; i++)
        {
            double middle = Math.Sqrt(low * high);
            double variance = estimate.Covariance.After(Duration.FromSeconds(middle), estimate.WanderVariance).Offset;
            (low, high) = variance <= allowed ? (middle, high) : (low, middle);
        }

        return low;
    }

    private static double Smoothed(double before, double now) => before * Math.Pow(now / before, Newest);
}
