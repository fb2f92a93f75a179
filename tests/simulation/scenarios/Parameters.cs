using static TimeSuite.Simulation.Parameter;

namespace TimeSuite.Simulation;

/// <summary>All that can be set by name.</summary>
public static class Parameters
{
    public static IReadOnlyList<Parameter> All { get; } =
    [
        Number("limit", "length of the run, s", 1, 1e7, s => s.Limit, (s, v) => s with { Limit = v }),
        Number("from", "scored from then on, s; -1: a fifth of the length", -1, 1e7, s => s.From, (s, v) => s with { From = v }),
        Whole("start", "UTC at the start, s since 1970", 0, 100_000_000_000, s => s.Start, (s, v) => s with { Start = v }),
        Word("actuator", "what is steered", s => s.Actuator, (s, v) => s with { Actuator = v }),
        Number("offset", "clock minus UTC at the start, s", -1e10, 1e10, s => s.Offset, (s, v) => s with { Offset = v }),
        Number("frequency", "rate error of the oscillator at the start, s/s", -0.1, 0.1, s => s.Frequency, (s, v) => s with { Frequency = v }),
        Number("wander", "random walk of the rate, 1/sqrt(s)", 0, 1e-3, s => s.Wander, (s, v) => s with { Wander = v }),
        Number("flicker", "floor of the Allan deviation", 0, 1e-3, s => s.Flicker, (s, v) => s with { Flicker = v }),
        Number("white-fm", "deviation of an independent rate error each second", 0, 1e-3, s => s.WhiteFm, (s, v) => s with { WhiteFm = v }),
        Number("sine", "amplitude of a sine of the rate", 0, 1e-2, s => s.Sine, (s, v) => s with { Sine = v }),
        Number("sine-period", "of that sine, s", 1, 1e7, s => s.SinePeriod, (s, v) => s with { SinePeriod = v }),
        Number("ramp", "slope of the rate by temperature, s/s per s", -1e-6, 1e-6, s => s.Ramp, (s, v) => s with { Ramp = v }),
        Number("ramp-from", "begin of the ramp, s", 0, Ever, s => s.RampFrom, (s, v) => s with { RampFrom = v }),
        Number("ramp-to", "end of the ramp, s", 0, Ever, s => s.RampTo, (s, v) => s with { RampTo = v }),
        Number("jump", "sudden change of the rate, s/s", -1e-3, 1e-3, s => s.Jump, (s, v) => s with { Jump = v }),
        Number("jump-at", "when, s", 0, Ever, s => s.JumpAt, (s, v) => s with { JumpAt = v }),
        Whole("shift-pll", "of the kernel's loop", 0, 4, s => s.ShiftPll, (s, v) => s with { ShiftPll = (int)v }),
        Number("base", "least delay of each way, s; a packet that would take none at all is lost", 0, 10, s => s.Base, (s, v) => s with { Base = v }),
        Number("jitter", "mean of what varies of the delay, s", 0, 10, s => s.Jitter, (s, v) => s with { Jitter = v }),
        Number("asymmetry", "of the jitter: 1-2a of it on the way out, 1+2a on the way back", -0.5, 0.5, s => s.Asymmetry, (s, v) => s with { Asymmetry = v }),
        Number("base-asymmetry", "of the base, likewise", -0.5, 0.5, s => s.BaseAsymmetry, (s, v) => s with { BaseAsymmetry = v }),
        Word("delay", "distribution of the jitter", s => s.Delay, (s, v) => s with { Delay = v }),
        Share("spikes", "share of packets with another exponential", s => s.Spikes, (s, v) => s with { Spikes = v }),
        Number("spike", "mean of it, s", 0, 10, s => s.Spike, (s, v) => s with { Spike = v }),
        Number("congestion", "mean of another exponential on the way back in congested times, s", 0, 10, s => s.Congestion, (s, v) => s with { Congestion = v }),
        Number("congestion-length", "of a congested time, s", 0, 1e6, s => s.CongestionLength, (s, v) => s with { CongestionLength = v }),
        Number("congestion-period", "from one to the next, s", 1, 1e6, s => s.CongestionPeriod, (s, v) => s with { CongestionPeriod = v }),
        Number("load", "mean load of an M/M/1 queue each way", 0, 0.98, s => s.Load, (s, v) => s with { Load = v }),
        Number("service", "mean time of that queue for a packet, s", 0, 1, s => s.Service, (s, v) => s with { Service = v }),
        Number("route-period", "mean time between changes of the route, s; 0: none", 0, 1e7, s => s.RoutePeriod, (s, v) => s with { RoutePeriod = v }),
        Number("route-shift", "mean that a route adds to each way, s", 0, 10, s => s.RouteShift, (s, v) => s with { RouteShift = v }),
        Share("loss", "share of packets lost, each way", s => s.LossUp, (s, v) => s with { LossUp = v, LossDown = v }),
        Share("loss-up", "share of requests lost", s => s.LossUp, (s, v) => s with { LossUp = v }),
        Share("loss-down", "share of replies lost", s => s.LossDown, (s, v) => s with { LossDown = v }),
        Share("duplicates", "share of packets that come again", s => s.Duplicates, (s, v) => s with { Duplicates = v }),
        Whole("copies", "how often they come again", 1, 100, s => s.Copies, (s, v) => s with { Copies = (int)v }),
        Share("reorder", "share of packets held up by up to 3 s", s => s.Reorder, (s, v) => s with { Reorder = v }),
        Number("attack", "an attacker's delay of each reply, s", 0, 100, s => s.Attack, (s, v) => s with { Attack = v }),
        Number("attack-ramp", "more of it each second, s/s", 0, 1, s => s.AttackRamp, (s, v) => s with { AttackRamp = v }),
        Number("attack-at", "from then on, s", 0, Ever, s => s.AttackAt, (s, v) => s with { AttackAt = v }),
        Number("link-dies", "no packet passes from then on, s", 0, Ever, s => s.LinkDies, (s, v) => s with { LinkDies = v }),
        Number("link-up", "no packet passes before, s", 0, Ever, s => s.LinkUp, (s, v) => s with { LinkUp = v }),
        Number("resolution", "of all stamps, s", 1e-9, 0.1, s => s.Resolution, (s, v) => s with { Resolution = v }),
        Number("stamp-error", "half-width of our stamps' error, s", 0, 0.1, s => s.StampError, (s, v) => s with { StampError = v }),
        Share("stamp-loss", "share of requests without a kernel's stamp", s => s.StampLoss, (s, v) => s with { StampLoss = v }),
        Share("stamp-late", "share of requests whose stamp comes 10 ms after", s => s.StampLate, (s, v) => s with { StampLate = v }),
        Whole("servers", "how many", 1, 50, s => s.Servers, (s, v) => s with { Servers = (int)v }),
        Whole("falsetickers", "how many of them lie", 0, 50, s => s.Falsetickers, (s, v) => s with { Falsetickers = (int)v }),
        Number("false-offset", "the first one's lie, s; the second one's is twice it", -1e9, 1e9, s => s.FalseOffset, (s, v) => s with { FalseOffset = v }),
        Number("server-step", "servers step by this, s", -1e9, 1e9, s => s.ServerStep, (s, v) => s with { ServerStep = v }),
        Number("server-step-at", "when, s", 0, Ever, s => s.ServerStepAt, (s, v) => s with { ServerStepAt = v }),
        Whole("stepping-servers", "how many of them step", 0, 50, s => s.SteppingServers, (s, v) => s with { SteppingServers = (int)v }),
        Number("root-delay", "that the servers tell, s", 0, 60_000, s => s.RootDelay, (s, v) => s with { RootDelay = v }),
        Number("root-dispersion", "that the servers tell, s", 0, 60_000, s => s.RootDispersion, (s, v) => s with { RootDispersion = v }),
        Polls("poll", "least and longest poll, log2 s"),
        Key("iburst", "source.iburst", "four requests 2 s apart at the start", "true or false"),
        Key("interleaved", "source.interleaved", "interleaved mode (RFC 9769)", "true or false"),
        Key("policy", "clock.policy", "clockd's", "default, chrony-like, strict"),
        Key("accuracy-target", "selection.accuracy-target", "error that is good enough, RMS", "a length of time, e.g. 1ms, or none", absent: "none"),
        Number("pause-period", "mean time between stops of ntpd, s; 0: none", 0, 1e7, s => s.PausePeriod, (s, v) => s with { PausePeriod = v }),
        Number("pause-length", "mean length of them, s", 0, 1e5, s => s.PauseLength, (s, v) => s with { PauseLength = v }),
        Number("suspend-at", "when the machine sleeps, s", 0, Ever, s => s.SuspendAt, (s, v) => s with { SuspendAt = v }),
        Number("suspend-length", "how long, s", 0, 1e7, s => s.SuspendLength, (s, v) => s with { SuspendLength = v }),
        Number("rtc-error", "RTC minus UTC when it wakes, s", -1e9, 1e9, s => s.RtcError, (s, v) => s with { RtcError = v }),
        Whole("ptp-slaves", "clocks that follow a PTP grandmaster; 0: there is no PTP", 0, 50, s => s.Ptp.Slaves, (s, v) => s with { Ptp = s.Ptp with { Slaves = (int)v } }),
        Word("ptp-stamps", "what stamps PTP's messages: a PHC with its servo, or the machine, whose clock ntpd steers", s => s.Ptp.Stamps, (s, v) => s with { Ptp = s.Ptp with { Stamps = v } }),
        Word("ptp-delay", "how PTP learns the delay", s => s.Ptp.Delay, (s, v) => s with { Ptp = s.Ptp with { Delay = v } }),
        Whole("ptp-sync", "from Sync to Sync, log2 s", -7, 7, s => s.Ptp.LogSync, (s, v) => s with { Ptp = s.Ptp with { LogSync = (sbyte)v } }),
        Whole("ptp-request", "between requests for the delay, log2 s", -7, 7, s => s.Ptp.LogDelay, (s, v) => s with { Ptp = s.Ptp with { LogDelay = (sbyte)v } }),
        Word("leap", "at the first midnight", s => s.Leap, (s, v) => s with { Leap = v }),
        Flag("leap-table", "whether the daemons have a leap table", s => s.LeapTable, (s, v) => s with { LeapTable = v }),
    ];

    /// <summary>Sets one; <c>table.key</c> is a key of timesuite.toml, its value as in that file, or without the quotes.</summary>
    /// <exception cref="FormatException">With what would be right.</exception>
    public static Setup Set(Setup setup, string name, string value)
    {
        if (name.Contains('.', StringComparison.Ordinal))
        {
            return setup.WithKey(name, value);
        }

        var parameter = All.FirstOrDefault(candidate => candidate.Name == name)
            ?? throw new FormatException($"there is no parameter \"{name}\"{Hint(name, All.Select(candidate => candidate.Name))}; --list shows all, and keys of timesuite.toml are written table.key");
        return parameter.Apply(setup, value) ?? throw new FormatException($"{name} = \"{value}\": expected {parameter.Values} ({parameter.Meaning})");
    }

    /// <summary>The name that was probably meant, after "; nearest is"; empty if none is like it.</summary>
    public static string Hint(string name, IEnumerable<string> names)
    {
        var (nearest, distance) = names.Select(candidate => (candidate, Distance(name.ToUpperInvariant(), candidate.ToUpperInvariant()))).MinBy(one => one.Item2);
        string? begun = names.FirstOrDefault(candidate => candidate.StartsWith(name, StringComparison.OrdinalIgnoreCase));
        string? meant = distance <= Math.Max(1, name.Length / 3) ? nearest : begun;
        return meant is null ? "" : $"; nearest is \"{meant}\"";
    }

    /// <summary>Insertions, deletions and replacements from one to the other (Levenshtein).</summary>
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 0; i < a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i + 1;
            for (int j = 0; j < b.Length; j++)
            {
                int replaced = diagonal + (a[i] == b[j] ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = Math.Min(replaced, Math.Min(row[j], diagonal) + 1);
            }
        }

        return row[^1];
    }
}
