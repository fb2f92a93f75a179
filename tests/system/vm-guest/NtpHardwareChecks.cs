using System.Globalization;
using TimeSuite.Linux;
using TimeSuite.Rpc.Ntp.V1;
using TimeSuite.Time;

namespace TimeSuite.System.VmGuest;

/// <summary>ntpd with the stamps of hardware, and with a hardware clock that somebody else sets as its source.</summary>
internal static class NtpHardwareChecks
{
    private const string FilterConfig = "/tmp/filters.toml";

    public static IEnumerable<(string Name, Action Run)> All =>
    [
        (nameof(Ntp_by_stamps_of_the_hardware_beats_the_kernels), Ntp_by_stamps_of_the_hardware_beats_the_kernels),
        (nameof(Stamps_of_the_hardware_at_one_end_alone_are_off_by_what_the_kernel_takes_and_within_the_bound), Stamps_of_the_hardware_at_one_end_alone_are_off_by_what_the_kernel_takes_and_within_the_bound),
        (nameof(The_systems_clock_follows_a_hardware_clock_that_ptp4l_sets), The_systems_clock_follows_a_hardware_clock_that_ptp4l_sets),
    ];

    private static void Ntp_by_stamps_of_the_hardware_beats_the_kernels()
    {
        double software = Run(serverHas: false, clientHas: false), hardware = Run(serverHas: true, clientHas: true);
        Console.WriteLine($"# NTP on the cable: rms {software:F0} ns by the kernel's stamps, {hardware:F0} ns by the hardware's");
        Check.That(hardware < 300 && hardware < software / 2, $"rms {software} ns by the kernel's stamps, {hardware} ns by the hardware's");
    }

    private static void Stamps_of_the_hardware_at_one_end_alone_are_off_by_what_the_kernel_takes_and_within_the_bound()
    {
        double server = Run(serverHas: true, clientHas: false), client = Run(serverHas: false, clientHas: true); // each holds the error against the bound
        Console.WriteLine($"# NTP on the cable with the hardware's stamps at one end alone: rms {server:F0} ns at the server's, {client:F0} ns at the client's");
    }

    private static void The_systems_clock_follows_a_hardware_clock_that_ptp4l_sets()
    {
        GuestClock.Reset();
        using var lab = new PtpLab("rate_error_ppb=25000,0");
        GuestClock.StepBy(Duration.FromSeconds(-36.5)); // the lab's clocks began at UTC: so it is half a second off, by TAI
        using var master = lab.AtTheirs("/bin/ptp4l", "-i", PtpLab.Theirs, "-H", "-4", "-E", "-m", "--masterOnly", "1", "--uds_address", "/run/ptp4l");
        using var slave = new Child(user: 0, "/bin/ptp4l", "-i", PtpLab.Ours, "-H", "-4", "-E", "-m", "--slaveOnly", "1", "--uds_address", "/run/ptp4l-ours");
        PtpHost.GiveClock();
        using var ours = PtpLab.Open(PtpLab.OurClock);
        using var theirs = PtpLab.Open(PtpLab.TheirClock);
        int inARow = 0;
        Wait(90, () => (inARow = (PtpLab.AheadOfRaw(ours) - PtpLab.AheadOfRaw(theirs)).Magnitude < Duration.FromNanoseconds(200) ? inARow + 1 : 0) > 20, () => slave.Log); // ptp4l steps it first
        using var machine = Station.StartWith($"[[source]]\nphc = \"{PtpLab.Ours}\"\nphc-accuracy = \"500 ns\"\n{PtpHost.LeapTable()}");
        Wait(120, () => PtpLab.SystemsError(ours).Magnitude < Duration.FromNanoseconds(500), () => $"{PtpLab.SystemsError(ours)} off; {machine.Ntpd.Log}; {slave.Log}");
        List<Duration> errors = [];
        for (int i = 0; i < 40; i++)
        {
            GuestClock.Sleep(Duration.FromSeconds(0.5));
            errors.Add(PtpLab.SystemsError(ours));
        }

        double rms = Math.Sqrt(errors.Average(error => error.Seconds * error.Seconds)) * 1e9;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"# system clock by a PHC of ptp4l's: rms {rms:F0} ns"));
        Check.That(errors.TrueForAll(error => error.Magnitude < Duration.FromNanoseconds(1_000)), $"{string.Join(' ', errors)}; {machine.Ntpd.Log}");
        var source = Sources().Single();
        Check.That(source is { Name: $"phc:{PtpLab.Ours}", Mode: Source.Types.Mode.Phc, Verdict: Verdict.Selected } && source.Received > 40, $"{source}");

        PtpLab.Turn("ends", "2"); // unplugged: it is said, and ntpd goes on
        Wait(20, () => Sources().Single().Reason.Contains("unplugged", StringComparison.Ordinal) || Sources().Single().Reason.Contains("no interface", StringComparison.Ordinal), () => $"{Sources().Single()}");
        Check.That(!machine.Ntpd.HasEnded, machine.Ntpd.Log);
    }

    /// <summary>The error of a shadow clock at the other end of the cable, RMS in ns, against the machine's own, which is served. The lab's clocks say what that shows at a moment of the raw oscillator, exactly.</summary>
    private static double Run(bool serverHas, bool clientHas)
    {
        GuestClock.Reset();
        using var lab = new PtpLab("rate_error_ppb=25000,-10000");
        PtpHost.GiveClock();
        const string stamps = "[ntp]\nhw-timestamp = \"all\"\n";
        if (serverHas || clientHas)
        {
            File.WriteAllText(FilterConfig, stamps);
            using var here = new Child(user: 0, "/bin/ptpd", "--set-hardware-filters", "--config", FilterConfig);
            here.EndsWell();
            using var there = lab.AtTheirs("/bin/ptpd", "--set-hardware-filters", "--config", FilterConfig);
            there.EndsWell();
            Check.That(HardwareStamping.TryReadFilters(PtpLab.Ours, out var filters) && filters.Stamped.HasFlag(HardwareFilters.Protocols.Ntp), $"{filters}; {here.Log}");
        }

        using var server = Station.StartWith($"[serve]\nlisten = [\"{PtpLab.OurAddress}:{Station.Port}\"]\n[local]\nstratum = 1\n{(serverHas ? stamps : "")}");
        using var client = Station.StartShadow(
            string.Create(CultureInfo.InvariantCulture, $"[[source]]\nserver = \"{PtpLab.OurAddress}\"\nport = {Station.Port}\nmin-poll = 0\nmax-poll = 0\ninterleaved = true\n{(clientHas ? stamps : "")}"), lab.There, "300ms", "30ppm");
        using var clock = PtpLab.Open(PtpLab.OurClock);
        Duration Error()
        {
            var page = client.Page;
            bool isRead = clock.TryRead(out var look, out _) & page.TryMap(look.Raw, Clocks.Suspended(), out var shown, out _);
            Check.That(isRead && look.Method == PhcMethod.Precise, "read exactly");
            return shown - look.Realtime;
        }

        Wait(90, () => Error().Magnitude < Duration.FromNanoseconds(100_000), () => $"{Error()} off; {client.Ntpd.Log}; the server's: {server.Ntpd.Log}");
        GuestClock.Sleep(Duration.FromSeconds(30L));
        List<Duration> errors = [];
        for (int i = 0; i < 60; i++)
        {
            GuestClock.Sleep(Duration.FromSeconds(0.5));
            var error = Error();
            errors.Add(error);
            var page = client.Page;
            Check.That(page.IsSynchronizedAt(Clocks.Raw(), Clocks.Suspended()) && error.Magnitude <= page.BoundAt(Clocks.Raw()), $"{error} off, and {page.BoundAt(Clocks.Raw())} claimed; {client.Ntpd.Log}");
        }

        string used = Sources(Station.ShadowStatus).Single().Stamps;
        Check.That(used == (clientHas ? "hardware" : "kernel"), $"stamps: {used}; {client.Ntpd.Log}; the server's: {server.Ntpd.Log}");
        return Math.Sqrt(errors.Average(error => error.Seconds * error.Seconds)) * 1e9;
    }

    private static List<Source> Sources(string socket = "/run/timesuite/ntpd/status.sock")
    {
        using var channel = PeerChannel.Open(socket, user: 0);
        return [.. new Status.StatusClient(channel).ListSourcesAsync(new(), deadline: DateTime.UtcNow.AddSeconds(60)).GetAwaiter().GetResult().Sources];
    }

    private static void Wait(double seconds, Func<bool> isSo, Func<string> seen)
    {
        var end = Clocks.Raw() + Duration.FromSeconds(seconds);
        while (!isSo())
        {
            Check.That(Clocks.Raw() < end, $"not within {seconds} s: {seen()}");
            GuestClock.Sleep(Duration.FromSeconds(0.5));
        }
    }
}
