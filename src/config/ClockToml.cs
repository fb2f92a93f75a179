using System.Globalization;
using TimeSuite.Policy;
using TimeSuite.Time;

namespace TimeSuite.Config;

/// <summary>[clock] as written to <see cref="ClockConfig"/>.</summary>
internal static class ClockToml
{
    private static readonly Duration Day = Duration.FromSeconds(86_400L);

    /// <summary>What the names in <c>policy</c> stand for.</summary>
    private static readonly (string Word, PolicyLimits Value)[] Policies =
        [.. new[] { PolicyLimits.Default, PolicyLimits.ChronyLike, PolicyLimits.Strict }.Select(policy => (policy.Name, policy))];

    public static ClockConfig Read(TableReader table)
    {
        var policy = table.Choice("policy", Policies[0].Value, Policies);
        var limits = policy with
        {
            MaxFrequency = table.Frequency("max-frequency", policy.MaxFrequency, FrequencyOffset.FromPpm(1), FrequencyOffset.FromPpm(500)),
            MaxSlewRate = table.Frequency("max-slew-rate", policy.MaxSlewRate, FrequencyOffset.FromPpm(1), FrequencyOffset.FromPpm(100_000)),
            MaxSlewedPhasePerDay = table.Duration("max-slewed-phase-per-day", policy.MaxSlewedPhasePerDay, Duration.Zero, Day, "from 0 s to 24 h"),
            BootSteps = table.Int("boot-steps", policy.BootSteps, 0, 100),
            LaterStepsPerDay = table.Int("later-steps-per-day", policy.LaterStepsPerDay, 0, 100),
            MaxLaterStep = table.Duration("max-later-step", policy.MaxLaterStep, Duration.Zero, Day, "from 0 s to 24 h"),
            Lease = table.Duration("lease", policy.Lease, Duration.FromSeconds(1L), Duration.FromSeconds(60L), "from 1 s to 60 s"),
            MinBoundGrowth = table.Frequency("min-bound-growth", policy.MinBoundGrowth, FrequencyOffset.Zero, FrequencyOffset.FromPpm(1_000)),
        };

        if (limits.LaterStepsPerDay > 0 && limits.MaxLaterStep == Duration.Zero && table.Has("later-steps-per-day"))
        {
            table.Refuse("later-steps-per-day", "max-later-step must then be above 0 s, or no such step could be made");
        }

        return new()
        {
            Limits = limits,
            Phc = new()
            {
                MaxFrequency = table.Frequency("phc-max-frequency", new PhcLimits().MaxFrequency, FrequencyOffset.FromPpm(1), FrequencyOffset.FromPpm(100_000)),
                Steps = table.Bool("phc-steps", true),
                Lease = limits.Lease,
            },
            RtcSync = table.Bool("rtc-sync", true),
            Steerers = table.Texts("steerers", IsUser, UserIsWrong) ?? [],
            Readers = table.Texts("readers", IsUser, UserIsWrong) ?? [],
        };
    }

    private const string UserIsWrong = "must be a user's name (letters, digits, - and _) or number, e.g. \"timesuite-ntp\"";

    /// <summary>useradd(8): a letter or underscore first, 32 characters at most; or a uid.</summary>
    private static bool IsUser(string text) =>
        text.Length is > 0 and <= 32
        && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_')
        && (char.IsAsciiLetter(text[0]) || text[0] == '_' || uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _));
}
