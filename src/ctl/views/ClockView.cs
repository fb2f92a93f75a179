using Spectre.Console;
using Spectre.Console.Rendering;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Rpc.Ntp.V1;

namespace TimeSuite.Ctl;

/// <summary><c>timectl clock</c>: clockd's own view, which ntpd relays.</summary>
internal static class ClockView
{
    public static IRenderable Of(GetClockReply reply)
    {
        var description = reply.Description ?? new();
        var parts = new List<IRenderable>();
        foreach (var clock in description.Clocks)
        {
            parts.Add(Tables.Facts(Facts(clock)));
            parts.Add(Text.Empty);
        }

        parts.Add(Tables.Facts([.. Policy(description.Policy ?? new(), description.Counters ?? new(), description.Clocks.Any(clock => clock.FirstSynchronized)), ("clockd", Safe.Text(description.Version))]));
        if (reply.Recent.Count > 0)
        {
            parts.Add(Text.Empty);
            parts.Add(Events(reply.Recent));
        }

        return new Rows(parts);
    }

    private static IEnumerable<(string Name, string Text)> Facts(ClockDescription clock)
    {
        yield return ("Clock", $"{Safe.Text(clock.Id)} ({Kind(clock.Kind)})");
        yield return ("Held by", clock.Holder.Length > 0 ? Safe.Text(clock.Holder) : "nobody");
        yield return ("Synchronised", clock.Synchronized ? "yes" : clock.FirstSynchronized ? "no, but it was since boot" : "no, never since boot");
        yield return ("Frequency", Units.SignedRate(clock.FrequencyPpb));
        yield return ("Being slewed off", Units.Invariant($"{Units.SignedTime(clock.PendingPhase)} (time constant {clock.TimeConstant})"));
        yield return ("Error at most", Units.Time(clock.Bound));
        yield return ("Leap second", Units.Leap(clock.Leap));
        yield return ("TAI - UTC", clock.TaiOffsetS != 0 ? Units.Invariant($"{clock.TaiOffsetS} s") : "unknown");
    }

    private static IEnumerable<(string Name, string Text)> Policy(Rpc.Clock.V1.Policy policy, Counters counters, bool isOverBoot)
    {
        double slewed = Units.Seconds(counters.SlewedLastDay);
        double allowed = Units.Seconds(policy.MaxSlewedPhasePerDay);
        yield return ("Policy", Safe.Text(policy.Name));
        yield return ("Frequency limit", Units.Rate(policy.MaxFrequencyPpb));
        yield return ("Slew rate limit", Units.Rate(policy.MaxSlewRatePpb));
        yield return ("Slewed in 24 h", $"{Units.Time(slewed)} of {Units.Time(allowed)}, {Units.Time(Math.Max(allowed - slewed, 0))} left");
        string atBoot = isOverBoot ? "no boot steps since the first synchronisation" : Units.Invariant($"{counters.BootStepsLeft} of {policy.BootSteps} boot steps left");
        string later = policy.LaterStepsPerDay == 0 ? "later none" : Units.Invariant($"later {policy.LaterStepsPerDay} a day up to {Units.Time(policy.MaxLaterStep)}");
        yield return ("Steps", Units.Invariant($"{counters.Steps} since boot, {Units.Time(counters.TotalStepped)} in all; {atBoot}; {later}"));
        yield return ("Adjustments", Units.Invariant($"{counters.Adjustments} done, {counters.Refusals} refused, {counters.Interferences} interferences"));
        yield return ("Leases", Units.Invariant($"{counters.Leases} given, {counters.LeasesExpired} expired; silent for at most {Units.Time(policy.Lease)}"));
        yield return ("Not before", Units.Utc(policy.Floor));
        yield return ("Bound grows by", $"at least {Units.Rate(policy.MinBoundGrowthPpb)}");
    }

    private static Table Events(IEnumerable<Event> events)
    {
        var table = Tables.With(">Since boot", "Clock", "Event", ">Frequency", ">Phase", "Who", "What");
        foreach (var entry in events)
        {
            Tables.Add(
                table,
                entry.Kind is Event.Types.Kind.Refusal or Event.Types.Kind.Interference ? new Style(Color.Yellow) : Style.Plain,
                Units.Time(entry.At),
                Safe.Text(entry.ClockId),
                InWords(entry.Kind),
                entry.Kind == Event.Types.Kind.Adjust ? Units.SignedRate(entry.FrequencyPpb) : "",
                entry.Phase is null ? "" : Units.SignedTime(entry.Phase),
                Safe.Text(entry.Who),
                Safe.Text(entry.Text, 200));
        }

        return table;
    }

    public static string Kind(ClockDescription.Types.Kind kind) => kind switch
    {
        ClockDescription.Types.Kind.System => "system",
        ClockDescription.Types.Kind.Shadow => "shadow",
        ClockDescription.Types.Kind.Phc => "phc",
        _ => "unknown",
    };

    public static string InWords(Event.Types.Kind kind) => kind switch
    {
        Event.Types.Kind.Lease => "lease",
        Event.Types.Kind.LeaseEnd => "lease end",
        Event.Types.Kind.Adjust => "adjust",
        Event.Types.Kind.Step => "step",
        Event.Types.Kind.Announce => "announce",
        Event.Types.Kind.Leap => "leap",
        Event.Types.Kind.Tai => "tai",
        Event.Types.Kind.Refusal => "refusal",
        Event.Types.Kind.Permit => "permit",
        Event.Types.Kind.Interference => "interference",
        Event.Types.Kind.Floor => "floor",
        Event.Types.Kind.Start => "start",
        Event.Types.Kind.Policy => "policy",
        _ => "unknown",
    };
}
