using TimeSuite.Time;

namespace TimeSuite.Config;

/// <content>What a master is believed, what this one says of itself, and what belongs to one profile alone.</content>
public sealed partial record PtpConfig
{
    public enum PtpPowerVersion
    {
        Year2011,
        Year2017,
    }

    /// <summary>Where a grandmaster says that its time comes from (IEEE 1588-2019 table 6).</summary>
    public enum PtpTimeSource
    {
        Atomic,
        Gnss,
        Radio,
        Ptp,
        Ntp,
        Other,
        Internal,
    }

    /// <summary>A master whose time moves by more against our oscillator is not used until that is confirmed; null: never mind.</summary>
    public Duration? MaxJump { get; init; } = Duration.FromSeconds(1L);

    /// <summary>A jump is confirmed when it has lasted so long.</summary>
    public Duration JumpConfirmation { get; init; } = Duration.FromSeconds(600L);

    /// <summary>A hardware clock that is once right is stepped if it is off by more, and slewed if by less; null: never stepped.</summary>
    public Duration? StepThreshold { get; init; } = DefaultStepThreshold;

    /// <summary>1 to 255; a master of a worse clock class is not followed. Null: any is.</summary>
    public int? MaxClockClass { get; init; }

    /// <summary>6 to 255: of this clock while it is synchronised; null: 248, which claims nothing.</summary>
    public int? ClockClass { get; init; }

    /// <summary>0 to 65535: the offsetScaledLogVariance of this clock while it is synchronised (IEEE 1588-2019 clause 7.6.3.3); null: the profile's.</summary>
    public int? ClockVariance { get; init; }

    /// <summary>What a grandmaster says while its clock is synchronised; null: ntp, or with a pulse other.</summary>
    public PtpTimeSource? TimeSource { get; init; }

    /// <summary>1 to 255: this host's own preference, for itself and for the masters of its ports (G.8275).</summary>
    public int LocalPriority { get; init; } = 128;

    /// <summary>gPTP, log2 s: what a slave asks for once it has the time; null: nothing.</summary>
    public int? OperationalSyncInterval { get; init; }

    /// <summary>gPTP, log2 s: between Pdelay_Req once a slave has the time; null: as before.</summary>
    public int? OperationalDelayInterval { get; init; }

    /// <summary>Whose TLV a power grid's clock sends.</summary>
    public PtpPowerVersion PowerVersion { get; init; } = PtpPowerVersion.Year2017;

    /// <summary>IEEE C37.238: the grandmaster's short name, 0 to 65535.</summary>
    public int GrandmasterId { get; init; }

    /// <summary>IEEE C37.238: how wrong what this clock adds may be.</summary>
    public Duration TimeInaccuracy { get; init; } = Duration.FromNanoseconds(1000);

    private static Duration DefaultStepThreshold => Duration.FromNanoseconds(10_000_000); // 20 s at the 500 ppm of a slew

    private static PtpConfig ReadPolicy(TableReader table, PtpConfig config)
    {
        bool anyJump = table.TryGet("max-jump", out var jump) && jump is TomlScalar { Value: "any" };
        bool neverSteps = table.TryGet("step-threshold", out var step) && step is TomlScalar { Value: "never" };
        return config with
        {
            MaxJump = anyJump ? null : table.Duration("max-jump", Duration.FromSeconds(1L), Duration.FromNanoseconds(1_000_000), Duration.FromSeconds(86_400L), "from 1 ms to 1 d, or \"any\""),
            JumpConfirmation = table.Duration("jump-confirmation", Duration.FromSeconds(600L), Duration.FromSeconds(1L), Duration.FromSeconds(31_536_000L), "from 1 s to 365 d"),
            StepThreshold = neverSteps ? null : table.Duration("step-threshold", DefaultStepThreshold, Duration.FromNanoseconds(1_000), Duration.FromSeconds(1000L), "from 1 us to 1000 s, or \"never\""),
            MaxClockClass = table.Int("max-clock-class", 1, 255),
            ClockClass = table.Int("clock-class", 6, 255),
            ClockVariance = table.Int("clock-variance", 0, ushort.MaxValue),
            TimeSource = table.Choice<PtpTimeSource?>(
                "time-source", null, ("atomic", PtpTimeSource.Atomic), ("gnss", PtpTimeSource.Gnss), ("radio", PtpTimeSource.Radio), ("ptp", PtpTimeSource.Ptp),
                ("ntp", PtpTimeSource.Ntp), ("other", PtpTimeSource.Other), ("internal", PtpTimeSource.Internal)),
            LocalPriority = table.Int("local-priority", 128, 1, 255),
            OperationalSyncInterval = table.Int("operational-sync-interval", -7, 7),
            OperationalDelayInterval = table.Int("operational-delay-interval", -7, 7),
            PowerVersion = table.Choice("power-version", PtpPowerVersion.Year2017, ("2011", PtpPowerVersion.Year2011), ("2017", PtpPowerVersion.Year2017)),
            GrandmasterId = table.Int("grandmaster-id", 0, 0, ushort.MaxValue),
            TimeInaccuracy = table.Duration("time-inaccuracy", Duration.FromNanoseconds(1000), Duration.Zero, Duration.FromSeconds(4L), "from 0 s to 4 s"),
        };
    }
}
