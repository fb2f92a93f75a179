using System.Diagnostics;
using System.Globalization;
using TimeSuite.Linux;
using TimeSuite.Rpc.Ptp.V1;

namespace TimeSuite.System.VmGuest;

/// <summary>The machine as it is installed, with ptpd: clockd as root with the kernel's clock, the others as users without rights over any clock.</summary>
internal sealed class PtpHost : IDisposable
{
    private const int PtpUser = 994, PhcGroup = 995; // of tests/system/vm/passwd and group
    private const string Config = "/etc/timesuite/timesuite.toml", LeapTable = "/tmp/leap-seconds.list";

    private readonly ClockdProcess _clockd;

    /// <param name="toml">Configuration, [ptp] in it.</param>
    /// <param name="withNtpd">Whether the system's clock is disciplined.</param>
    public PtpHost(string toml, bool withNtpd = false)
    {
        Directory.CreateDirectory("/etc/timesuite");
        WriteLeapTable();
        File.WriteAllText(Config, $"{toml}\n[leap]\nfile = \"{LeapTable}\"\n");
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
        SetFilters();
        Ptpd = StartPtpd();
        Ntpd = withNtpd ? new(NtpUser, "/bin/ntpd") : null;
    }

    public const int NtpUser = 991;

    public Child Ptpd { get; private set; }

    public Child? Ntpd { get; }

    public string Logs => $"ptpd: {Ptpd.Log} | ntpd: {Ntpd?.Log} | clockd: {_clockd.Log}";

    public int ClockdId => _clockd.Id;

    /// <summary>What udev's rule does when a clock is plugged in.</summary>
    public static void GiveClock()
    {
        Check.That(PhcIdentity.TryFind(PtpLab.OurClock, out int index), "our clock is there");
        string device = string.Create(CultureInfo.InvariantCulture, $"/dev/ptp{index}");
        Run("chown", "0:995", device);
        File.SetUnixFileMode(device, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
    }

    /// <summary>The one thing that needs a right, once, and with no other right.</summary>
    public static void SetFilters()
    {
        using var setup = Child.With(PtpUser, PhcGroup, ["net_admin"], "/bin/ptpd", "--set-hardware-filters");
        setup.EndsWell();
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
    private static void WriteLeapTable()
    {
        const long from1900To1970 = ((70L * 365) + 17) * 86_400;
        long now = Clocks.Realtime().SinceEpoch.WholeSeconds + from1900To1970;
        File.WriteAllText(LeapTable, string.Create(CultureInfo.InvariantCulture, $"#@ {now + (180 * 86_400L)}\n3692217600 37\n"));
    }

    private static void Run(params string[] applet)
    {
        using var process = Process.Start("/bin/busybox", applet);
        process.WaitForExit();
        Check.That(process.ExitCode == 0, string.Join(' ', applet));
    }
}
