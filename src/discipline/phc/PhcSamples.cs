using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>Joins what a PTP port measures to samples: each Sync with the newest Delay_Req that was not joined yet, or with the delay of the link.</summary>
/// <remarks>Remote ends are TAI here.</remarks>
internal sealed class PhcSamples
{
    /// <summary>A request that is older says little of the path now, and the oscillator has moved.</summary>
    private static readonly Duration LongestPairing = Duration.FromSeconds(16L);

    private static readonly Duration Grain = Duration.FromNanoseconds(1);

    /// <summary>Weight of the newest interval.</summary>
    private const double Newest = 0.125;

    /// <summary>Delays of the link before its mean says anything.</summary>
    private const int Links = 4;

    /// <summary>Delays of the link that the mean goes over at most.</summary>
    private const int Remembered = 256;

    /// <summary>No oscillator in good health is off by more, s/s; a PHC may have been left turned by far more.</summary>
    private const double Plausible = 4e-4;

    /// <summary>It was turned if so many rates in a row agree to this share; where the path's noise makes them, they do not. Until as many were seen, it may be.</summary>
    private const int Convincing = 3;

    private const double Same = 0.01;

    /// <summary>
    /// Of a link's delay, the mean excess of one way in standard deviations of the mean of both, if it is exponential; and about as much as the earliest of the Syncs are ahead of the middle
    /// ones if it is not.
    /// </summary>
    private const double Excess = 1.414;

    private (Leg Leg, Duration Error)? _request;
    private (Instant<Raw> At, Instant<Tai> Sent)? _last;
    private int _linkDelays;
    private double _linkVariance; // s^2
    private int _agreeing; // rates of Sync to Sync in a row that say the same
    private int _rates;
    private int _skipSyncs, _skipRequests;
    private bool _isPaired;

    /// <summary>From Sync to Sync, on average; zero before the second.</summary>
    public Duration Interval { get; private set; }

    /// <summary>Of the link, one way, on average; null with Delay_Req.</summary>
    public Duration? LinkDelay { get; private set; }

    /// <summary>What the last two Syncs say of the oscillator: TAI gained in a second of it.</summary>
    public FrequencyOffset CrudeRate { get; private set; }

    /// <summary>That is more than what an oscillator is off by, and no noise: several Syncs say the same.</summary>
    public bool IsTurned => CrudeRate.Magnitude.Fraction > Plausible && _agreeing >= Convincing;

    private bool IsPlausible => CrudeRate.Magnitude.Fraction <= Plausible;

    /// <summary>Another master.</summary>
    public void Restart() => (_request, _last, LinkDelay, _linkDelays, _isPaired, CrudeRate, _agreeing, _rates) = (null, null, null, 0, false, FrequencyOffset.Zero, 0, 0);

    /// <summary>The PHC was stepped: what is under way bears stamps of before.</summary>
    public void Stepped() => (_request, _last, _skipSyncs, _skipRequests) = (null, null, 1, 1);

    /// <summary>A Delay_Req.</summary>
    public void Take(Instant<Raw> sent, Instant<Tai> received, Duration error)
    {
        if (_skipRequests > 0)
        {
            _skipRequests--;
            return;
        }

        _request = (new(sent, AsRemote(received)), error);
    }

    /// <summary>A delay of the link.</summary>
    public void Take(Duration linkDelay)
    {
        _linkDelays = Math.Min(_linkDelays + 1, Remembered);
        if (LinkDelay is not { } mean)
        {
            (LinkDelay, _linkVariance) = (linkDelay, 0);
            return;
        }

        double weight = 1.0 / _linkDelays;
        var off = linkDelay - mean;
        LinkDelay = mean + off.Times(weight);
        _linkVariance = (1 - weight) * (_linkVariance + (weight * off.Seconds * off.Seconds));
    }

    /// <summary>A Sync.</summary>
    /// <param name="sent">By the master.</param>
    /// <param name="received">By our oscillator.</param>
    /// <param name="error">Of the stamp.</param>
    /// <param name="mastersError">By its own word.</param>
    /// <param name="rate">What is known of our oscillator; null: nothing yet.</param>
    /// <param name="sample">What it makes with the other way.</param>
    /// <returns>False if nothing is known of the other way yet.</returns>
    public bool TryMake(Instant<Tai> sent, Instant<Raw> received, Duration error, Duration mastersError, FrequencyOffset? rate, out Sample sample)
    {
        sample = default;
        if (_skipSyncs > 0)
        {
            _skipSyncs--;
            return false;
        }

        bool isReady = See(sent, received) && (IsPlausible || IsTurned || _rates >= 2 * Convincing);
        if (LinkDelay is { } delay)
        {
            // The estimator takes the earliest of one-way Syncs for those that had no excess; in the mean delay there is some.
            var least = Duration.Max(delay - Duration.FromSeconds(Excess * Math.Sqrt(_linkVariance)), Duration.Zero);
            sample = new() { Backward = new(received, AsRemote(sent + least)), StampError = error, Resolution = Grain, RootDelay = Duration.Max(delay + delay, Duration.Zero), RootDispersion = mastersError };
            return isReady && _linkDelays >= Links;
        }

        Leg? forward = null;
        if (isReady && _request is { } request && request.Leg.Local < received)
        {
            _request = null;
            if (received - request.Leg.Local <= LongestPairing)
            {
                (forward, error, _isPaired) = (request.Leg, Duration.Max(error, request.Error), true);
            }
        }

        sample = new()
        {
            Forward = forward, Backward = new(received, AsRemote(sent)), StampError = error, Resolution = Grain, RootDispersion = mastersError, Rate = rate ?? (IsPlausible || IsTurned ? CrudeRate : FrequencyOffset.Zero),
        };
        return isReady && _isPaired; // so the first one has both legs: it tells the estimator what the path is like
    }

    /// <returns>Whether there was another before it.</returns>
    private bool See(Instant<Tai> sent, Instant<Raw> received)
    {
        var before = _last;
        _last = (received, sent);
        if (before is not { } last || received <= last.At)
        {
            return before is not null;
        }

        var interval = received - last.At;
        Interval = Interval == Duration.Zero ? interval : Interval + (interval - Interval).Times(Newest);
        double rate = (sent - last.Sent - interval).Seconds / interval.Seconds; // s/s
        _agreeing = Math.Abs(rate - CrudeRate.Fraction) <= Same * Math.Abs(rate) ? _agreeing + 1 : 1;
        _rates++;
        CrudeRate = FrequencyOffset.FromFraction(Math.Clamp(rate, -0.5, 0.5));
        return true;
    }

    private static Instant<Utc> AsRemote(Instant<Tai> tai) => new(tai.SinceEpoch);
}
