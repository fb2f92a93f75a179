using Spectre.Console.Rendering;
using TimeSuite.Rpc.Ntp.V1;
using TimeSuite.Rpc.Nts.V1;

namespace TimeSuite.Ctl;

/// <summary><c>timectl status</c>: the state of the clock, for people.</summary>
internal static class StatusView
{
    public static IRenderable Of(Tracking tracking, IReadOnlyList<ServerCertificate> certificates) => Tables.Facts([
        .. Facts(tracking), .. certificates.Select(one => ("Certificate", $"{Safe.Text(one.Names.FirstOrDefault(""))}: {NtsViews.Expiry(one)}"))]);

    private static IEnumerable<(string Name, string Text)> Facts(Tracking tracking)
    {
        yield return ("Synchronised", Synchronised(tracking));
        if (tracking.Explanation.Length > 0)
        {
            yield return ("Why", Safe.Text(tracking.Explanation, 200));
        }

        if (tracking.Alarm.Length > 0)
        {
            yield return ("Alarm", Safe.Text(tracking.Alarm, 300));
        }

        yield return ("Clock", $"{OffsetInWords(tracking)} ({Kind(tracking)})");
        yield return ("Error at most", KnowsNothing(tracking) ? "unknown" : $"{Units.Time(tracking.Bound)} (standard deviation {Units.Time(tracking.Sigma)})");
        if (tracking.AccuracyTarget is not null)
        {
            yield return ("Accuracy target", $"{Units.Time(tracking.AccuracyTarget)}, {(tracking.AccuracyMet ? "met" : "not met")}: {Safe.Text(tracking.AccuracyReason, 200)}");
        }

        yield return ("Being slewed off", Units.SignedTime(tracking.PendingPhase));
        yield return ("Last offset", $"{Units.SignedTime(tracking.LastOffset)} (RMS {Units.Time(tracking.RmsOffset)})");
        yield return ("Frequency", $"{RateInWords(tracking.FrequencyPpb)} ({(HasMeasured(tracking) ? $"residual {Units.SignedRate(tracking.ResidualFrequencyPpb)}, skew {Units.Rate(tracking.SkewPpb)}" : "residual and skew unknown")})");
        yield return ("Root delay", $"{Units.Time(tracking.RootDelay)} (dispersion {Units.Time(tracking.RootDispersion)})");
        yield return ("Last update", !HasMeasured(tracking) ? "unknown"
            : Units.Seconds(tracking.UpdateInterval) is 0 or double.NaN ? $"{Units.Utc(tracking.ReferenceTime)} (the first)"
            : $"{Units.Utc(tracking.ReferenceTime)} (every {Units.Roughly(Units.Seconds(tracking.UpdateInterval))})");
        yield return ("Leap second", LeapInWords(tracking));
        yield return ("clockd", Clockd(tracking));
        yield return ("ntpd", $"{Safe.Text(tracking.Version)}, up {Units.Roughly(Units.Seconds(tracking.Uptime))}, {Units.Number(tracking.PacketsPerHour, "0")} packets an hour");
    }

    /// <summary>Nothing has been measured, and nobody says that the clock is right all the same.</summary>
    public static bool KnowsNothing(Tracking tracking) => tracking.Offset is null && !tracking.Synchronized;

    /// <summary>The offset, or that there is none to speak of.</summary>
    public static string OffsetInWords(Tracking tracking) => OffsetInWords(KnowsNothing(tracking) ? double.NaN : Units.Seconds(tracking.Offset));

    /// <summary>Positive: the clock is behind.</summary>
    public static string OffsetInWords(double seconds) => seconds switch
    {
        _ when !double.IsFinite(seconds) => "offset unknown",
        0 => "no offset from true time",
        > 0 => $"{Units.Time(seconds)} behind true time",
        _ => $"{Units.Time(-seconds)} ahead of true time",
    };

    private static bool HasMeasured(Tracking tracking) => tracking.ReferenceTime is not null;

    /// <summary>It may answer and refuse: another ntpd holds the lease.</summary>
    private static string Clockd(Tracking tracking) => tracking switch
    {
        { ClockdConnected: true } => "connected",
        { ClockdReason: "" } => "does not answer: the clock is not steered; systemctl status timesuite-clockd",
        _ => $"the clock is not steered: {Safe.Text(tracking.ClockdReason, 200)}",
    };

    private static string Synchronised(Tracking tracking)
    {
        string to = tracking.ReferenceName.Length > 0
            ? $"{Safe.Text(tracking.ReferenceName)} [{Units.ReferenceId(tracking.ReferenceId, tracking.Stratum)}]"
            : Units.ReferenceId(tracking.ReferenceId, tracking.Stratum);
        return tracking.Synchronized
            ? Units.Invariant($"yes, to {to}, stratum {tracking.Stratum}{(tracking.Holdover ? ", in holdover" : "")}")
            : tracking.Holdover ? "no, in holdover" : "no";
    }

    /// <summary>Positive correction: the oscillator is slow.</summary>
    private static string RateInWords(double ppb) => ppb switch
    {
        _ when !double.IsFinite(ppb) => "unknown",
        0 => "no correction",
        > 0 => $"{Units.Rate(ppb)} slow, corrected",
        _ => $"{Units.Rate(-ppb)} fast, corrected",
    };

    private static string Kind(Tracking tracking) => tracking.ClockKind switch
    {
        "system" => "system clock",
        "shadow" => "shadow clock: the system's is left alone",
        _ => "unknown clock",
    };

    private static string LeapInWords(Tracking tracking)
    {
        string what = tracking.Leap switch
        {
            Rpc.Time.V1.LeapSecond.None => "none announced",
            Rpc.Time.V1.LeapSecond.Insert => "one is inserted at the end of the day",
            Rpc.Time.V1.LeapSecond.Delete => "one is left out at the end of the day",
            _ => Units.Unknown,
        };
        return tracking.TaiOffsetS != 0 ? Units.Invariant($"{what} (TAI - UTC = {tracking.TaiOffsetS} s)") : what;
    }
}
