using System.Globalization;
using TimeSuite.Linux;
using TimeSuite.Time;

namespace TimeSuite.System.VmGuest;

/// <summary>PTP with hardware stamps, against Debian's ptp4l at the other end of the cable.</summary>
internal static class PtpChecks
{
    /// <summary>The cable has 20 ns of jitter, and ptp4l itself wanders by some ns. What a wrong sign or a lost leg would do is 500 ns and more.</summary>
    private static readonly Duration s_close = Duration.FromNanoseconds(100), s_swings = Duration.FromSeconds(30L); // for so long ptp4l's servo swings at first, through zero and away again

    private static readonly Duration s_tai = Duration.FromSeconds(37L);

    public static IEnumerable<(string Name, Action Run)> All =>
    [
        (nameof(A_clock_that_is_25_ppm_wrong_follows_ptp4l), A_clock_that_is_25_ppm_wrong_follows_ptp4l),
        (nameof(It_follows_by_peer_delays_on_Ethernet_too), It_follows_by_peer_delays_on_Ethernet_too),
        (nameof(Ptp4l_follows_a_clock_that_follows_the_systems), Ptp4l_follows_a_clock_that_follows_the_systems),
        (nameof(Lost_and_late_stamps_and_a_flapping_link_are_survived), Lost_and_late_stamps_and_a_flapping_link_are_survived),
        (nameof(A_clock_that_is_unplugged_is_adopted_again), A_clock_that_is_unplugged_is_adopted_again),
        (nameof(The_systems_clock_follows_the_hardware_clock_and_only_clockd_may_write_it), The_systems_clock_follows_the_hardware_clock_and_only_clockd_may_write_it),
        (nameof(A_boundary_clock_keeps_its_two_hardware_clocks_together), A_boundary_clock_keeps_its_two_hardware_clocks_together),
        (nameof(Syncs_go_in_one_step_where_the_hardware_can_and_not_at_all_where_it_cannot), Syncs_go_in_one_step_where_the_hardware_can_and_not_at_all_where_it_cannot),
        (nameof(A_grandmaster_serves_the_time_of_a_pulse_that_comes_into_its_card), A_grandmaster_serves_the_time_of_a_pulse_that_comes_into_its_card),
        (nameof(A_transparent_clock_with_one_clock_for_both_ports_is_stamped_by_it), A_transparent_clock_with_one_clock_for_both_ports_is_stamped_by_it),
        (nameof(A_grandmaster_that_loses_transmit_stamps_goes_on_and_one_that_gets_none_says_so), A_grandmaster_that_loses_transmit_stamps_goes_on_and_one_that_gets_none_says_so),
    ];

    private static void A_clock_that_is_25_ppm_wrong_follows_ptp4l()
    {
        using var lab = new PtpLab("rate_error_ppb=25000,0");
        using var host = new PtpHost("[ptp]\ninterfaces = [\"lab0\"]\n");
        using var master = StartMaster(lab, "-4", "-E");
        FollowsWithin(60, host);
        StaysClose(30, host);
    }

    private static void It_follows_by_peer_delays_on_Ethernet_too()
    {
        using var lab = new PtpLab("rate_error_ppb=-25000,0");
        using var host = new PtpHost("[ptp]\ninterfaces = [\"lab0\"]\ntransport = \"ethernet\"\ndelay = \"p2p\"\ntimestamping = \"hardware\"\nsync-interval = -3\n");
        using var master = StartMaster(lab, "-2", "-P", "--logSyncInterval", "-3");
        FollowsWithin(60, host);
        StaysClose(20, host);
    }

    private static void Ptp4l_follows_a_clock_that_follows_the_systems()
    {
        using var lab = new PtpLab("rate_error_ppb=25000,0");
        using var host = new PtpHost("[ptp]\ninterfaces = [\"lab0\"]\nrole = \"serve\"\n[local]\nstratum = 1\n");
        using var slave = lab.AtTheirs("/bin/ptp4l", "-i", PtpLab.Theirs, "-H", "-4", "-E", "-m", "--slaveOnly", "1", "--uds_address", "/run/ptp4l");
        using var ours = PtpLab.Open(PtpLab.OurClock);
        using var theirs = PtpLab.Open(PtpLab.TheirClock);
        Becomes(60, "our clock shows TAI by the system's, and ptp4l's follows it",
            () => ((PtpLab.AheadOfRaw(ours) - GuestClock.AheadOfRaw - s_tai).Magnitude < Duration.FromNanoseconds(2_000) && Apart(ours, theirs).Magnitude < s_close, $"{PtpLab.AheadOfRaw(ours) - GuestClock.AheadOfRaw - s_tai} from the system's clock, theirs {Apart(theirs, ours)} from ours"), host);
        GuestClock.Sleep(s_swings);
        for (int i = 0; i < 20; i++)
        {
            GuestClock.Sleep(Duration.FromSeconds(1L));
            Check.That(Apart(ours, theirs).Magnitude < Duration.FromNanoseconds(200), $"after {i} s theirs is {Apart(theirs, ours)} from ours; {host.Logs}; {slave.Log}");
        }
    }

    private static void Lost_and_late_stamps_and_a_flapping_link_are_survived()
    {
        using var lab = new PtpLab("rate_error_ppb=25000,0");
        using var host = new PtpHost("[ptp]\ninterfaces = [\"lab0\"]\n");
        using var master = StartMaster(lab, "-4", "-E", "--tx_timestamp_timeout", "50");
        FollowsWithin(60, host);
        PtpLab.Turn("lost_stamps", "3"); // ptp4l itself gives up for 16 s then; ours just asks again
        PtpLab.Turn("late_stamps_ms", "30");
        GuestClock.Sleep(Duration.FromSeconds(30L));
        PtpLab.Turn("lost_stamps", "0");
        PtpLab.Turn("late_stamps_ms", "0");
        Check.That(host.Ptpd.Count("did not come") == 0 && !host.Ptpd.HasEnded, host.Logs);
        for (int i = 0; i < 3; i++)
        {
            lab.RunAtTheirs("ip", "link", "set", PtpLab.Theirs, "down");
            GuestClock.Sleep(Duration.FromSeconds(2L));
            lab.RunAtTheirs("ip", "link", "set", PtpLab.Theirs, "up");
            GuestClock.Sleep(Duration.FromSeconds(3L));
        }

        FollowsWithin(60, host);
        StaysClose(10, host);
        Check.That(host.Ptpd.Count(": stepped by") == 1, $"one step, at the start; {host.Logs}");
    }

    private static void A_clock_that_is_unplugged_is_adopted_again()
    {
        using var lab = new PtpLab("rate_error_ppb=25000,0");
        using var host = new PtpHost("[ptp]\ninterfaces = [\"lab0\"]\n");
        using var master = StartMaster(lab, "-4", "-E");
        FollowsWithin(60, host);
        PtpLab.Turn("ends", "2");
        GuestClock.Sleep(Duration.FromSeconds(10L));
        Check.That(!host.Ptpd.HasEnded && PtpHost.Status().Clocks is [{ State: not "locked" }], host.Logs);
        PtpLab.Turn("ends", "3");
        PtpLab.SetUpOurs();
        PtpHost.GiveClock();
        PtpHost.SetFilters();
        FollowsWithin(60, host);
        StaysClose(10, host);
    }

    private static void The_systems_clock_follows_the_hardware_clock_and_only_clockd_may_write_it()
    {
        GuestClock.Reset();
        using var lab = new PtpLab("rate_error_ppb=25000,0");
        GuestClock.StepBy(Duration.FromSeconds(-36.5)); // the lab's clocks began at UTC: so it is half a second off, by TAI
        using var host = new PtpHost("[ptp]\ninterfaces = [\"lab0\"]\n", withNtpd: true);
        using var master = StartMaster(lab, "-4", "-E");
        FollowsWithin(60, host);
        using var theirs = PtpLab.Open(PtpLab.TheirClock);
        double look = Enumerable.Range(0, 50).Average(_ => Clocks.Read().HalfWidth.Seconds) * 1e9; // ns
        Console.WriteLine($"# clock source: {File.ReadAllText("/sys/devices/system/clocksource/clocksource0/current_clocksource").Trim()} of {File.ReadAllText("/sys/devices/system/clocksource/clocksource0/available_clocksource").Trim()}; a look at raw and real time is {look:F0} ns wide each way");
        Duration Error() => PtpLab.SystemsError(theirs);
        Becomes(90, "the system's clock follows", () => (Error().Magnitude < Duration.FromNanoseconds(1_000), $"{Error()} off"), host);
        List<double> errors = [];
        for (int i = 0; i < 60; i++)
        {
            GuestClock.Sleep(Duration.FromSeconds(0.5));
            errors.Add(Error().Seconds * 1e9);
        }

        double limit = 200 + (4 * look); // what ntpd cannot tell from looking at the clock it leaves alone (ClockController): in an emulated machine that is much
        Check.That(errors.TrueForAll(error => Math.Abs(error) < limit), $"ns: {string.Join(' ', errors.Select(error => error.ToString("F0", CultureInfo.InvariantCulture)))}; {host.Logs}");
        double mean = errors.Average();
        Console.WriteLine($"# system clock by PHC: rms {Math.Sqrt(errors.Average(error => error * error)):F0} ns, worst {errors.Max(Math.Abs):F0} ns; {mean:F0} ns of that are constant, the rest is {Math.Sqrt(errors.Average(error => (error - mean) * (error - mean))):F1} ns");

        // Who has a hardware clock open, and how.
        var writers = Descriptors().Where(open => open.Path.StartsWith("/dev/ptp", StringComparison.Ordinal) && open.MayWrite).Select(open => open.Process).Distinct().ToList();
        Check.That(writers.Count == 2 && writers.Contains(host.ClockdId), $"written by {string.Join(' ', writers)}: clockd is {host.ClockdId}, and ptp4l has its own");
        Check.That(Descriptors().Any(open => open.Process == host.Ptpd.Id && open.Path.StartsWith("/dev/ptp", StringComparison.Ordinal) && !open.MayWrite), "ptpd reads it");
        Check.That(!Descriptors().Any(open => open.Process == host.Ntpd!.Id && open.Path.StartsWith("/dev/ptp", StringComparison.Ordinal)), "ntpd does without");
    }

    private static void A_boundary_clock_keeps_its_two_hardware_clocks_together()
    {
        using var lab = new PtpLab("rate_error_ppb=25000,0,-15000,8000");
        lab.SetUpSecond();
        using var host = new PtpHost("[ptp]\ninterfaces = [\"lab0\", \"lab2\"]\nrole = \"boundary\"\n");
        using var master = StartMaster(lab, "-4", "-E", "--priority1", "100"); // else ours would be the better one, by its identity
        using var slave = lab.AtSecond("/bin/ptp4l", "-i", PtpLab.FarSecond, "-H", "-4", "-E", "-m", "--slaveOnly", "1", "--uds_address", "/run/ptp4l-second");
        using var root = PtpLab.Open(PtpLab.TheirClock);
        using var first = PtpLab.Open(PtpLab.OurClock);
        using var second = PtpLab.Open(PtpLab.OurSecondClock);
        using var leaf = PtpLab.Open(PtpLab.FarSecondClock);
        string Seen() => $"our first clock {Apart(first, root)} from the master's, our second {Apart(second, first)} from our first, the slave's {Apart(leaf, second)} from that";
        Becomes(90, "both of our clocks follow, and the slave behind us",
            () => (Apart(first, root).Magnitude < s_close && Apart(second, first).Magnitude < s_close && Apart(leaf, second).Magnitude < s_close, $"{Seen()}; {slave.Log}"), host);
        GuestClock.Sleep(s_swings);
        List<(Duration First, Duration Second, Duration Leaf)> apart = [];
        for (int i = 0; i < 30; i++)
        {
            GuestClock.Sleep(Duration.FromSeconds(1L));
            apart.Add((Apart(first, root), Apart(second, first), Apart(leaf, root)));
        }

        Console.WriteLine($"# boundary clock: rms of our first clock {Rms(apart.Select(look => look.First)):F1} ns from the master's, of our second {Rms(apart.Select(look => look.Second)):F1} ns from our first, of the slave's {Rms(apart.Select(look => look.Leaf)):F1} ns from the master's");
        Check.That(apart.TrueForAll(look => look.First.Magnitude < s_close && look.Second.Magnitude < s_close && look.Leaf.Magnitude < s_close.Times(4)), $"{string.Join(' ', apart)}; {host.Logs}");
        var clocks = PtpHost.Status().Clocks;
        Check.That(clocks.Count == 2 && clocks.All(clock => clock.State == "locked") && clocks.Single(clock => clock.ClockId == PtpLab.OurSecondClock).Upstream == PtpLab.OurClock, $"{clocks}");
        Check.That(Apart(second, root).Magnitude <= Wire(clocks.Single(clock => clock.ClockId == PtpLab.OurSecondClock).Bound), $"the second clock is {Apart(second, root)} from the master's; {clocks}");
    }

    private static void Syncs_go_in_one_step_where_the_hardware_can_and_not_at_all_where_it_cannot()
    {
        const string config = "[ptp]\ninterfaces = [\"lab0\"]\nrole = \"serve\"\none-step = true\n[local]\nstratum = 1\n";
        using var lab = new PtpLab("rate_error_ppb=25000,0");
        using (var host = new PtpHost(config))
        {
            using var slave = lab.AtTheirs("/bin/ptp4l", "-i", PtpLab.Theirs, "-H", "-4", "-E", "-m", "--slaveOnly", "1", "--uds_address", "/run/ptp4l");
            using var ours = PtpLab.Open(PtpLab.OurClock);
            using var theirs = PtpLab.Open(PtpLab.TheirClock);
            Becomes(90, "ptp4l follows", () => (Apart(ours, theirs).Magnitude < s_close, $"theirs {Apart(theirs, ours)} from ours; {slave.Log}"), host);
            var counts = PtpHost.Status().Ports.Single().Counts;
            Check.That(counts.Single(count => count.Name == "Sync sent").Count > 5 && counts.Single(count => count.Name == "FollowUp sent").Count == 0, $"{counts}");
        }

        PtpLab.Turn("one_step", "N");
        using var refused = new PtpHost(config, filtersFail: true);
        Becomes(30, "the port says why it does not work", () => (PtpHost.Status().Ports.Single().State.Contains("leave out one-step", StringComparison.Ordinal), $"{PtpHost.Status().Ports}"), refused);
    }

    private static void A_grandmaster_serves_the_time_of_a_pulse_that_comes_into_its_card()
    {
        using var lab = new PtpLab("rate_error_ppb=25000,0");
        var pulses = GuestClock.AheadOfRaw + s_tai + Duration.FromNanoseconds(3_000_000); // the system's clock is 3 ms wrong: it says which second it is, and no more
        pulses = Duration.FromNanoseconds((pulses.WholeSeconds * 1_000_000_000) + pulses.NanosecondOfSecond);
        PtpLab.SetPulses(pulses);
        using var host = new PtpHost("[ptp]\ninterfaces = [\"lab0\"]\nrole = \"serve\"\npps = \"lab0\"\npps-pin = 0\nclock-class = 6\n[local]\nstratum = 1\n");
        using var slave = lab.AtTheirs("/bin/ptp4l", "-i", PtpLab.Theirs, "-H", "-4", "-E", "-m", "--slaveOnly", "1", "--uds_address", "/run/ptp4l");
        using var ours = PtpLab.Open(PtpLab.OurClock);
        using var theirs = PtpLab.Open(PtpLab.TheirClock);
        Duration Error() => PtpLab.AheadOfRaw(ours) - pulses;
        Rpc.Ptp.V1.PtpPhcStatus Clock() => PtpHost.Status().Clocks.Single();
        Becomes(60, "our clock follows the pulse", () => (Error().Magnitude < s_close && Clock() is { State: "locked", Upstream: "the pulse into lab0" }, $"{Error()}; {Clock()}"), host);
        Becomes(60, "ptp4l follows it", () => (Apart(ours, theirs).Magnitude < s_close, $"{Apart(theirs, ours)}; {slave.Log}"), host);
        List<Duration> errors = [];
        for (int i = 0; i < 20; i++)
        {
            GuestClock.Sleep(Duration.FromSeconds(1L));
            errors.Add(Error());
            Check.That(Error().Magnitude < s_close && Error().Magnitude <= Wire(Clock().Bound), $"{Error()} off; {Clock()}");
        }

        Console.WriteLine($"# PHC by a pulse: rms {Rms(errors):F1} ns, worst {errors.Max(error => error.Magnitude.Seconds) * 1e9:F1} ns, {Wire(Clock().Bound)} claimed");
        Check.That(PtpHost.Status().Quality is { ClockClass: 6, Accuracy: <= 0x23 }, $"{PtpHost.Status().Quality}"); // 1 us

        PtpLab.Turn("pulses", "N");
        Becomes(30, "a pulse that stops is said, and the clock is held over", () => (Clock() is { State: "holdover", Upstream: "the pulse into lab0, which does not come" } && PtpHost.Status().Quality.ClockClass == 7, $"{Clock()}"), host);
        Check.That(Error().Magnitude <= Wire(Clock().Bound), $"{Error()} off; {Clock()}");
        PtpLab.Turn("pulses", "Y");
        Becomes(30, "it is followed again", () => (Clock() is { State: "locked", Upstream: "the pulse into lab0" } && PtpHost.Status().Quality.ClockClass == 6 && Error().Magnitude < s_close, $"{Error()}; {Clock()}"), host);
        Check.That(host.Ptpd.Count(": stepped by") <= 1, host.Logs);
    }

    private static void A_transparent_clock_with_one_clock_for_both_ports_is_stamped_by_it()
    {
        const string config = "[ptp]\ninterfaces = [\"lab0\", \"lab2\"]\nrole = \"transparent\"\n";
        using var lab = new PtpLab("rate_error_ppb=25000,0,0,8000", "one_clock=Y");
        lab.SetUpSecond();
        using var master = StartMaster(lab, "-4", "-E", "--priority1", "100");
        using var slave = lab.AtSecond("/bin/ptp4l", "-i", PtpLab.FarSecond, "-H", "-4", "-E", "-m", "--slaveOnly", "1", "--uds_address", "/run/ptp4l-second");
        using var root = PtpLab.Open(PtpLab.TheirClock);
        using var leaf = PtpLab.Open(PtpLab.FarSecondClock);
        using (var host = new PtpHost(config))
        {
            Becomes(120, "the slave behind us follows the master before us", () => (Apart(leaf, root).Magnitude < s_close, $"{Apart(leaf, root)}; {slave.Log}"), host);
            GuestClock.Sleep(s_swings);
            List<Duration> apart = [];
            for (int i = 0; i < 20; i++)
            {
                GuestClock.Sleep(Duration.FromSeconds(1L));
                apart.Add(Apart(leaf, root));
            }

            var status = PtpHost.Status();
            Console.WriteLine($"# behind a transparent clock whose PHC is 25 ppm fast: rms {Rms(apart):F1} ns");
            Check.That(apart.TrueForAll(look => look.Magnitude < s_close.Times(3)) && status.Ports.All(port => port.Timestamping == "hardware"), $"{string.Join(' ', apart)}; {status}");
            Check.That(status.Clocks is [{ ClockId: PtpLab.OurClock, Upstream: "nothing" }] && host.Ptpd.Count(": stepped by") == 0, $"{status.Clocks}; {host.Logs}");
        }

        PtpLab.Turn("one_clock", "N");
        using var apartAgain = new PtpHost(config);
        Becomes(30, "with two clocks it is stamped by software, and says why", () => (PtpHost.Status().Ports.All(port => port.Timestamping == "software") && apartAgain.Ptpd.Count("need one clock") > 0, apartAgain.Ptpd.Log), apartAgain);
    }

    private static void A_grandmaster_that_loses_transmit_stamps_goes_on_and_one_that_gets_none_says_so()
    {
        using var lab = new PtpLab("rate_error_ppb=25000,0");
        using var host = new PtpHost("[ptp]\ninterfaces = [\"lab0\"]\nrole = \"serve\"\nsync-interval = -2\n[local]\nstratum = 1\n");
        using var slave = lab.AtTheirs("/bin/ptp4l", "-i", PtpLab.Theirs, "-H", "-4", "-E", "-m", "--slaveOnly", "1", "--uds_address", "/run/ptp4l", "--tx_timestamp_timeout", "50", "--fault_reset_interval", "0");
        using var ours = PtpLab.Open(PtpLab.OurClock);
        using var theirs = PtpLab.Open(PtpLab.TheirClock);
        ulong Count(string name) => PtpHost.Status().Ports.Single().Counts.Single(count => count.Name == name).Count;
        string State() => PtpHost.Status().Ports.Single().State;
        Becomes(90, "ptp4l follows", () => (Apart(ours, theirs).Magnitude < s_close, $"{Apart(theirs, ours)}; {slave.Log}"), host);

        PtpLab.Turn("lost_stamps", "3"); // of both ends
        PtpLab.Turn("late_stamps_ms", "30");
        GuestClock.Sleep(Duration.FromSeconds(20L));
        ulong lost = Count("transmit stamps lost");
        Check.That(lost > 5 && State() == "master" && Count("Sync sent") > Count("FollowUp sent"), $"{lost} lost, {State()}; {PtpHost.Status().Ports}");
        PtpLab.Turn("late_stamps_ms", "0");

        PtpLab.Turn("lost_stamps", "1"); // none comes
        Becomes(30, "a port that gets no stamps is out of order and says why", () => (State().Contains("transmit stamps in a row did not come", StringComparison.Ordinal), State()), host);
        PtpLab.Turn("lost_stamps", "0");
        Becomes(60, "it serves again", () => (State() == "master", State()), host);
        Becomes(60, "ptp4l follows again", () => (Apart(ours, theirs).Magnitude < s_close, $"{Apart(theirs, ours)}; {slave.Log}"), host);
    }

    private static double Rms(IEnumerable<Duration> errors) => Math.Sqrt(errors.Average(error => error.Seconds * error.Seconds)) * 1e9;

    private static Duration Wire(Rpc.Time.V1.Duration wire) => Duration.FromFixedPoint(wire.Seconds, wire.Fraction);

    private static Child StartMaster(PtpLab lab, params string[] more) =>
        lab.AtTheirs(["/bin/ptp4l", "-i", PtpLab.Theirs, "-H", "-m", "--masterOnly", "1", "--uds_address", "/run/ptp4l", .. more]);

    private static Duration Apart(PhcDevice one, PhcDevice other) => PtpLab.AheadOfRaw(one) - PtpLab.AheadOfRaw(other);

    private static void FollowsWithin(double seconds, PtpHost host)
    {
        using var ours = PtpLab.Open(PtpLab.OurClock);
        using var theirs = PtpLab.Open(PtpLab.TheirClock);
        Becomes(seconds, "our clock follows theirs", () => (Apart(ours, theirs).Magnitude < s_close && PtpHost.Status().Clocks is [{ State: "locked" }], $"{Apart(ours, theirs)} apart"), host);
    }

    private static void StaysClose(int seconds, PtpHost host)
    {
        using var ours = PtpLab.Open(PtpLab.OurClock);
        using var theirs = PtpLab.Open(PtpLab.TheirClock);
        List<Duration> apart = [];
        for (int i = 0; i < seconds; i++)
        {
            GuestClock.Sleep(Duration.FromSeconds(1L));
            apart.Add(Apart(ours, theirs));
        }

        Check.That(apart.TrueForAll(look => look.Magnitude < s_close), $"apart: {string.Join(' ', apart)}; {host.Logs}");
        var clock = PtpHost.Status().Clocks[0];
        Check.That(clock.State == "locked" && Apart(ours, theirs).Magnitude <= Duration.FromFixedPoint(clock.Bound.Seconds, clock.Bound.Fraction), $"{clock}");
        Console.WriteLine($"# PHC by ptp4l: rms {Math.Sqrt(apart.Average(look => look.Seconds * look.Seconds)) * 1e9:F1} ns, worst {apart.Max(look => look.Magnitude.Seconds) * 1e9:F1} ns");
    }

    private static void Becomes(double seconds, string what, Func<(bool IsSo, string Seen)> look, PtpHost host)
    {
        var end = Clocks.Raw() + Duration.FromSeconds(seconds);
        for (int inARow = 0; inARow < 3;)
        {
            GuestClock.Sleep(Duration.FromSeconds(0.5));
            bool isSo;
            string seen;
            try
            {
                (isSo, seen) = look();
            }
            catch (Grpc.Core.RpcException)
            {
                (isSo, seen) = (false, "ptpd does not answer");
            }

            inARow = isSo ? inARow + 1 : 0;
            Check.That(inARow > 0 || Clocks.Raw() < end, $"not within {seconds} s: {what}; {seen}; {host.Logs}");
        }
    }

    private static IEnumerable<(int Process, string Path, bool MayWrite)> Descriptors()
    {
        foreach (string process in Directory.EnumerateDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), out _)))
        {
            foreach (string descriptor in Directory.GetFileSystemEntries($"{process}/fd"))
            {
                string path, flags;
                try
                {
                    path = File.ResolveLinkTarget(descriptor, returnFinalTarget: false)?.FullName ?? "";
                    flags = File.ReadAllLines($"{process}/fdinfo/{Path.GetFileName(descriptor)}").First(line => line.StartsWith("flags:", StringComparison.Ordinal))[6..].Trim();
                }
                catch (IOException)
                {
                    continue; // closed meanwhile
                }

                yield return (int.Parse(Path.GetFileName(process), CultureInfo.InvariantCulture), path, (Convert.ToInt32(flags, 8) & 3) != 0);
            }
        }
    }
}
