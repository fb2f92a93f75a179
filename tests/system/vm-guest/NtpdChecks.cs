using TimeSuite.Linux;
using TimeSuite.Time;
using static TimeSuite.Linux.Timex;

namespace TimeSuite.System.VmGuest;

/// <summary>ntpd and clockd keep the machine's clock on a reference's time, and somebody or something disturbs them.</summary>
internal static class NtpdChecks
{
    /// <summary>What goes beyond the reference's 30 ppm, less 2 ppm for the doubt.</summary>
    private const double SlowestSlew = Pair.Frequency - 500 - 2, FastestSlew = Pair.Frequency + 500 + 2;

    private static Pair? s_pair;

    public static IEnumerable<(string Name, Action Run)> All =>
    [
        (nameof(The_clock_is_stepped_at_the_start_and_then_kept_within_its_bound), The_clock_is_stepped_at_the_start_and_then_kept_within_its_bound),
        (nameof(Somebody_elses_step_is_noticed_and_slewed_back_within_policy), Somebody_elses_step_is_noticed_and_slewed_back_within_policy),
        (nameof(A_killed_ntpd_leaves_no_slew_and_the_next_one_goes_on), A_killed_ntpd_leaves_no_slew_and_the_next_one_goes_on),
        (nameof(Somebody_elses_step_beyond_policy_is_not_called_synchronised), Somebody_elses_step_beyond_policy_is_not_called_synchronised),
        (nameof(A_suspended_machine_is_believed_again_only_when_it_was_measured_anew), A_suspended_machine_is_believed_again_only_when_it_was_measured_anew),
        (nameof(Where_policy_allows_somebody_elses_steps_are_stepped_back), Where_policy_allows_somebody_elses_steps_are_stepped_back),
    ];

    private static double FrequencyNow => GuestClock.Read().freq / 65_536.0; // ppm

    private static void The_clock_is_stepped_at_the_start_and_then_kept_within_its_bound()
    {
        var pair = Begin();
        pair.StaysRight(40);
        var timex = GuestClock.Read();
        Check.That((timex.status & STA_UNSYNC) == 0 && timex.maxerror < 10_000, $"status {timex.status:x}, maximum error {timex.maxerror}");
        Check.That(Math.Abs(FrequencyNow - Pair.Frequency) < 1, $"frequency {FrequencyNow} ppm of {Pair.Frequency}");
        Check.That(pair.Steps == 1 && pair.Machine.Ntpd.Count("refused") == 0, pair.Logs);
    }

    private static void Somebody_elses_step_is_noticed_and_slewed_back_within_policy()
    {
        var pair = Begin();
        int steps = pair.Steps;
        pair.Disturb(0.2);
        GuestClock.WaitForFraction(0.1); // the kernel begins with the next second
        var (slowest, fastest) = RatesOf(pair.Honest(TrueError.Over(pair.Machine, pair.Reference, 20)));
        Check.That(slowest > SlowestSlew && fastest < -200, $"rates {slowest} to {fastest} ppm");

        pair.Disturb(-0.17); // so that the rest does not take all day
        GuestClock.WaitForFraction(0.1);
        var seen = pair.Honest(TrueError.Until(pair.Machine, pair.Reference, 300, "slewed back", pair.IsRight));
        (slowest, fastest) = RatesOf(seen);
        Check.That(slowest is > SlowestSlew and < -200 && fastest < 2 * Pair.Frequency, $"rates {slowest} to {fastest} ppm");
        pair.StaysRight(10);
        Check.That(pair.Steps == steps, pair.Logs);
    }

    private static void A_killed_ntpd_leaves_no_slew_and_the_next_one_goes_on()
    {
        var pair = Begin();
        int steps = pair.Steps;
        pair.Disturb(-0.03);
        GuestClock.Sleep(Duration.FromSeconds(4L));
        Check.That(GuestClock.Read().offset > 10_000_000, $"offset {GuestClock.Read().offset}: the slew goes on");
        pair.Machine.Ntpd.Kill();
        GuestClock.Sleep(Duration.FromSeconds(2L));
        var (slowest, fastest) = RatesOf(pair.Honest(TrueError.Over(pair.Machine, pair.Reference, 8)));
        Check.That(GuestClock.Read().offset == 0, $"offset {GuestClock.Read().offset}");
        Check.That(slowest > Pair.Frequency - 2 && fastest < Pair.Frequency + 2, $"rates {slowest} to {fastest} ppm");

        pair.Machine.RestartNtpd();
        var seen = pair.Honest(TrueError.Until(pair.Machine, pair.Reference, 300, "right again", pair.IsRight));
        (slowest, fastest) = RatesOf(seen);
        Check.That(slowest > 0 && fastest < FastestSlew, $"rates {slowest} to {fastest} ppm");
        Check.That(pair.Steps == steps, pair.Logs);
    }

    private static void Somebody_elses_step_beyond_policy_is_not_called_synchronised()
    {
        var pair = Begin();
        int steps = pair.Steps;
        pair.Disturb(-3);
        pair.Machine.Ntpd.WaitForLog("off by more than clockd's policy lets be slewed", 5);
        GuestClock.Sleep(Duration.FromSeconds(1L));
        var seen = TrueError.Over(pair.Machine, pair.Reference, 20);
        Check.That(seen.TrueForAll(look => !look.IsClaimed), $"{seen.Count(look => look.IsClaimed)} claims; {pair.Logs}");
        Check.That((GuestClock.Read().status & STA_UNSYNC) != 0, "the kernel says synchronised");
        Check.Near(Duration.FromSeconds(-3L), seen[^1].Error, Duration.FromSeconds(0.001), "what policy forbids is not done by halves");

        pair.Disturb(3); // whoever did it takes it back
        pair.BecomesRight(60);
        Check.That(pair.Steps == steps, pair.Logs);
    }

    private static void A_suspended_machine_is_believed_again_only_when_it_was_measured_anew()
    {
        var pair = Begin();
        var (before, slept) = (Clocks.Suspended(), Duration.Zero);
        for (int attempt = 0; attempt < 4 && slept < Duration.FromSeconds(0.2); attempt++)
        {
            GuestClock.Suspend(); // how long it was the kernel asks the hardware clock, and is wrong by up to a second
            slept = Clocks.Suspended() - before;
        }

        var first = TrueError.Now(pair.Machine, pair.Reference);
        Check.That(slept >= Duration.FromSeconds(0.2), $"suspended for {slept}");
        Check.That(!first.IsClaimed, $"right after it: {first}");
        pair.Machine.Ntpd.WaitForLog("The machine was suspended for", 5);
        pair.Honest(TrueError.Until(pair.Machine, pair.Reference, 20, "believed again", look => look.IsClaimed));
        pair.BecomesRight(120);
        Check.That(Math.Abs(FrequencyNow - Pair.Frequency) < 2, $"frequency {FrequencyNow} ppm of {Pair.Frequency}");
    }

    private static void Where_policy_allows_somebody_elses_steps_are_stepped_back()
    {
        s_pair?.Dispose();
        s_pair = null;
        GuestClock.Reset();
        using var pair = Pair.Start("300ms", forMachine: """
            [clock]
            later-steps-per-day = 10
            max-later-step = "10 s"
            [selection]
            step-limit = -1
            """);
        foreach (double offset in (double[])[0.2, -3])
        {
            int steps = pair.Steps;
            pair.Disturb(offset);
            pair.BecomesRight(5);
            pair.StaysRight(10);
            Check.That(pair.Steps == steps + 1, pair.Logs);
        }
    }

    /// <summary>The clock is right: the pair of the check before, unless it left a mess.</summary>
    private static Pair Begin()
    {
        if (s_pair is { } pair && pair.IsRight(TrueError.Now(pair.Machine, pair.Reference)))
        {
            return pair;
        }

        s_pair?.Dispose();
        s_pair = null;
        GuestClock.Reset();
        return s_pair = Pair.Start("300ms");
    }

    /// <summary>Rates against the raw oscillator between looks, ppm.</summary>
    private static (double Slowest, double Fastest) RatesOf(List<TrueError> seen)
    {
        var rates = seen.Zip(seen.Skip(1), (a, b) => 1e6 * (b.AheadOfRaw - a.AheadOfRaw).Seconds / (b.At - a.At).Seconds).ToList();
        return (rates.Min(), rates.Max());
    }
}
