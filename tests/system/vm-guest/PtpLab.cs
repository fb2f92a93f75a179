using System.Diagnostics;
using System.Globalization;
using TimeSuite.Linux;
using TimeSuite.Time;

namespace TimeSuite.System.VmGuest;

/// <summary>Interfaces on cables, each with a hardware clock (tests/system/ptp-lab): lab0 is the machine's, lab1 at the other end is in a network namespace, for its peer; and so lab2 and lab3, where a second cable is asked for.</summary>
internal sealed class PtpLab : IDisposable
{
    public const string Ours = "lab0", Theirs = "lab1", OurAddress = "10.9.0.1", TheirAddress = "10.9.0.2", OurClock = "phc:ptplab0", TheirClock = "phc:ptplab1";
    public const string OurSecond = "lab2", FarSecond = "lab3", OurSecondClock = "phc:ptplab2", FarSecondClock = "phc:ptplab3";

    private readonly Child _namespace;
    private Child? _second;

    /// <summary>Plugs both in.</summary>
    /// <param name="knobs">What is wrong with them from the start, as the module's parameters.</param>
    public PtpLab(params string[] knobs)
    {
        if (Directory.Exists("/sys/module/ptplab"))
        {
            Run("rmmod", "ptplab");
        }

        Run(["insmod", "/lib/ptplab.ko", .. knobs]);
        _namespace = NewNamespace();
        SetUpOurs();
        SetUpTheirs();
    }

    /// <summary>Has the receiver whose pulses come into the clocks be so far ahead of the raw oscillator.</summary>
    public static void SetPulses(Duration aheadOfRaw) => Turn("pulse_ahead", ((aheadOfRaw.WholeSeconds * 1_000_000_000) + aheadOfRaw.NanosecondOfSecond).ToString(CultureInfo.InvariantCulture));

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

    /// <summary>How far the system's clock is ahead of a hardware clock that shows TAI, exactly: the lab reads both at one moment.</summary>
    public static Duration SystemsError(PhcDevice clock)
    {
        Check.That(clock.TryRead(out var reading, out _) && reading.Method == PhcMethod.Precise, "read exactly");
        return reading.Realtime.SinceEpoch + Duration.FromSeconds(37L) - reading.Phc.SinceEpoch;
    }

    /// <summary>A program at the other end of the cable.</summary>
    public Child AtTheirs(params string[] program) => new(user: 0, [.. Enter(_namespace), .. program]);

    /// <summary>How a program is started there.</summary>
    public IEnumerable<string> There => Enter(_namespace);

    /// <summary>A program at the other end of the second cable.</summary>
    public Child AtSecond(params string[] program) => new(user: 0, [.. Enter(_second!), .. program]);

    /// <summary>Plugs in the second cable.</summary>
    public void SetUpSecond()
    {
        _second = NewNamespace();
        SetUp(OurSecond, "10.9.1.1");
        SetUpIn(_second, FarSecond, "10.9.1.2");
    }

    /// <summary>The interfaces may be here for the first time, or again.</summary>
    public static void SetUpOurs() => SetUp(Ours, OurAddress);

    public void SetUpTheirs() => SetUpIn(_namespace, Theirs, TheirAddress);

    public void RunAtTheirs(params string[] command) => RunIn(_namespace, command);

    public void Dispose()
    {
        _second?.Dispose();
        _namespace.Dispose();
    }

    private static string[] Enter(Child holder) => ["/bin/busybox", "nsenter", "-t", holder.Id.ToString(CultureInfo.InvariantCulture), "-n", "-m"];

    private static Child NewNamespace()
    {
        var holder = new Child(user: 0, "/bin/busybox", "unshare", "-n", "-m", "/bin/busybox", "sh", "-c", "/bin/busybox mount -t sysfs sys /sys && exec /bin/busybox sleep 1000000"); // so that /sys shows its interfaces
        GuestClock.Sleep(Duration.FromSeconds(0.5)); // until it has one
        return holder;
    }

    private static void SetUp(string name, string address)
    {
        Run("ip", "addr", "add", $"{address}/24", "dev", name);
        Run("ip", "link", "set", name, "up");
    }

    private static void SetUpIn(Child holder, string name, string address)
    {
        Run("ip", "link", "set", name, "netns", holder.Id.ToString(CultureInfo.InvariantCulture));
        foreach (string command in (string[])["link set lo up", $"addr add {address}/24 dev {name}", $"link set {name} up"])
        {
            RunIn(holder, ["ip", .. command.Split(' ')]);
        }
    }

    private static void RunIn(Child holder, params string[] command)
    {
        using var child = new Child(user: 0, [.. Enter(holder), "/bin/busybox", .. command]);
        child.EndsWell();
    }

    private static void Run(params string[] applet)
    {
        using var process = Process.Start("/bin/busybox", applet);
        process.WaitForExit();
        Check.That(process.ExitCode == 0, string.Join(' ', applet));
    }
}
