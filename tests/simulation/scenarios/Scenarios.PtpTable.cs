namespace TimeSuite.Simulation;

/// <summary>The rows in which ptp4l was measured (reference/simulation.md section 2), with its parameters: a grandmaster and two slaves.</summary>
public static partial class Scenarios
{
    private static readonly Setup s_ptp = new() { Limit = 500, Base = 1e-7, Jitter = 1e-7, Servers = 0, Ptp = new() { Slaves = 2 } };

    private static readonly Setup s_ptpSoftware = s_ptp with
    {
        Limit = 4000, Base = 5e-5, Jitter = 1e-5, Ptp = s_ptp.Ptp with { Stamps = PtpStamps.Software }, Keys = ConfigKeys.Chrony.With("ptp.interfaces", "[\"eth0\"]"),
    };

    private static Scenario[] PtpTable =>
    [
        Row("H", "PTP: linuxptp's defaults, stamps of hardware, jitter of 100 ns", s_ptp),
        Row("H_long", "PTP: the same for 4,000 s", s_ptp with { Limit = 4000 }),
        Row("H_fast", "PTP: 8 Syncs and requests a second", s_ptp with { Ptp = s_ptp.Ptp with { LogSync = -3, LogDelay = -3 } }),
        Row("H_sw", "PTP: stamps of software, 50 us away, jitter of 10 us", s_ptpSoftware),
        Row("H_holdover", "PTP: no network after 4,000 s", s_ptp with { Limit = 5000, LinkDies = 4000, From = 4000 }),
        Row("H_phc2sys", "PTP: the system's clock by a PHC that is true, 250 ns each way to read it, in steps of 50 ns", s_ptpSoftware with { Limit = 500, Base = 2.5e-7, Ptp = s_ptp.Ptp with { Slaves = 1, PhcJitter = 1e-7 } }),
    ];
}
