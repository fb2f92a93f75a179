using System.Diagnostics;
using System.Globalization;
using TimeSuite.Linux;
using TimeSuite.Time;

namespace TimeSuite.System.VmGuest;

/// <summary>Two interfaces on one cable, each with a hardware clock (tests/system/ptp-lab): lab0 is the machine's, lab1 is in a network namespace, for its peer.</summary>
internal sealed class PtpLab : IDisposable
{
    public const string Ours = "lab0", Theirs = "lab1", OurAddress = "10.9.0.1", TheirAddress = "10.9.0.2", OurClock = "phc:ptplab0", TheirClock = "phc:ptplab1";

    private readonly Child _namespace;

    /// <summary>Plugs both in.</summary>
    /// <param name="knobs">What is wrong with them from the start, as the module's parameters.</param>
    public PtpLab(params string[] knobs)
    {
        if (Directory.Exists("/sys/module/ptplab"))
        {
            Run("rmmod", "ptplab");
        }

        Run(["insmod", "/lib/ptplab.ko", .. knobs]);
        _namespace = new(user: 0, "/bin/busybox", "unshare", "-n", "/bin/busybox", "sleep", "1000000");
        GuestClock.Sleep(Duration.FromSeconds(0.5)); // until it has one
        SetUpOurs();
        SetUpTheirs();
    }

    /// <summary>Turns a knob of the module.</summary>
    public static void Turn(string knob, string to) => File.WriteAllText($"/sys/module/ptplab/parameters/{knob}", to);

    /// <summary>Opens a clock for reading.</summary>
    public static PhcDevice Open(string identity)
    {
        Check.That(PhcIdentity.TryFind(identity, out int index), $"{identity} among {string.Join(' ', PhcIdentity.List().Select(clock => clock.Identity))}");
        return PhcDevice.Open(index, mayBeSet: false);
    }

    /// <summary>How far a clock is ahead of the raw oscillator, exactly: the lab's clocks are made of it.</summary>
    public static Duration AheadOfRaw(PhcDevice clock)
    {
        Check.That(clock.TryRead(out var reading, out _) && reading.Method == PhcMethod.Precise, "read exactly");
        return reading.Phc.SinceEpoch - reading.Raw.SinceEpoch;
    }

    /// <summary>A program at the other end of the cable.</summary>
    public Child AtTheirs(params string[] program) =>
        new(user: 0, ["/bin/busybox", "nsenter", "-t", _namespace.Id.ToString(CultureInfo.InvariantCulture), "-n", .. program]);

    /// <summary>The interfaces may be here for the first time, or again.</summary>
    public static void SetUpOurs()
    {
        Run("ip", "addr", "add", $"{OurAddress}/24", "dev", Ours);
        Run("ip", "link", "set", Ours, "up");
    }

    public void SetUpTheirs()
    {
        Run("ip", "link", "set", Theirs, "netns", _namespace.Id.ToString(CultureInfo.InvariantCulture));
        foreach (string command in (string[])["link set lo up", $"addr add {TheirAddress}/24 dev {Theirs}", $"link set {Theirs} up"])
        {
            RunAtTheirs(["ip", .. command.Split(' ')]);
        }
    }

    public void RunAtTheirs(params string[] command)
    {
        using var child = AtTheirs(["/bin/busybox", .. command]);
        child.EndsWell();
    }

    public void Dispose() => _namespace.Dispose();

    private static void Run(params string[] applet)
    {
        using var process = Process.Start("/bin/busybox", applet);
        process.WaitForExit();
        Check.That(process.ExitCode == 0, string.Join(' ', applet));
    }
}
