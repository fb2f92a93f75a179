using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Rpc.Ntp.V1;

namespace TimeSuite.Ctl;

/// <summary><c>timectl clock --json</c>.</summary>
internal sealed record ClocksJson(
    IReadOnlyList<ClockJson> Clocks, PolicyJson Policy, CountersJson Counters, IReadOnlyList<EventJson> Recent, string Version)
{
    public static ClocksJson From(GetClockReply reply)
    {
        var description = reply.Description ?? new();
        return new(
            [.. description.Clocks.Select(ClockJson.From)],
            PolicyJson.From(description.Policy ?? new()),
            CountersJson.From(description.Counters ?? new()),
            [.. reply.Recent.Select(EventJson.From)],
            description.Version);
    }
}

internal sealed record ClockJson(
    string Id, string Kind, double? FrequencyPpb, decimal? PendingPhaseS, uint TimeConstantLog2S, bool Synchronized, bool FirstSynchronized,
    string Leap, int? TaiOffsetS, decimal? BoundS, string Holder, ulong StepGeneration)
{
    public static ClockJson From(ClockDescription clock) => new(
        clock.Id,
        ClockView.Kind(clock.Kind),
        JsonValue.Number(clock.FrequencyPpb),
        JsonValue.Seconds(clock.PendingPhase),
        clock.TimeConstant,
        clock.Synchronized,
        clock.FirstSynchronized,
        Units.Leap(clock.Leap),
        clock.TaiOffsetS == 0 ? null : clock.TaiOffsetS,
        JsonValue.Seconds(clock.Bound),
        clock.Holder,
        clock.StepGeneration);
}

internal sealed record PolicyJson(
    string Name, double? MaxFrequencyPpb, double? MaxSlewRatePpb, decimal? MaxSlewedPhasePerDayS, uint BootSteps, uint LaterStepsPerDay,
    decimal? MaxLaterStepS, decimal? LeaseS, decimal? FloorS, double? MinBoundGrowthPpb)
{
    public static PolicyJson From(Rpc.Clock.V1.Policy policy) => new(
        policy.Name,
        JsonValue.Number(policy.MaxFrequencyPpb),
        JsonValue.Number(policy.MaxSlewRatePpb),
        JsonValue.Seconds(policy.MaxSlewedPhasePerDay),
        policy.BootSteps,
        policy.LaterStepsPerDay,
        JsonValue.Seconds(policy.MaxLaterStep),
        JsonValue.Seconds(policy.Lease),
        JsonValue.Seconds(policy.Floor),
        JsonValue.Number(policy.MinBoundGrowthPpb));
}

internal sealed record CountersJson(
    ulong Adjustments, ulong Steps, ulong Refusals, ulong Leases, ulong LeasesExpired, decimal? SlewedLastDayS, decimal? TotalSteppedS,
    uint BootStepsLeft, ulong Interferences)
{
    public static CountersJson From(Counters counters) => new(
        counters.Adjustments,
        counters.Steps,
        counters.Refusals,
        counters.Leases,
        counters.LeasesExpired,
        JsonValue.Seconds(counters.SlewedLastDay),
        JsonValue.Seconds(counters.TotalStepped),
        counters.BootStepsLeft,
        counters.Interferences);
}

internal sealed record EventJson(decimal? SinceBootS, string ClockId, string Kind, string Who, string Text, double? FrequencyPpb, decimal? PhaseS)
{
    public static EventJson From(Event entry) => new(
        JsonValue.Seconds(entry.At),
        entry.ClockId,
        JsonValue.Word(ClockView.InWords(entry.Kind)),
        entry.Who,
        entry.Text,
        JsonValue.Number(entry.FrequencyPpb),
        JsonValue.Seconds(entry.Phase));
}
