using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>A difference between what the sources say and what this clock's own oscillator makes plausible.</summary>
/// <param name="Since">When it was found.</param>
/// <param name="Size">Sources minus clock, as it was found.</param>
/// <param name="Now">Sources minus clock, by the newest samples.</param>
/// <param name="Said">What the sources say.</param>
/// <param name="Newest">Their newest sample.</param>
/// <param name="Sources">Who says it.</param>
/// <param name="IsAgreed">Independent sources agree on it, more than those that agree with the clock and the clock itself.</param>
internal sealed record Jump(
    Instant<Raw> Since, Duration Size, Duration Now, SourceEstimate Said, Instant<Raw> Newest, IReadOnlyList<SourceId> Sources, bool IsAgreed)
{
    /// <summary>Time that it has lasted, by samples.</summary>
    public Duration Age => Newest - Since;
}

/// <summary>Who says what: what was combined, and how many are for and against it.</summary>
/// <param name="Said">The combination of the selected sources.</param>
/// <param name="Newest">Their newest sample that is in it.</param>
/// <param name="Sources">The selected.</param>
/// <param name="Agreeing">All that agree with them, they themselves too.</param>
/// <param name="Dissenting">Those that agree with the clock instead.</param>
internal sealed record Testimony(SourceEstimate Said, Instant<Raw> Newest, IReadOnlyList<SourceId> Sources, int Agreeing, int Dissenting);

/// <summary>Notices when the sources jump against a clock that was known well, and decides when they are followed all the same.</summary>
/// <remarks>
/// <para>
/// Both the clock and the sources vouch for an interval. Where these are apart by more than three times their widths, and the oscillator's rate
/// cannot have changed so much since the last sample that fitted, somebody has jumped: a source, or raw time itself (a virtual machine
/// that stood still). With one source nobody can tell which. So the clock goes on by itself, and the sources are followed when policy
/// confirms them: a jump of at most <see cref="DisciplineSettings.JumpLimit"/>, or one on which independent sources agree, that policy lets
/// be corrected, once it has lasted for <see cref="DisciplineSettings.JumpWait"/>; any other by the administrator's word.
/// </para>
/// <para>
/// A change of the oscillator's rate (a fan, another host) is no jump: the sources' line, laid backwards, then meets the clock's after the
/// last sample that fitted. That of a source that has stepped runs beside it.
/// </para>
/// </remarks>
internal sealed class JumpGuard
{
    /// <summary>Samples after which the clock's own word counts.</summary>
    private const int Settled = 8;

    /// <summary>Bounds are taken to be so many times as wide: they hold 99.9 % of the time, and a false alarm stops the clock from following.</summary>
    private const double Generous = 3;

    private SourceEstimate? _agreed;

    /// <summary>What is not followed yet; null if clock and sources agree.</summary>
    public Jump? Pending { get; private set; }

    /// <summary>The clock was known well when it and the sources agreed last: its own word counts.</summary>
    public bool IsSettled => _agreed is { SampleCount: >= Settled };

    /// <summary>The clock goes on from here, whatever it did before.</summary>
    public void Restart() => (_agreed, Pending) = (null, null);

    /// <summary>UTC itself has jumped.</summary>
    public void Shift(Duration by)
    {
        _agreed = _agreed is { } agreed ? agreed with { Utc = agreed.Utc + by } : null;
        Pending = Pending is { } jump ? jump with { Said = jump.Said with { Utc = jump.Said.Utc + by } } : null;
    }

    /// <summary>Takes what is pending for the truth; the line to go on with, null if nothing is.</summary>
    public SourceEstimate? Confirm()
    {
        var said = Pending?.Said;
        if (said is { } line)
        {
            Accept(line, line.At);
        }

        return said;
    }

    /// <summary>Those who said it are not asked any more.</summary>
    public void Drop() => Pending = null;

    /// <summary>Whether the clock may follow.</summary>
    /// <param name="heard">What the sources say, for the present instant.</param>
    /// <param name="own">Where the clock's own line is at this instant; null: nothing is known.</param>
    /// <param name="settings">Policy.</param>
    /// <param name="isConfirmed">It may, though it is far from where the clock was.</param>
    public bool MayFollow(Testimony heard, in SourceEstimate? own, DisciplineSettings settings, out bool isConfirmed)
    {
        isConfirmed = false;
        var said = heard.Said;
        if (own is not { } line || _agreed is not { } agreed || !IsSettled || Fits(said, line, agreed))
        {
            Accept(said, heard.Newest);
            return true;
        }

        var off = said.Utc - line.Utc;
        double room = Generous * (line.MaxError + said.MaxError).Seconds; // s
        bool isSame = Pending is { } before && (off - before.Size).Magnitude.Seconds <= room + Plausible((said.At - before.Since).Seconds);
        bool isAgreed = heard.Agreeing > 1 && heard.Agreeing > heard.Dissenting + 1;
        Pending = new(isSame ? Pending!.Since : said.At, isSame ? Pending!.Size : off, off, said, heard.Newest, heard.Sources, isAgreed);
        if (!IsConfirmed(Pending, settings))
        {
            return false;
        }

        isConfirmed = true;
        Accept(said, heard.Newest);
        return true;
    }

    /// <summary>It has lasted, and policy confirms it.</summary>
    public static bool IsConfirmed(Jump jump, DisciplineSettings settings) =>
        IsConfirmable(jump, settings) && IsCorrectable(jump.Now, settings) && jump.Age >= settings.JumpWait;

    /// <summary>Policy will confirm it if it lasts.</summary>
    public static bool IsConfirmable(Jump jump, DisciplineSettings settings) =>
        IsCorrectable(jump.Size, settings) && (jump.IsAgreed || jump.Size.Magnitude <= settings.JumpLimit);

    /// <summary>So much could be corrected if it were believed.</summary>
    public static bool IsCorrectable(Duration size, DisciplineSettings settings) =>
        settings.StepLimit < 0 || settings.MaxPhase is not { } most || size.Magnitude <= most;

    private void Accept(in SourceEstimate said, Instant<Raw> newest)
    {
        _agreed = said.MovedTo(newest < said.At ? newest : said.At);
        Pending = null;
    }

    private bool Fits(in SourceEstimate said, in SourceEstimate line, in SourceEstimate agreed)
    {
        var off = said.Utc - line.Utc;
        double unwatched = ((Pending?.Since ?? said.At) - agreed.At).Seconds;
        return off.Magnitude.Seconds <= (Generous * (line.MaxError + said.MaxError).Seconds) + Plausible(unwatched)
            || IsChangeOfRate(said, agreed, off);
    }

    /// <summary>The sources' line, laid backwards, meets the clock's after they agreed last.</summary>
    private static bool IsChangeOfRate(in SourceEstimate said, in SourceEstimate agreed, Duration off)
    {
        if ((said.Rate - agreed.Rate).Magnitude.Fraction > DelayEstimator.WildestRate)
        {
            return false;
        }

        var then = said.MovedTo(agreed.At).Utc - agreed.Utc;
        double doubt = (Generous * (agreed.MaxError + said.MaxError).Seconds)
            + (SourceEstimate.ErrorSigmas * said.Covariance.RateSigma.Fraction * (said.At - agreed.At).Seconds); // s
        return then.Sign != off.Sign || then.Magnitude.Seconds <= doubt;
    }

    /// <summary>What an oscillator may do in so many seconds in which nobody looks, s.</summary>
    private static double Plausible(double elapsed) =>
        elapsed <= 0 ? 0 : (DelayEstimator.PlausibleChange + (DelayEstimator.PlausibleWander * Math.Sqrt(elapsed))) * elapsed;
}
