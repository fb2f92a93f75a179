using TimeSuite.Time;

namespace TimeSuite.Simulation;

/// <summary>Which clock the daemons steer.</summary>
public enum Actuator
{
    /// <summary>clockd's shadow: lines over the oscillator, in force at once, of any slope.</summary>
    Ideal,

    /// <summary>The kernel's phase-locked loop, in whole seconds.</summary>
    Kernel,
}

/// <summary>What a simulation is made of. Lengths in s, rates in s/s, shares from 0 to 1; the defaults are chrony's test.common.</summary>
public sealed record Setup
{
    /// <summary>Length.</summary>
    public double Limit { get; init; } = 10_000;

    /// <summary>When scoring begins; negative: a fifth of the length.</summary>
    public double From { get; init; } = -1;

    /// <summary>UTC at the beginning, s since 1970: 2027-03-15 12:00, later than any build and no day of a leap second.</summary>
    public long Start { get; init; } = 1_805_112_000;

    public Actuator Actuator { get; init; }

    // The host's clock.
    public double Offset { get; init; } = 0.1;

    public double Frequency { get; init; } = 1e-4;

    /// <summary>Random walk of the rate, deviation after t seconds over sqrt(t), 1/sqrt(s).</summary>
    public double Wander { get; init; } = 1e-9;

    /// <summary>Floor of the Allan deviation.</summary>
    public double Flicker { get; init; }

    /// <summary>Deviation of an independent rate error in each second.</summary>
    public double WhiteFm { get; init; }

    public double Sine { get; init; }

    public double SinePeriod { get; init; } = 1000;

    /// <summary>s/s per s.</summary>
    public double Ramp { get; init; }

    public double RampFrom { get; init; }

    public double RampTo { get; init; } = 1e300;

    public double Jump { get; init; }

    public double JumpAt { get; init; } = 1e300;

    public int ShiftPll { get; init; } = 2;

    // The way to each server.
    public double Base { get; init; } = 1e-4;

    public double Jitter { get; init; } = 1e-4;

    /// <summary>Of the jitter: 1 - 2a of it on the way out, 1 + 2a on the way back; -0.5 to 0.5.</summary>
    public double Asymmetry { get; init; }

    /// <summary>Of the base delay, likewise.</summary>
    public double BaseAsymmetry { get; init; }

    public DelayShape Delay { get; init; } = DelayShape.Exponential;

    /// <summary>Share of packets with another exponential of mean <see cref="Spike"/>.</summary>
    public double Spikes { get; init; }

    public double Spike { get; init; } = 0.05;

    /// <summary>Mean of another exponential on the way back, for <see cref="CongestionLength"/> of each <see cref="CongestionPeriod"/>.</summary>
    public double Congestion { get; init; }

    public double CongestionLength { get; init; } = 200;

    public double CongestionPeriod { get; init; } = 1000;

    /// <summary>Mean load of an M/M/1 queue each way, which drifts over minutes; 0: no queue.</summary>
    public double Load { get; init; }

    /// <summary>Mean time that queue takes for a packet.</summary>
    public double Service { get; init; } = 1.2e-4;

    /// <summary>Mean time between changes of the route; 0: none.</summary>
    public double RoutePeriod { get; init; }

    /// <summary>Mean of the exponential that a route adds to each way, each way its own.</summary>
    public double RouteShift { get; init; } = 1e-3;

    public double LossUp { get; init; }

    public double LossDown { get; init; }

    public double Duplicates { get; init; }

    /// <summary>How often a packet comes again, if it is duplicated.</summary>
    public int Copies { get; init; } = 1;

    /// <summary>Share of packets that are held up by up to 3 s, so that later ones overtake them.</summary>
    public double Reorder { get; init; }

    /// <summary>An attacker holds up each reply by this from <see cref="AttackAt"/> on.</summary>
    public double Attack { get; init; }

    /// <summary>...and by so much more each second.</summary>
    public double AttackRamp { get; init; }

    public double AttackAt { get; init; } = 2000;

    /// <summary>No packet passes from then on.</summary>
    public double LinkDies { get; init; } = 1e300;

    /// <summary>No packet passes before.</summary>
    public double LinkUp { get; init; }

    // Stamps.
    public double Resolution { get; init; } = 1e-9;

    /// <summary>Half-width that our stamps claim; their real error is uniform within it.</summary>
    public double StampError { get; init; }

    /// <summary>Share of requests without a kernel's transmit stamp.</summary>
    public double StampLoss { get; init; }

    /// <summary>Share of requests whose stamp comes 10 ms after.</summary>
    public double StampLate { get; init; }

    // The servers.
    public int Servers { get; init; } = 1;

    /// <summary>How many of the first servers lie.</summary>
    public int Falsetickers { get; init; }

    /// <summary>The first one's lie; the second one's is twice as large, and so on.</summary>
    public double FalseOffset { get; init; } = 1;

    /// <summary>The first <see cref="SteppingServers"/> servers step by this at <see cref="ServerStepAt"/>.</summary>
    public double ServerStep { get; init; }

    public double ServerStepAt { get; init; } = 5000;

    public int SteppingServers { get; init; } = 1;

    public double RootDelay { get; init; }

    public double RootDispersion { get; init; }

    /// <summary>The PTP network, if there is one.</summary>
    public PtpSetup Ptp { get; init; } = new();

    // The daemons.
    /// <summary>timesuite.toml: what it says of the daemons and of each of the <see cref="Servers"/>.</summary>
    public ConfigKeys Keys { get; init; } = ConfigKeys.Chrony;

    /// <summary>The [[source]] tables, if they are not the <see cref="Servers"/> with the keys above.</summary>
    public string? Sources { get; init; }

    /// <summary>From the last run: the rate that the drift file says and its sigma; null: no file.</summary>
    public (double Rate, double Sigma)? Drift { get; init; }

    /// <summary>When the daemons start.</summary>
    public double StartAt { get; init; }

    // What befalls the host.
    /// <summary>Mean time between stops of ntpd by a collection or a hypervisor; 0: none.</summary>
    public double PausePeriod { get; init; }

    public double PauseLength { get; init; } = 0.1;

    public double SuspendAt { get; init; } = 1e300;

    public double SuspendLength { get; init; } = 28_800;

    /// <summary>RTC minus true time at waking.</summary>
    public double RtcError { get; init; } = 0.4;

    /// <summary>At the first midnight.</summary>
    public LeapSecond Leap { get; init; }

    /// <summary>The daemons have a leap-seconds.list that knows it.</summary>
    public bool LeapTable { get; init; }

    public double ScoreFrom => From < 0 ? Limit / 5 : From;
}
