using System.Globalization;
using Microsoft.Extensions.Logging;
using TimeSuite.Discipline;
using TimeSuite.Host;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.State;

/// <summary>The oscillator's rate, kept over reboots: <c>STATE/ntpd/drift</c>, one line "timesuite-drift 1 RATE SIGMA" in ppb.</summary>
internal sealed class DriftFile(string path, ILogger<DriftFile> log)
{
    private const double LargestPpb = 500_000; // beyond 500 ppm it is no oscillator but a mistake

    private readonly StateFile _file = new(path, limit: 256, log);

    /// <summary>What was stored; null if nothing usable was.</summary>
    public DriftState? Read(Instant<Utc> now)
    {
        DriftState? drift = null;
        _file.ReadText(text => TryParse(text, out drift) ? null : "it does not say 'timesuite-drift 1 RATE SIGMA' with a rate within 500 ppm", now);
        return drift;
    }

    public void Write(DriftState drift) =>
        _file.WriteText(string.Create(CultureInfo.InvariantCulture, $"timesuite-drift 1 {drift.Rate.Ppb:F4} {drift.Sigma.Ppb:F4}\n"));

    private static bool TryParse(string text, out DriftState? drift)
    {
        drift = null;
        if (text.TrimEnd('\n').Split(' ') is not ["timesuite-drift", "1", var rateField, var sigmaField]
            || !double.TryParse(rateField, NumberStyles.Float, CultureInfo.InvariantCulture, out double rate) || !(Math.Abs(rate) <= LargestPpb)
            || !double.TryParse(sigmaField, NumberStyles.Float, CultureInfo.InvariantCulture, out double sigma) || !(sigma is >= 0 and <= LargestPpb))
        {
            return false;
        }

        drift = new(FrequencyOffset.FromPpb(rate), FrequencyOffset.FromPpb(sigma));
        return true;
    }
}
