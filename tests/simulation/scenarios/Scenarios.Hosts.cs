using TimeSuite.Linux;

namespace TimeSuite.Simulation;

/// <summary>Hosts that stop, sleep, stamp badly, are meddled with, or lose their ntpd.</summary>
public static partial class Scenarios
{
    private static readonly Setup s_kernel = new() { Actuator = Actuator.Kernel };

    private static Scenario[] Hosts =>
    [
        Checked("pauses", "threat 45: ntpd stops for 2 s, every two minutes", new() { PausePeriod = 120, PauseLength = 2 }),
        Checked("pauses-of-the-kernel-loop", "the same while the kernel slews", s_kernel with { PausePeriod = 120, PauseLength = 2 }),
        Checked("stopped-for-minutes", "threat 45: for 100 s, every 20 minutes", new() { PausePeriod = 1200, PauseLength = 100 }, sync: 1000),
        new Scenario("suspend", "threat 46: the machine sleeps for 8 h") { Setup = s_kernel with { SuspendAt = 5000, Limit = 45_000, From = 36_000 } }
            .Says("suspended").Keeps(rms: 1e-3, max: 5e-3).Honest().Synchronized(),
        new Scenario("suspend-of-a-shadow", "threat 46: the same in shadow") { Setup = new() { SuspendAt = 5000, Limit = 45_000, From = 36_000 } }
            .Says("suspended").Keeps(rms: 1e-3, max: 5e-3).Honest().Synchronized(),
        new Scenario("snapshot-restored", "threat 47: the machine wakes a day later, its RTC a minute off")
        {
            Setup = s_kernel with { SuspendAt = 5000, SuspendLength = 86_400, RtcError = -60, Limit = 100_000, From = 5000, Keys = Keys(("clock.later-steps-per-day", "1"), ("clock.max-later-step", "\"10 min\"")) },
        }.Honest().Expect("error at the end, s", run => Math.Abs(run.Figures.FinalError), 1e-3),
        Checked("no-transmit-stamps", "chrony 012, threat 85: the kernel gives no transmit stamps", new() { StampLoss = 1 }),
        Checked("lost-transmit-stamps", "threat 77: a third of them is missing", new() { StampLoss = 0.33 }),
        Checked("late-transmit-stamps", "threat 77: they come after the reply", new() { StampLate = 1 }),
        Checked("coarse-stamps", "threat 85: a clock of 1 us", new() { Resolution = 1e-6 }),
        Checked("noisy-stamps", "stamps that are off by up to 50 us", new() { StampError = 50e-6 }),
        Meddled("external-step", "chrony 005, threat 52: another program steps by 1 ms", 1e-3, new()),
        Meddled("external-step-of-100-s", "chrony 005, threat 52: by 100 s, slewed back at 8 %", 100, new() { Keys = Keys(("clock.policy", "\"chrony-like\"")) }),
        Meddled("external-step-stepped-back", "chrony 109, threat 52: by 100 s, and a step back is allowed", 100, new()
        {
            Keys = Keys(("selection.step-limit", "-1"), ("clock.later-steps-per-day", "2"), ("clock.max-later-step", "\"10 min\"")),
        }).Expect("steps, the first one too", run => run.Figures.Steps, 2, 2),
        new Scenario("external-step-beyond-policy", "threat 52: by 1e8 s, which policy does not allow to be corrected")
        {
            Setup = s_kernel, Script = world => world.At(5000, () => world.Client.Host.SetBy(1e8)),
        }.Says("stepped").Expect("rate error", run => run.Figures.FreqMax, 1e-3).Honest(),
        new Scenario("second-daemon", "threat 53: another daemon turns the rate every 64 s")
        {
            Setup = s_kernel,
            Script = world => world.Every(64, 3000, () =>
            {
                var timex = new Timex { modes = Timex.ADJ_FREQUENCY, freq = world.Client.Host.Kernel.Freq + (20 << 16) };
                world.Client.Host.Kernel.Adjust(ref timex);
            }),
        }.Says("does a second time daemon run", most: 1).Keeps(rms: 3e-4, max: 3e-3).Honest(oneRun: 0.997),
        Checked("ntpd-killed", "threat 41: ntpd is killed every 1,000 s and forgets", s_kernel, timeMax: 2e-3) with
        {
            Script = world => world.Every(1000, 1000, world.Client.RestartNtpd),
        },
        Checked("frequency-does-not-accumulate", "chrony 201: a long slew leaves no rate behind", new() { Offset = 0.9, Keys = Keys(("clock.policy", "\"chrony-like\""), ("selection.step-limit", "0")) }, sync: 1000, freqMax: 0.09)
            .Expect("rate beyond the oscillator's at the end, s/s", run => Math.Abs(run.Client.Correction + run.Client.Host.RawRate), 2e-7),
    ];

    private static Scenario Meddled(string name, string endures, double step, Setup setup) => new Scenario(name, endures)
    {
        Setup = setup with { Actuator = Actuator.Kernel, From = 2000 },
        Script = world => world.At(5000, () => world.Client.Host.SetBy(step)),
    }.Says("stepped").Expect("error 2,500 s after, s", run => run.Score.MaxBetween(7500, 10_000), 1e-3).Honest();
}
