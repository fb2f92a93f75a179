using TimeSuite.Ptp;
using TimeSuite.Time;

namespace TimeSuite.Simulation;

/// <summary>What stamps the messages of PTP.</summary>
public enum PtpStamps
{
    /// <summary>The PHC, which the servo steers.</summary>
    Hardware,

    /// <summary>The machine's bare oscillator; ntpd steers the system's clock by what is measured.</summary>
    Software,
}

/// <summary>The PTP network of a <see cref="Setup"/>, whose delays, oscillators and stamps hold for it; the defaults are linuxptp's and those of its test suite.</summary>
public sealed record PtpSetup
{
    /// <summary>Clocks that follow the grandmaster on one network; the first is judged. 0: there is no PTP.</summary>
    public int Slaves { get; init; }

    public PtpStamps Stamps { get; init; }

    /// <summary>log2 s.</summary>
    public sbyte LogAnnounce { get; init; } = 1;

    /// <summary>log2 s.</summary>
    public sbyte LogSync { get; init; }

    /// <summary>log2 s: between Delay_Reqs, or Pdelay_Reqs.</summary>
    public sbyte LogDelay { get; init; }

    /// <summary>How the delay is learnt. With peer delays each slave has a link of its own to the grandmaster.</summary>
    public DelayMechanism Delay { get; init; } = DelayMechanism.E2E;

    /// <summary>When the slaves start, s.</summary>
    public double StartAt { get; init; } = 9;

    /// <summary>Mean of a step of the time that reading a PHC takes, s, of which there are five each way on average (reference/simulation.md section 1.4). 0: ntpd does not follow the grandmaster's PHC.</summary>
    public double PhcJitter { get; init; }

    /// <summary>No error beyond this is slewed at first, s; infinite: all are slewed.</summary>
    public double FirstStep { get; init; } = 20e-6;

    /// <summary>No error beyond this is slewed later, s; infinite: all are slewed.</summary>
    public double Step { get; init; } = 10e-3;

    /// <summary>How far a PHC can be turned, s/s.</summary>
    public double MaxFrequency { get; init; } = 0.1;

    /// <summary>How fast phase is worked off at most, s/s.</summary>
    public double MaxSlew { get; init; } = 5e-4;

    /// <summary>A master's jump beyond this is held back by the port for ten minutes, s; infinite: none is.</summary>
    public double MaxJump { get; init; } = double.PositiveInfinity;

    /// <summary>Nobody may be followed but these grandmasters, by the index of their node; empty: anybody.</summary>
    public IReadOnlyList<int> Grandmasters { get; init; } = [];

    /// <summary>What the ports are set to.</summary>
    public PortSettings Port => new()
    {
        DelayMechanism = Delay,
        LogAnnounceInterval = LogAnnounce,
        LogSyncInterval = LogSync,
        LogMinDelayReqInterval = LogDelay,
        LogMinPdelayReqInterval = LogDelay,
        MaxJump = double.IsInfinity(MaxJump) ? null : Duration.FromSeconds(MaxJump),
        AcceptableGrandmasters = Grandmasters.Select(PtpNode.IdentityOf).ToHashSet(),
    };
}
