using TimeSuite.Discipline;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Ptp;

/// <summary>A port of ptpd as a source: pairs of Sync and Delay_Req become samples. Pure: no gRPC, no clock.</summary>
/// <remarks>
/// A sample has the backward leg of a Sync and the forward leg of the last Delay_Req before it, each used once. With peer delays the forward leg is that of a request which would have
/// taken as long as the link does.
/// </remarks>
/// <param name="name">For people.</param>
/// <param name="arbitraryIsUtc">What a master's arbitrary scale is taken for: UTC, or nothing.</param>
internal sealed class PtpSource(string name, bool arbitraryIsUtc)
{
    /// <summary>A grandmaster that claims nothing may be wrong by so much: the accuracy that NTP servers of a good network have.</summary>
    internal static readonly Duration UnknownAccuracy = Duration.FromNanoseconds(1_000_000);

    private static readonly Duration Resolution = Duration.FromNanoseconds(1), LongestPairing = Duration.FromSeconds(16L), Shortest = Duration.FromNanoseconds(200_000_000);

    /// <summary>No oscillator is off by more, s/s.</summary>
    private const double WildestRate = 1e-3;

    private PtpNews.Delay? _request;
    private PtpNews.Sync? _sync;
    private Duration? _link;
    private Instant<Raw>? _last;

    public string Name => name;

    /// <summary>Under which the discipline knows it; null while it has no master.</summary>
    public SourceId? Id { get; private set; }

    public PtpMaster? Master { get; private set; }

    /// <summary>Samples that were made.</summary>
    public ulong Samples { get; private set; }

    /// <summary>The last one.</summary>
    public Instant<Raw>? LastSample => _last;

    /// <summary>False while ptpd does not vouch for the hardware clock that follows; true without one.</summary>
    public bool HasUsablePhc { get; private set; } = true;

    /// <summary>Why what it measures is not used; null: it is.</summary>
    public string? Doubt => Master is null ? "ptpd follows no master on this port (timectl ptp)"
        : !Master.IsTai && !arbitraryIsUtc ? "its master serves an arbitrary time scale; if that is UTC, say arbitrary-timescale = \"utc\" in [ptp]"
        : !HasUsablePhc ? "ptpd does not vouch for its hardware clock (timectl ptp)"
        : null;

    /// <summary>What the discipline should know beside the samples.</summary>
    public SourceState State => new()
    {
        Reachable = Master is not null,
        SaysUnsynchronized = Doubt is not null,
        Stratum = Math.Clamp(Master?.StepsRemoved ?? 15, 1, 15),
        Leap = Master?.Leap ?? LeapSecond.None,
    };

    /// <summary>Another master, or none.</summary>
    public void Follow(SourceId? id, PtpMaster? master)
    {
        if (id != Id)
        {
            (_request, _sync, _link, _last, HasUsablePhc) = (null, null, null, null, true);
        }

        (Id, Master) = (id, master);
    }

    public void Take(PtpNews.Delay request) => _request = request;

    public void Take(PtpNews.Link link) => _link = link.MeanLinkDelay;

    /// <summary>Makes a sample of a Sync.</summary>
    /// <param name="sync">The Sync.</param>
    /// <param name="leaps">The leap table; null: there is none.</param>
    /// <param name="rate">What is known of our oscillator: UTC gained per raw second; null: nothing yet, and the last two Syncs tell it.</param>
    /// <param name="sample">The sample.</param>
    /// <returns>False if the other way was not measured, if UTC is not known, or if the last sample was just before.</returns>
    public bool TrySample(PtpNews.Sync sync, LeapSeconds? leaps, FrequencyOffset? rate, out Sample sample)
    {
        sample = default;
        var crude = CrudeRate(sync);
        if (Master is not { } master || Doubt is not null || _last + Shortest > sync.Received || TaiMinusUtc(sync.Sent, leaps) is not { } offset)
        {
            return false;
        }

        Leg forward;
        var error = sync.Error;
        if (_link is { } delay)
        {
            forward = new(sync.Received, Utc(sync.Sent, offset) + delay + delay);
        }
        else if (_request is { } request && sync.Received - request.Sent <= LongestPairing && request.Sent < sync.Received)
        {
            forward = new(request.Sent, Utc(request.Received, offset));
            error = Duration.Max(error, request.Error);
            _request = null;
        }
        else
        {
            return false;
        }

        sample = new()
        {
            Forward = forward, Backward = new(sync.Received, Utc(sync.Sent, offset)), StampError = error, Resolution = Resolution, RootDispersion = master.Accuracy ?? UnknownAccuracy,
            Rate = rate ?? crude,
        };

        // Boundary clocks between us and the grandmaster do not say how wrong they are: each is taken for as wrong as we may be of what is before us.
        var before = (Duration.Max(sample.Delay ?? Duration.Zero, Duration.Zero).Half() + error).Times(Math.Max(master.StepsRemoved - 1, 0));
        sample = sample with { RootDispersion = sample.RootDispersion + before };
        _last = sync.Received;
        Samples++;
        return true;
    }

    /// <summary>Makes a sample of a hardware clock that follows the master: the way there and back is our reading of it.</summary>
    /// <returns>False if it is not to be used, or UTC is not known.</returns>
    public bool TrySample(PtpNews.Phc clock, LeapSeconds? leaps, out Sample sample)
    {
        sample = default;
        HasUsablePhc = clock.Bound is not null;
        if (Master is not { } master || Doubt is not null || clock.Bound is not { } bound || _last >= clock.Raw || TaiMinusUtc(clock.Shown, leaps) is not { } offset)
        {
            return false;
        }

        var utc = Utc(clock.Shown, offset);
        sample = new()
        {
            Forward = new(clock.Raw - clock.Error, utc), Backward = new(clock.Raw + clock.Error, utc), Resolution = Resolution, RootDispersion = bound + (master.Accuracy ?? UnknownAccuracy),
        };
        _last = clock.Raw;
        Samples++;
        return true;
    }

    /// <summary>The table has the first word, so that no master moves us by a wrong number of seconds (threats.md row 80); without one, the master is believed.</summary>
    private Duration? TaiMinusUtc(Instant<Tai> at, LeapSeconds? leaps)
    {
        if (!Master!.IsTai)
        {
            return Duration.Zero;
        }

        var utc = new Instant<Utc>(at.SinceEpoch);
        int? rough = leaps?.TaiMinusUtc(utc);
        return rough is { } seconds && leaps!.TaiMinusUtc(utc - Duration.FromSeconds((long)seconds)) is { } exact ? Duration.FromSeconds((long)exact) : Master.TaiMinusUtc;
    }

    /// <summary>The legs are up to seconds apart, in which a raw oscillator may gain far more than the path takes.</summary>
    private FrequencyOffset CrudeRate(PtpNews.Sync sync)
    {
        var before = _sync;
        _sync = sync;
        double elapsed = before is null ? 0 : (sync.Received - before.Received).Seconds;
        return elapsed > 0 ? FrequencyOffset.FromFraction(Math.Clamp((sync.Sent - before!.Sent).Seconds - elapsed, -WildestRate * elapsed, WildestRate * elapsed) / elapsed) : FrequencyOffset.Zero;
    }

    private static Instant<Utc> Utc(Instant<Tai> tai, Duration offset) => new(tai.SinceEpoch - offset);
}
