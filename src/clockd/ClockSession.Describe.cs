using TimeSuite.Linux;
using TimeSuite.Policy;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;

namespace TimeSuite.Clockd;

/// <summary>The parts of a description, in the words of the wire.</summary>
public sealed partial class ClockSession
{
    private ClockDescription DescribeClock(Moment now)
    {
        var state = clock.Read(now);
        return new()
        {
            Id = ClockId,
            Kind = clock.Kind == TimePageKind.Shadow ? ClockDescription.Types.Kind.Shadow : ClockDescription.Types.Kind.System,
            FrequencyPpb = state.Frequency.Ppb,
            PendingPhase = state.PendingPhase.ToWire(),
            TimeConstant = (uint)state.TimeConstant,
            Synchronized = IsSynchronized(now),
            Leap = _state.Leap.ToWire(),
            TaiOffsetS = _state.TaiOffset ?? 0,
            Bound = BoundAt(state, now).ToWire(),
            Holder = _holder?.Holder ?? "",
            StepGeneration = _state.Steps,
            FirstSynchronized = _state.FirstSynchronized,
        };
    }

    private Rpc.Clock.V1.Policy DescribePolicy()
    {
        var limits = policy.Limits;
        return new()
        {
            Name = limits.Name,
            MaxFrequencyPpb = limits.MaxFrequency.Ppb,
            MaxSlewRatePpb = limits.MaxSlewRate.Ppb,
            MaxSlewedPhasePerDay = limits.MaxSlewedPhasePerDay.ToWire(),
            BootSteps = (uint)limits.BootSteps,
            LaterStepsPerDay = (uint)limits.LaterStepsPerDay,
            MaxLaterStep = limits.MaxLaterStep.ToWire(),
            Lease = limits.Lease.ToWire(),
            Floor = policy.Floor(_state).ToWire(),
            MinBoundGrowthPpb = limits.MinBoundGrowth.Ppb,
        };
    }

    private Counters Count(Moment now) => new()
    {
        Adjustments = _state.Adjustments,
        Steps = _state.Steps,
        Refusals = _state.Refusals,
        Leases = _state.Leases,
        LeasesExpired = _state.LeasesExpired,
        SlewedLastDay = ClockPolicy.SpentLastDay(_state, now.Boot).ToWire(),
        TotalStepped = _state.TotalStepped.ToWire(),
        BootStepsLeft = (uint)(_state.FirstSynchronized ? 0 : Math.Max(0, policy.Limits.BootSteps - _state.BootStepsUsed)),
        Interferences = _state.Interferences,
    };
}
