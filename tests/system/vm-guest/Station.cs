using System.Diagnostics;
using System.Globalization;
using TimeSuite.Linux;
using TimeSuite.Time;

namespace TimeSuite.System.VmGuest;

/// <summary>A clockd and an ntpd with directories of their own.</summary>
internal sealed class Station : IDisposable
{
    private const int NtpUser = 991, ReferenceUser = 993; // of tests/system/vm/passwd
    private const string Config = "/etc/timesuite/timesuite.toml", Runtime = "/run/timesuite", State = "/var/lib/timesuite";
    private const string ReferenceFolder = "/tmp/reference";
    public const int Port = 11_123;

    private readonly string[] _directories;
    private readonly (int Clockd, int Ntpd) _users;
    private readonly string[] _clockdArguments;
    private readonly IEnumerable<string> _place;
    private TimePage? _page;

    private Station(string config, string runtime, string state, string toml, int clockdUser, int ntpdUser, IEnumerable<string> place, params string[] clockdArguments)
    {
        _place = place;
        _directories = ["--config", config, "--runtime-dir", runtime, "--state-dir", state];
        _users = (clockdUser, ntpdUser);
        _clockdArguments = clockdArguments;
        foreach (string directory in (string[])[runtime, state])
        {
            if (Directory.Exists(directory))
            {
                Directory.Delete(directory, recursive: true);
            }

            MakeFor(clockdUser, Path.Combine(directory, "clockd"));
            MakeFor(ntpdUser, Path.Combine(directory, "ntpd"));
        }

        PagePath = Path.Combine(runtime, "clockd/clock");
        Directory.CreateDirectory(Path.GetDirectoryName(config)!);
        File.WriteAllText(config, toml);
        Clockd = StartClockd();
        WaitForPage();
        Ntpd = StartNtpd();
    }

    public Child Clockd { get; private set; }

    public Child Ntpd { get; private set; }

    public string PagePath { get; }

    public TimePageReading Page
    {
        get
        {
            Check.That((_page is not null || TimePage.TryOpen(PagePath, out _page)) & _page!.TryRead(out var reading), "the time page cannot be read");
            return reading;
        }
    }

    /// <summary>Right by definition: a shadow clock that serves time as stratum 1, far from and faster than the machine's own.</summary>
    /// <param name="offset">From the machine's clock as it is, e.g. 300ms.</param>
    /// <param name="frequency">From the raw oscillator, e.g. 30ppm.</param>
    /// <param name="more">Configuration.</param>
    public static Station StartReference(string offset, string frequency, string more = "") => StartShadow(
        string.Create(CultureInfo.InvariantCulture, $"""
            [serve]
            listen = ["127.0.0.1:{Port}"]
            [local]
            stratum = 1
            {more}
            """),
        [], offset, frequency);

    /// <summary>A shadow clock with what is configured.</summary>
    /// <param name="toml">Configuration.</param>
    /// <param name="place">How ntpd is started in another network namespace; empty: it is here.</param>
    /// <param name="offset">From the machine's clock as it is, e.g. 300ms.</param>
    /// <param name="frequency">From the raw oscillator, e.g. 30ppm.</param>
    public static Station StartShadow(string toml, IEnumerable<string> place, string offset, string frequency) => new(
        ReferenceFolder + "/timesuite.toml", ReferenceFolder + "/run", ReferenceFolder + "/state", toml,
        ReferenceUser, ReferenceUser, place, "--clock", "shadow", "--same-uid-roles", "--shadow-offset", offset, "--shadow-frequency", frequency);

    /// <summary>Of the ntpd that has a shadow clock.</summary>
    public const string ShadowStatus = ReferenceFolder + "/run/ntpd/status.sock";

    /// <summary>The machine's own, as it is installed: clockd as root with the kernel's clock, ntpd as a user without rights.</summary>
    public static Station StartSystem(string more = "") => StartWith(string.Create(CultureInfo.InvariantCulture, $"""
        [[source]]
        server = "127.0.0.1"
        port = {Port}
        min-poll = 0
        max-poll = 2
        {more}
        """));

    /// <summary>The machine's own with sources of its own; to read hardware clocks is all that ntpd may.</summary>
    public static Station StartWith(string toml) => new(Config, Runtime, State, toml, clockdUser: 0, NtpUser, []);

    /// <summary>A new ntpd in the place of the one that was killed.</summary>
    public void RestartNtpd()
    {
        Ntpd.Dispose();
        Ntpd = StartNtpd();
    }

    public void Dispose()
    {
        Ntpd.Dispose();
        Clockd.Dispose();
        _page?.Dispose();
    }

    private static void MakeFor(int user, string directory)
    {
        Directory.CreateDirectory(directory);
        for (string? path = directory; path is { Length: > 1 }; path = Path.GetDirectoryName(path))
        {
            File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        }

        using var chown = Process.Start("/bin/busybox", ["chown", string.Create(CultureInfo.InvariantCulture, $"{user}:{user}"), directory]);
        chown.WaitForExit();
    }

    private Child StartClockd() => new(_users.Clockd, ["/bin/clockd", .. _directories, .. _clockdArguments]);

    private Child StartNtpd() => Child.At(_place, _users.Ntpd, PtpHost.PhcGroup, ["/bin/ntpd", .. _directories]);

    private void WaitForPage()
    {
        var end = Clocks.Raw() + Duration.FromSeconds(30L);
        while (!TimePage.TryOpen(PagePath, out _page) || !_page.TryRead(out _))
        {
            Check.That(Clocks.Raw() < end, $"clockd writes no page; its log: {Clockd.Log}");
            GuestClock.Sleep(Duration.FromSeconds(0.02));
        }
    }
}
