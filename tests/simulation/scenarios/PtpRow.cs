namespace TimeSuite.Simulation;

/// <summary>A row of the table by which PTP is judged; ptp4l's figures are those of reference/simulation.md, of its PI servo.</summary>
/// <param name="Name">Of the scenario.</param>
/// <param name="Ptp4l">What linuxptp scored, s.</param>
/// <param name="Target">What we want, s.</param>
/// <param name="Judged">By which figure.</param>
/// <param name="What">What the figure is.</param>
/// <param name="HasActuators">ntpd steers: by the ideal clock, and by the kernel's loop.</param>
public sealed record PtpRow(string Name, double Ptp4l, double Target, Func<Figures, double> Judged, string What = "RMS error", bool HasActuators = false)
{
    public static IReadOnlyList<PtpRow> All { get; } =
    [
        new("H", 101e-9, 25e-9, run => run.Rms),
        new("H_long", 95e-9, 25e-9, run => run.Rms),
        new("H_fast", 42e-9, 15e-9, run => run.Rms),
        new("H_sw", 2.72e-6, 0.8e-6, run => run.Rms, HasActuators: true),
        new("H_holdover", 145e-6, 20e-6, run => run.Drift, "drift in 1,000 s"),
        new("H_phc2sys", 106e-9, 30e-9, run => run.Rms, HasActuators: true),
    ];

    /// <summary>What is played for it.</summary>
    public Scenario Scenario => Scenarios.Find(Name)!;

    public IReadOnlyList<Actuator> Actuators => HasActuators ? [Actuator.Ideal, Actuator.Kernel] : [Actuator.Ideal];
}
