using System.Diagnostics;
using System.Globalization;
using TimeSuite.Linux;
using TimeSuite.Rpc.Ptp.V1;

namespace TimeSuite.System.VmGuest;

/// <summary>The machine as it is installed, with ptpd: clockd as root with the kernel's clock, the others as users without rights over any clock.</summary>
internal sealed class PtpHost : IDisposable
{
    private const int PtpUser = 994; // of tests/system/vm/passwd
    private const string Config = "/etc/timesuite/timesuite.toml", LeapFile = "/tmp/leap-seconds.list";

    private readonly ClockdProcess _clockd;

    /// <param name="toml">Configuration, [ptp] in it.</param>
    /// <param name="withNtpd">Whether the system's clock is disciplined.</param>
    /// <param name="filtersFail">The hardware cannot do what the configuration asks for.</param>
    public PtpHost(string toml, bool withNtpd = false, bool filtersFail = false)
    {
        Directory.CreateDirectory("/etc/timesuite");
        File.WriteAllText(Config, $"{toml}\n{LeapTable()}");
        _clockd = ClockdProcess.StartFresh();
        foreach (var (daemon, user) in (IEnumerable<(string, int)>)[("ptpd", PtpUser), ("ntpd", NtpUser)])
        {
            foreach (string directory in (string[])[$"/run/timesuite/{daemon}", $"/var/lib/timesuite/{daemon}"])
            {
                Directory.CreateDirectory(directory);
                Run("chown", user.ToString(CultureInfo.InvariantCulture), directory);
            }
        }

        GiveClock();
        SetFilters(filtersFail);
        Ptpd = StartPtpd();
        Ntpd = withNtpd ? new(NtpUser, "/bin/ntpd") : null;
    }

    public const int NtpUser = 991, PhcGroup = 995;

    public Child Ptpd { get; private set; }

    public Child? Ntpd { get; }

    public string Logs => $"ptpd: {Ptpd.Log} | ntpd: {Ntpd?.Log} | clockd: {_clockd.Log}";

    public int ClockdId => _clockd.Id;

    /// <summary>What udev's rule does when a clock is plugged in; to all of them.</summary>
    public static void GiveClock()
    {
        Check.That(PhcIdentity.TryFind(PtpLab.OurClock, out _), "our clock is there");
        foreach (var (index, _) in PhcIdentity.List())
        {
            string device = string.Create(CultureInfo.InvariantCulture, $"/dev/ptp{index}");
            Run("chown", "0:995", device);
            File.SetUnixFileMode(device, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        }
    }

    /// <summary>The one thing that needs a right, once, and with no other right.</summary>
    public static void SetFilters(bool fails = false)
    {
        using var setup = Child.With(PtpUser, PhcGroup, ["net_admin"], "/bin/ptpd", "--set-hardware-filters");
        setup.Ends(fails ? 1 : 0);
    }

    public static PtpStatus Status()
    {
        using var channel = PeerChannel.Open("/run/timesuite/ptpd/status.sock", user: 0);
        return new Ptp.PtpClient(channel).GetPtpStatusAsync(new(), deadline: DateTime.UtcNow.AddSeconds(60)).GetAwaiter().GetResult();
    }

    public void RestartPtpd()
    {
        Ptpd.Kill();
        Ptpd.Dispose();
        Ptpd = StartPtpd();
    }

    public void KillClockd() => _clockd.Kill();

    public void Dispose()
    {
        Ntpd?.Dispose();
        Ptpd.Dispose();
        _clockd.Dispose();
    }

    private static Child StartPtpd() => Child.With(PtpUser, PhcGroup, ["net_bind_service", "net_raw"], "/bin/ptpd");

    /// <summary>UTC is 37 s behind TAI, as it was when this was written.</summary>
    /// <returns>The table of the configuration that says so.</returns>
    public static string LeapTable()
    {
        const long from1900To1970 = ((70L * 365) + 17) * 86_400;
        long now = Clocks.Realtime().SinceEpoch.WholeSeconds + from1900To1970;
        File.WriteAllText(LeapFile, string.Create(CultureInfo.InvariantCulture, $"#@ {now + (180 * 86_400L)}\n3692217600 37\n"));
        return $"[leap]\nfile = \"{LeapFile}\"\n";
    }

    private static void Run(params string[] applet)
    {
        using var process = Process.Start("/bin/busybox", applet);
        process.WaitForExit();
        Check.That(process.ExitCode == 0, string.Join(' ', applet));
    }
}
