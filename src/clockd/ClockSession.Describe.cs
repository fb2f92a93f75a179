using TimeSuite.Linux;
using TimeSuite.Policy;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;

namespace TimeSuite.Clockd;

/// <summary>Clock, policy and what was done since boot, in the words of the wire.</summary>
public sealed partial class ClockSession
{
    public DescribeReply Describe(string version) => Do(now =>
    {
        var (state, limits) = (clock.Read(now), _policy.Limits);
        return new DescribeReply
        {
            Version = version,
            Clocks =
            {
                new ClockDescription
                {
                    Id = ClockId,
                    Kind = clock.Kind == TimePageKind.Shadow ? ClockDescription.Types.Kind.Shadow : ClockDescription.Types.Kind.System,
                    FrequencyPpb = state.Frequency.Ppb,
                    PendingPhase = state.PendingPhase.ToWire(),
                    TimeConstant = (uint)state.TimeConstant,
                    Synchronized = _claim.IsSynchronized(now.Raw),
                    Leap = _state.Leap.ToWire(),
                    TaiOffsetS = _state.TaiOffset ?? 0,
                    Bound = _claim.Bound(state.Unfinished, now.Raw).ToWire(),
                    Holder = _holder?.Holder ?? "",
                    StepGeneration = _state.Steps,
                    FirstSynchronized = _state.FirstSynchronized,
                },
            },
            Policy = new()
            {
                Name = limits.Name,
                MaxFrequencyPpb = limits.MaxFrequency.Ppb,
                MaxSlewRatePpb = limits.MaxSlewRate.Ppb,
                MaxSlewedPhasePerDay = limits.MaxSlewedPhasePerDay.ToWire(),
                BootSteps = (uint)limits.BootSteps,
                LaterStepsPerDay = (uint)limits.LaterStepsPerDay,
                MaxLaterStep = limits.MaxLaterStep.ToWire(),
                Lease = limits.Lease.ToWire(),
                Floor = _policy.Floor(_state).ToWire(),
                MinBoundGrowthPpb = limits.MinBoundGrowth.Ppb,
            },
            Counters = new()
            {
                Adjustments = _state.Adjustments,
                Steps = _state.Steps,
                Refusals = _state.Refusals,
                Leases = _state.Leases,
                LeasesExpired = _state.LeasesExpired,
                SlewedLastDay = ClockPolicy.SpentLastDay(_state, now.Boot).ToWire(),
                TotalStepped = _state.TotalStepped.ToWire(),
                BootStepsLeft = (uint)(_state.FirstSynchronized ? 0 : Math.Max(0, limits.BootSteps - _state.BootStepsUsed)),
                Interferences = _state.Interferences,
            },
        };
    });

    private Accepted Accept(in ClockState state, Moment effective) => new()
    {
        EffectiveRaw = effective.Raw.ToWire(),
        FrequencyPpb = state.Frequency.Ppb,
        PendingPhase = state.PendingPhase.ToWire(),
        TimeConstant = (uint)state.TimeConstant,
        SlewStarts = state.SlewStarts.ToWire(),
        StepGeneration = _state.Steps,
        ClockAtEffective = state.Time.ToWire(),
        StepsLeft = (uint)_policy.StepsLeft(_state, _permit, effective.Boot),
        SlewBudgetLeft = _policy.SlewBudgetLeft(_state, effective.Boot).ToWire(),
    };
}
