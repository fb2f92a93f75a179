namespace TimeSuite.Simulation;

/// <summary>Clocks that start wrong, run wrong or change their rate; dates at which counters run over.</summary>
public static partial class Scenarios
{
    private const long Era1 = 2_085_978_496; // 2036-02-07 06:28:16
    private static readonly double[] s_offsets = [-2, -0.2, 0.2, 2, 100, 1e7];

    private static Scenario[] Clocks =>
    [
        Checked("defaults", "chrony 001", new()),
        Checked("kernel-loop", "the kernel's phase-locked loop in whole seconds", new() { Actuator = Actuator.Kernel }),
        Checked("large-frequency", "chrony 003: 450 ppm, just within what the kernel can correct", new() { Frequency = 4.5e-4 }, sync: 1000),
        new Scenario("frequency-beyond-limit", "chrony 003: 5,000 ppm, ten times what the kernel can correct") { Setup = new() { Frequency = 5e-3 } }.Honest(),
        .. s_offsets.Select(offset => Checked(
            FormattableString.Invariant($"initial-offset{offset:+0.###;-0.###}"), "chrony 103: a clock that is off by so many seconds, iburst", new() { Offset = offset, Keys = Keys(("source.iburst", "true")) }, sync: 80)),
        Checked("offset-slewed", "chrony 004: 100 s off, steps forbidden, slewed at 8 %", new() { Offset = 100, Keys = Keys(("clock.policy", "\"chrony-like\""), ("selection.step-limit", "0")) }, sync: 1500, freqMax: 0.09),
        Checked("offset-slewed-by-kernel", "chrony 004: the same with the kernel's loop, in parts of 0.5 s", new() { Offset = 100, Keys = Keys(("clock.policy", "\"chrony-like\""), ("selection.step-limit", "0")), Actuator = Actuator.Kernel }, sync: 2500, freqMax: 0.09),
        Checked("clock-of-1970", "threat 50: the clock begins in 1970, NTP's era has changed", new() { Start = Era1 + 1000, Offset = -(Era1 + 1000), Keys = Keys(("source.iburst", "true")) }, sync: 80),
        Checked("ntp-era", "chrony 008, threat 50: NTP's era ends after 500 s", new() { Start = Era1 - 500 }),
        Checked("year-2038", "threat 51: 32-bit seconds since 1970 run over", new() { Start = (1L << 31) - 500 }),
        Checked("year-2106", "threat 51: unsigned ones too", new() { Start = (1L << 32) - 500 }),
        // A hundred times the wander of most crystals: before the sixth poll or so nobody can tell, and in one run of thirty an error is outside until the next.
        Checked("large-wander", "chrony 007: wander of 1e-7", new() { Wander = 1e-7 }, timeMax: 5e-3, timeRms: 1e-3, freqRms: 1e-4, oneRun: 0.95),
        Checked("flicker", "a crystal with a flicker floor of 1e-8", new() { Flicker = 1e-8 }),
        Checked("white-frequency", "a virtual machine's clock: 0.1 ppm of white frequency noise", new() { WhiteFm = 1e-7 }),
        // Where three or four delays in a row hide the beginning of the ramp (three runs of a hundred), an error is outside until the next poll.
        Checked("temperature-ramp", "1 ppm in 3,000 s and then no more", new() { Ramp = 3.3e-10, RampFrom = 4000, RampTo = 7000 }, oneRun: 0.9),
        Checked("air-conditioning", "0.2 ppm up and down in 1,200 s", new() { Sine = 2e-7, SinePeriod = 1200 }),
        // Nobody can see a jump before the next poll, which is up to 600 s away; a bound that took it in at all times would be a millisecond wide (decision 0004).
        Checked("heater-on", "2 ppm at once", new() { Jump = 2e-6, JumpAt = 5000 }, timeMax: 3e-3, freqRms: 3e-5, inside: 0.9),
        new Scenario("fallback-drift", "chrony 117: 100 ppm up and down in 1,000 s, and no network after 4,250 s")
        {
            Setup = new() { Sine = 1e-4, LinkDies = 4250, Limit = 100_000, From = 300 },
        }.Honest().Keeps(rms: 10, max: 20),
        Checked("drift-file", "chrony 102, 104: the rate is known from before, iburst", new() { Drift = (-1e-4, 1e-8), Keys = Keys(("source.iburst", "true")) }, sync: 10, freqMax: 6e-4),
        new Scenario("server-loss", "threat 54: no server for 10,000 s") { Setup = new() { LinkDies = 10_000, Limit = 20_000, From = 10_000 } }
            .Honest().Expect("drift in 1,000 s, s", run => run.Figures.Drift, 5e-4).Keeps(rms: 5e-3, max: 2e-2),
        Checked("kernel-jitter-10-us", "C's network with the kernel's loop", new() { Base = 1e-5, Jitter = 1e-5, Wander = 1e-8, Actuator = Actuator.Kernel }, timeRms: 1e-4, oneRun: 0.98),
    ];
}
