using Spectre.Console;
using Spectre.Console.Rendering;
using TimeSuite.Rpc.Ptp.V1;
using TimeSuite.Rpc.Time.V1;

namespace TimeSuite.Ctl;

/// <summary><c>timectl ptp</c> and what is below it.</summary>
internal static class PtpViews
{
    private const int LongestSentence = 500, LongestState = 24;

    public static IRenderable Status(PtpStatus status)
    {
        var facts = new List<(string, string)>
        {
            ("Clock", Units.Invariant($"{Safe.Text(status.ClockIdentity)}, {Safe.Text(status.Role)}, profile {Safe.Text(status.Profile)}, domain {status.Domain}")),
        };
        facts.AddRange(status.Parent is { } parent ? Grandmaster(parent, status.ClockIdentity) : [("Grandmaster", "none of its own: it hands on what others say")]);
        facts.AddRange(status.Clocks.Select(clock => (
            "Hardware clock",
            Units.Invariant($"{Safe.Text(clock.ClockId)} ({Safe.Text(string.Join(' ', clock.Interfaces))}): {Safe.Text(clock.State)}, follows {Safe.Text(clock.Upstream)}")
                + (clock.Offset is null ? "" : ", " + Units.SignedTime(clock.Offset) + " off") + (clock.Bound is null ? "" : ", within " + Units.Time(clock.Bound)) + Units.Invariant($", frequency {clock.FrequencyPpb / 1000:+0.000;-0.000} ppm"))));
        facts.AddRange(status.Ports.Where(port => port.Alarm.Length > 0).Select(port => (Units.Invariant($"Alarm, port {port.Number}"), Safe.Text(port.Alarm, LongestSentence))));
        facts.AddRange(status.Ports.Where(port => port.UnicastGrants > 0).Select(port => (Units.Invariant($"Unicast, port {port.Number}"), Units.Invariant($"{port.UnicastGrants} grants hold"))));
        return status.Ports.Any(port => port.UnicastMasters.Count > 0)
            ? new Rows(Tables.Facts(facts), new Text(""), Ports(status), new Text(""), UnicastMasters(status))
            : new Rows(Tables.Facts(facts), new Text(""), Ports(status));
    }

    public static IRenderable Ports(PtpStatus status)
    {
        // Why a port does not work is a sentence: it stands below the table, where it may be wrapped.
        bool DoesNotWork(PtpPortStatus port) => port.State.Length > LongestState;
        var ports = Tables.With(">Port", "Interface", "State", ">Offset", ">Path delay", ">Age", "Delay", "Transport", "Stamps");
        foreach (var port in status.Ports)
        {
            Tables.Add(
                ports, Style.Plain, Units.Invariant($"{port.Number}"), Safe.Text(port.Interface), DoesNotWork(port) ? "does not work" : Safe.Text(port.State),
                port.Offset is null ? "-" : Units.SignedTime(port.Offset), port.MeanPathDelay is null ? "-" : Units.Time(port.MeanPathDelay), port.Age is null ? "-" : Units.Roughly(Units.Seconds(port.Age)),
                Safe.Text(port.DelayMechanism), Safe.Text(port.Transport), Safe.Text(port.Timestamping));
        }

        var troubles = status.Ports.Where(DoesNotWork).Select(port => (Units.Invariant($"Port {port.Number}"), Safe.Text(port.State, LongestSentence))).ToList();
        return troubles.Count > 0 ? new Rows(ports, new Text(""), Tables.Facts(troubles)) : ports;
    }

    private static IEnumerable<(string, string)> Grandmaster(PtpParent parent, string self) =>
    [
        ("Grandmaster", parent.Grandmaster == self ? "this clock" : Units.Invariant($"{Safe.Text(parent.Grandmaster)}, {Steps(parent.StepsRemoved)} away, {Source(parent.TimeSource)}")),
        ("Its claims", Units.Invariant($"priority {parent.Priority1}, {Quality(parent.Quality)}, priority {parent.Priority2}")),
        ("Its time", (parent.PtpTimescale ? "TAI" : "of no known scale") + (parent.HasUtcOffsetS ? Units.Invariant($", UTC is {parent.UtcOffsetS} s behind") : ", where UTC is it does not say")
            + (parent.TimeTraceable ? ", traceable" : "") + (parent.Leap == LeapSecond.None ? "" : $", leap second at the end of the day: {Word(parent.Leap)}")),
    ];

    private static Table UnicastMasters(PtpStatus status)
    {
        var table = Tables.With(">Port", "Master", "Identity", "Grants", "");
        foreach (var (port, master) in status.Ports.SelectMany(port => port.UnicastMasters.Select(master => (port, master))))
        {
            string grants = master.SyncGranted ? "Announce and Sync" : master.AnnounceGranted ? "Announce" : "nothing";
            Tables.Add(
                table, Style.Plain, Units.Invariant($"{port.Number}"), Safe.Text(master.Address), master.PortIdentity.Length > 0 ? Safe.Text(master.PortIdentity) : "-", grants,
                master.Denies ? "denies" : master.AnnounceGranted ? "" : "no answer");
        }

        return table;
    }

    public static IRenderable Masters(PtpStatus status)
    {
        if (status.Ports.All(port => port.Masters.Count == 0))
        {
            return new Text("no master was heard: timectl ptp counters shows what came and what was dropped");
        }

        // In the order in which they are compared: what differs first from the row above is why.
        var table = Tables.With(">Port", "Master", "Priority 1", "Quality", "Priority 2", "Grandmaster", ">Steps", ">Heard", "");
        foreach (var (port, master) in status.Ports.SelectMany(port => port.Masters.OrderByDescending(master => master.Followed).Select(master => (port, master))))
        {
            Tables.Add(
                table, Style.Plain, Units.Invariant($"{port.Number}"), Safe.Text(master.PortIdentity), Units.Invariant($"{master.Priority1}"), Quality(master.Quality), Units.Invariant($"{master.Priority2}"),
                Safe.Text(master.Grandmaster), Units.Invariant($"{master.StepsRemoved}"), Units.Roughly(Units.Seconds(master.LastHeard)) + " ago",
                master.Followed ? "followed" : !master.Qualified ? "heard too seldom" : master.BetterOne.Length > 0 ? "the other has " + Safe.Text(master.BetterOne, 100) : "");
        }

        return table;
    }

    public static IRenderable Counters(PtpStatus status)
    {
        var table = Tables.With(">Port", ">Count", "What");
        foreach (var (port, count) in status.Ports.SelectMany(port => port.Counts.Where(count => count.Count > 0).Select(count => (port, count))))
        {
            Tables.Add(table, Style.Plain, Units.Invariant($"{port.Number}"), Units.Invariant($"{count.Count}"), Safe.Text(count.Name));
        }

        return table;
    }

    public static string Word(LeapSecond leap) => leap switch
    {
        LeapSecond.None => "none",
        LeapSecond.Insert => "insert",
        LeapSecond.Delete => "delete",
        _ => Units.Unknown,
    };

    /// <summary>IEEE 1588-2019 table 6.</summary>
    public static string Source(uint source) => source switch
    {
        0x10 => "atomic clock",
        0x20 => "GNSS",
        0x30 => "radio",
        0x39 => "serial time code",
        0x40 => "PTP",
        0x50 => "NTP",
        0x60 => "set by hand",
        0x90 => "other",
        0xA0 => "its own oscillator",
        _ => Units.Invariant($"source 0x{source:x2}"),
    };

    private static string Quality(PtpQuality? quality) =>
        quality is null ? Units.Unknown : Units.Invariant($"class {quality.ClockClass}, accuracy {Accuracy(quality.Accuracy)}, variance 0x{quality.Variance:x4}");

    private static string Accuracy(uint accuracy)
    {
        ReadOnlySpan<double> bounds = [25e-9, 100e-9, 250e-9, 1e-6, 2.5e-6, 10e-6, 25e-6, 100e-6, 250e-6, 1e-3, 2.5e-3, 10e-3, 25e-3, 100e-3, 250e-3, 1, 10];
        return accuracy >= 0x20 && accuracy - 0x20 < bounds.Length ? Units.Time(bounds[(int)accuracy - 0x20]) : accuracy == 0xFE ? "unknown" : Units.Invariant($"0x{accuracy:x2}");
    }

    private static string Steps(uint steps) => steps == 1 ? "1 step" : Units.Invariant($"{steps} steps");
}
