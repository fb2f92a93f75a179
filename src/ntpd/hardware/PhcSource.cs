using TimeSuite.Config;
using TimeSuite.Discipline;
using TimeSuite.Linux;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Hardware;

/// <summary>A hardware clock that somebody else sets, as a source: readings become samples. Pure: it opens nothing.</summary>
/// <param name="id">Under which the discipline knows it.</param>
/// <param name="config">[[source]] phc.</param>
internal sealed class PhcSource(SourceId id, SourceConfig config)
{
    private static readonly Duration Resolution = Duration.FromNanoseconds(1);

    public SourceId Id => id;

    public SourceConfig Config => config;

    public string Name => $"phc:{config.Name}";

    /// <summary>Samples that were made.</summary>
    public ulong Samples { get; private set; }

    /// <summary>The last one.</summary>
    public Instant<Raw>? LastSample { get; private set; }

    /// <summary>Why it cannot be used; null: it can.</summary>
    public string? Doubt { get; set; } = "not read yet";

    /// <summary>What the discipline should know beside the samples. A clock of this machine is a reference, as a radio clock is.</summary>
    public SourceState State => new() { Reachable = Doubt is null, SaysUnsynchronized = Doubt is not null, Stratum = 1, Leap = LeapSecond.None };

    public SourceOptions Options => new()
    {
        Name = Name, Prefer = config.Prefer, NoSelect = config.NoSelect, Trust = config.Trust, Require = config.Require, Offset = config.Offset,
        MinPoll = Duration.FromSeconds(1L), MaxPoll = Duration.FromSeconds(1L),
    };

    /// <summary>Makes a sample: the way there and back is our reading of it.</summary>
    /// <param name="reading">What was seen.</param>
    /// <param name="leaps">The leap table; null: there is none.</param>
    /// <param name="sample">The sample.</param>
    /// <returns>False if the clock shows TAI and nobody knows what UTC is then.</returns>
    public bool TrySample(in PhcReading reading, LeapSeconds? leaps, out Sample sample)
    {
        sample = default;
        var offset = config.IsUtc ? 0 : TaiMinusUtc(reading, leaps);
        Doubt = offset is null ? "it shows TAI, and what that is ahead of UTC is not known: name a leap table in [leap], or say phc-scale = \"utc\"" : null;
        if (offset is not { } seconds || LastSample >= reading.Raw)
        {
            return false;
        }

        var utc = new Instant<Utc>(reading.Phc.SinceEpoch - Duration.FromSeconds((long)seconds));
        sample = new()
        {
            Forward = new(reading.Raw - reading.HalfWidth, utc), Backward = new(reading.Raw + reading.HalfWidth, utc), Resolution = Resolution, RootDispersion = config.Accuracy,
        };
        LastSample = reading.Raw;
        Samples++;
        return true;
    }

    private static int? TaiMinusUtc(in PhcReading reading, LeapSeconds? leaps)
    {
        var tai = new Instant<Utc>(reading.Phc.SinceEpoch);
        return leaps?.TaiMinusUtc(tai) is { } rough ? leaps.TaiMinusUtc(tai - Duration.FromSeconds((long)rough)) : null;
    }
}
