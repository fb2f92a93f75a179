using System.Globalization;
using TimeSuite.Time;

namespace TimeSuite.System.VmGuest;

/// <summary>A reference, and the machine whose clock follows it.</summary>
internal sealed record Pair(Station Reference, Station Machine) : IDisposable
{
    private const string SteppedLine = "The system's clock was stepped", StepLine = ": step of ";

    /// <summary>More than a clock that follows such a reference over loopback is ever off.</summary>
    private static readonly Duration s_good = Duration.FromSeconds(0.0002);

    /// <summary>Of the reference's oscillator, and so of the machine's clock, ppm.</summary>
    public const double Frequency = 30;

    /// <summary>All that may go wrong is in it.</summary>
    public string Logs => $"ntpd: {Machine.Ntpd.Log} | clockd: {Machine.Clockd.Log}";

    /// <summary>Steps by clockd since the machine was started.</summary>
    public int Steps => Machine.Clockd.Count(StepLine);

    /// <summary>How often ntpd noticed that the clock was stepped.</summary>
    public int Noticed => Machine.Ntpd.Count(SteppedLine);

    /// <summary>Starts both and waits until the machine's clock is right.</summary>
    /// <param name="offset">Of the reference from the machine's clock as it is, e.g. 300ms.</param>
    /// <param name="forBoth">Configuration.</param>
    /// <param name="forMachine">Configuration.</param>
    public static Pair Start(string offset, string forBoth = "", string forMachine = "")
    {
        var reference = Station.StartReference(offset, string.Create(CultureInfo.InvariantCulture, $"{Frequency}ppm"), forBoth);
        var pair = new Pair(reference, Station.StartSystem(forBoth + forMachine));
        pair.BecomesRight(30);
        return pair;
    }

    public void BecomesRight(double seconds) => Honest(TrueError.Until(Machine, Reference, seconds, "the clock is right", IsRight));

    /// <summary>The clock is right, and says so, for so long.</summary>
    public List<TrueError> StaysRight(double seconds)
    {
        var seen = TrueError.Over(Machine, Reference, seconds);
        Check.That(seen.TrueForAll(IsRight), $"{Worst(seen)}; {Logs}");
        return seen;
    }

    /// <summary>Somebody else steps the clock, and ntpd notices.</summary>
    public void Disturb(double seconds)
    {
        int before = Noticed;
        GuestClock.StepBy(Duration.FromSeconds(seconds));
        Machine.Ntpd.WaitForLog(SteppedLine, 3, before + 1);
    }

    /// <summary>At no time more is claimed than is so.</summary>
    public List<TrueError> Honest(List<TrueError> seen)
    {
        Check.That(seen.TrueForAll(look => look.IsHonest), $"{Worst(seen)}; {Logs}");
        return seen;
    }

    public bool IsRight(TrueError look) => look.IsInside && look.Error.Magnitude < s_good;

    public void Dispose()
    {
        Machine.Dispose();
        Reference.Dispose();
    }

    private static string Worst(List<TrueError> seen)
    {
        var worst = seen.FindAll(look => !look.IsHonest) is [_, ..] lies ? lies : seen;
        var largest = worst.MaxBy(look => look.Error.Magnitude);
        return string.Create(CultureInfo.InvariantCulture,
            $"of {seen.Count} looks {seen.Count(look => !look.IsHonest)} outside of the bound, {seen.Count(look => !look.IsClaimed)} without a claim; the worst after {(largest.At - seen[0].At).Seconds:F2} s: {largest}; those before it: {string.Join(" | ", seen[Math.Max(0, seen.IndexOf(largest) - 5)..seen.IndexOf(largest)])}");
    }
}
