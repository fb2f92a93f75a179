using System.ComponentModel;
using TimeSuite.Linux;
using TimeSuite.Time;

namespace TimeSuite.System.VmGuest;

/// <summary>Hardware clocks as the kernel gives them, through src/linux.</summary>
internal static class PhcChecks
{
    private static readonly Duration s_nanosecond = Duration.FromNanoseconds(1);

    public static IEnumerable<(string Name, Action Run)> All =>
    [
        (nameof(A_hardware_clock_is_read_in_each_of_three_ways), A_hardware_clock_is_read_in_each_of_three_ways),
        (nameof(Readings_that_are_held_up_or_refused_are_not_taken), Readings_that_are_held_up_or_refused_are_not_taken),
        (nameof(A_step_and_a_frequency_of_a_hardware_clock_are_what_was_asked_for), A_step_and_a_frequency_of_a_hardware_clock_are_what_was_asked_for),
        (nameof(A_clock_that_was_opened_for_reading_cannot_be_set), A_clock_that_was_opened_for_reading_cannot_be_set),
        (nameof(A_clock_that_is_unplugged_is_found_again_by_its_name), A_clock_that_is_unplugged_is_found_again_by_its_name),
        (nameof(Filters_are_widened_and_never_narrowed), Filters_are_widened_and_never_narrowed),
    ];

    private static void A_hardware_clock_is_read_in_each_of_three_ways()
    {
        using var lab = new PtpLab();
        using var clock = PtpLab.Open(PtpLab.OurClock);
        var truth = PtpLab.AheadOfRaw(clock);
        foreach (var method in Enum.GetValues<PhcMethod>())
        {
            clock.Method = method;
            Check.That(clock.TryRead(out var reading, out _) && reading.Method == method, $"{method}: {reading}");
            Check.That(reading.HalfWidth < Duration.FromNanoseconds(100_000), $"{method}: {reading}");
            Check.Near(truth, reading.Phc.SinceEpoch - reading.Raw.SinceEpoch, reading.HalfWidth + s_nanosecond, $"{method}: against the raw oscillator");
            Check.Near(GuestClock.AheadOfRaw, reading.Realtime.SinceEpoch - reading.Raw.SinceEpoch, Duration.FromNanoseconds(20_000), $"{method}: the system's clock");
        }

        PtpLab.Turn("cross_stamps", "N");
        clock.Method = PhcMethod.Precise;
        Check.That(clock.TryRead(out var fallback, out _) && fallback.Method == PhcMethod.Extended && clock.Method == PhcMethod.Extended, $"without the best way: {fallback}");
    }

    private static void Readings_that_are_held_up_or_refused_are_not_taken()
    {
        using var lab = new PtpLab("cross_stamps=N", "slow_reads=4", "slow_read_us=20000", "busy_reads=17");
        using var clock = PtpLab.Open(PtpLab.OurClock);
        PtpLab.Turn("cross_stamps", "Y");
        clock.Method = PhcMethod.Precise;
        var truth = Duration.Zero;
        for (bool isRead = false; !isRead;)
        {
            isRead = clock.TryRead(out var exact, out _) && exact.Method == PhcMethod.Precise;
            truth = exact.Phc.SinceEpoch - exact.Raw.SinceEpoch;
        }

        clock.Method = PhcMethod.Extended;
        int read = 0;
        for (int i = 0; i < 50; i++)
        {
            if (clock.TryRead(out var reading, out _))
            {
                read++;
                Check.That(reading.HalfWidth < Duration.FromNanoseconds(500_000), $"held up: {reading}");
                Check.Near(truth, reading.Phc.SinceEpoch - reading.Raw.SinceEpoch, reading.HalfWidth + s_nanosecond, "against the raw oscillator");
            }
        }

        Check.That(read >= 45, $"{read} of 50 read");
    }

    private static void A_step_and_a_frequency_of_a_hardware_clock_are_what_was_asked_for()
    {
        using var lab = new PtpLab("rate_error_ppb=0,0");
        Check.That(PhcIdentity.TryFind(PtpLab.OurClock, out int index), "it is there");
        using var clock = PhcDevice.Open(index, mayBeSet: true);
        foreach (double step in (double[])[1.25, -0.75, 37, -5e-9])
        {
            var before = PtpLab.AheadOfRaw(clock);
            clock.StepBy(Duration.FromSeconds(step));
            Check.Near(Duration.FromSeconds(step), PtpLab.AheadOfRaw(clock) - before, s_nanosecond + s_nanosecond, "step");
        }

        clock.SetFrequency(FrequencyOffset.FromPpm(-12.5));
        Check.That((clock.ReadFrequency() - FrequencyOffset.FromPpm(-12.5)).IsWithin(FrequencyOffset.FromPpb(0.1)), $"{clock.ReadFrequency()}");
        var (then, at) = (PtpLab.AheadOfRaw(clock), Clocks.Raw());
        GuestClock.Sleep(Duration.FromSeconds(4L));
        double rate = (PtpLab.AheadOfRaw(clock) - then).Seconds / (Clocks.Raw() - at).Seconds;
        Check.That(Math.Abs((rate * 1e6) + 12.5) < 0.01, $"{rate * 1e6} ppm");
        Check.That(clock.MaxFrequency.Ppb == 100_000_000, $"{clock.MaxFrequency}");
    }

    private static void A_clock_that_was_opened_for_reading_cannot_be_set()
    {
        using var lab = new PtpLab();
        using var clock = PtpLab.Open(PtpLab.OurClock);
        foreach (Action attempt in (Action[])[() => clock.SetFrequency(FrequencyOffset.FromPpm(1)), () => clock.StepBy(Duration.FromSeconds(1L))])
        {
            try
            {
                attempt();
            }
            catch (Win32Exception refused) when (refused.NativeErrorCode is 13 or 9) // EACCES; EBADF before Linux 5.1
            {
                continue;
            }

            throw new CheckFailedException("it was set through a descriptor for reading");
        }
    }

    private static void A_clock_that_is_unplugged_is_found_again_by_its_name()
    {
        using var lab = new PtpLab();
        using var clock = PtpLab.Open(PtpLab.OurClock);
        PtpLab.Turn("ends", "2");
        Check.That(!clock.TryRead(out _, out bool isGone) && isGone, "an unplugged clock says so");
        Check.That(!PhcIdentity.TryFind(PtpLab.OurClock, out _), "and is not found");
        PtpLab.Turn("ends", "3");
        using var again = PtpLab.Open(PtpLab.OurClock);
        Check.That(again.TryRead(out _, out _), "it is read again");
    }

    private static void Filters_are_widened_and_never_narrowed()
    {
        using var lab = new PtpLab();
        Check.That(HardwareStamping.TryDescribe(PtpLab.Ours, out var stamping) && stamping.StampsBothWays, $"{stamping}");
        Check.That(PhcIdentity.TryRead(stamping.PhcIndex, out var identity) && identity.ToString() == PtpLab.OurClock, $"{identity}");
        Check.That(HardwareStamping.TryReadFilters(PtpLab.Ours, out var filters) && filters == default, $"{filters}");
        filters = HardwareStamping.SetFilters(PtpLab.Ours, filters.Widened(HardwareFilters.Protocols.PtpOverUdp, stamping.Filters)!.Value);
        Check.That(filters == new HardwareFilters(1, 12), $"for PTP: {filters}");
        filters = HardwareStamping.SetFilters(PtpLab.Ours, filters.Widened(HardwareFilters.Protocols.Ntp, stamping.Filters)!.Value);
        Check.That(filters == new HardwareFilters(1, 1), $"and for NTP: {filters}");
        Check.That(HardwareStamping.TryReadFilters(PtpLab.Ours, out var read) && read.Widened(HardwareFilters.Protocols.PtpOverUdp, stamping.Filters) == filters, $"PTP again: {read}");
    }
}
