using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using TimeSuite.Discipline;
using TimeSuite.Linux;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.State;

/// <summary>The oscillator's rate, kept over reboots: <c>STATE/ntpd/drift</c>, one line "timesuite-drift 1 RATE SIGMA" in ppb.</summary>
internal sealed partial class DriftFile(string path, ILogger<DriftFile> log)
{
    private const int LongestFile = 256;
    private const double LargestPpb = 500_000; // beyond 500 ppm it is no oscillator but a mistake

    /// <summary>What was stored; null if nothing usable was. A file that makes no sense is set aside, with a warning.</summary>
    public DriftState? Read(Instant<Utc> now)
    {
        var outcome = AtomicFile.Read(path, LongestFile, out byte[] content);
        if (outcome == FileOutcome.Absent)
        {
            return null;
        }

        if (outcome == FileOutcome.Read && TryParse(Encoding.ASCII.GetString(content), out var drift))
        {
            return drift;
        }

        string reason = outcome == FileOutcome.Read ? "it does not say 'timesuite-drift 1 RATE SIGMA' with a rate within 500 ppm" : outcome.ToString();
        try
        {
            LogSetAside(log, path, reason, AtomicFile.SetAside(path, now));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogIgnored(log, path, reason);
        }

        return null;
    }

    public void Write(DriftState drift)
    {
        string line = string.Create(CultureInfo.InvariantCulture, $"timesuite-drift 1 {drift.Rate.Ppb:F4} {drift.Sigma.Ppb:F4}\n");
        AtomicFile.Write(path, Encoding.ASCII.GetBytes(line), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead, isDurable: false);
    }

    internal static bool TryParse(string text, out DriftState? drift)
    {
        drift = null;
        string[] fields = text.TrimEnd('\n').Split(' ');
        if (fields is not ["timesuite-drift", "1", var rateField, var sigmaField]
            || !double.TryParse(rateField, NumberStyles.Float, CultureInfo.InvariantCulture, out double rate) || !(Math.Abs(rate) <= LargestPpb)
            || !double.TryParse(sigmaField, NumberStyles.Float, CultureInfo.InvariantCulture, out double sigma) || !(sigma is >= 0 and <= LargestPpb))
        {
            return false;
        }

        drift = new(FrequencyOffset.FromPpb(rate), FrequencyOffset.FromPpb(sigma));
        return true;
    }

    [LoggerMessage(LogLevel.Warning, "{Path} is not used ({Reason}); it is now {Aside}. The rate will be measured anew")]
    private static partial void LogSetAside(ILogger log, string path, string reason, string aside);

    [LoggerMessage(LogLevel.Warning, "{Path} is not used ({Reason}) and cannot be set aside")]
    private static partial void LogIgnored(ILogger log, string path, string reason);
}
