using Microsoft.Extensions.Logging;
using TimeSuite.Policy;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Time;

namespace TimeSuite.Clockd;

/// <summary>What goes on beside the holder's messages: each second while phase is pending, each minute, and on the administrator's word.</summary>
public sealed partial class ClockSession
{
    private static readonly Duration s_minute = Duration.FromSeconds(60L), s_hour = Duration.FromSeconds(3_600L), s_day = Duration.FromSeconds(86_400L);

    private Instant<Boot>? _synchronizedSince;
    private Instant<Boot> _lastSummary;
    private PolicyState _lastHour = initial;

    /// <summary>Once in each of the clock's seconds while phase is pending, as <see cref="Ticking"/> is asked.</summary>
    public void Tick() => Do(now =>
    {
        var before = clock.Read(now).PendingPhase;
        if (!clock.Tick(now))
        {
            _claim = _claim.Dropped(before);
            TellClock(now);
            _state = _state with { Interferences = _state.Interferences + 1 };
            audit.Note(Event.Types.Kind.Interference, "another program",
                "interference: switched the kernel's PLL off during a slew; the slew was ended. Does a second time daemon run?", now, LogLevel.Error);
        }

        var state = clock.Read(now);
        _state = ClockPolicy.Account(_state, state.PendingPhase, now.Boot);
        SetDeadline(IsPending(state) ? _deadline : null);
        Publish(state, now);
    });

    /// <summary>Once a minute.</summary>
    /// <returns>When next: a minute, or less if a leap second comes before.</returns>
    public Duration Housekeep() => Do(now =>
    {
        _synchronizedSince = _claim.IsSynchronized(now.Raw) ? _synchronizedSince ?? now.Boot : null;
        var state = clock.Read(now);
        if (now.Boot - _lastSummary >= s_hour)
        {
            audit.Say(LogLevel.Information, $"in this hour: {_state.Adjustments - _lastHour.Adjustments} adjustments, {_state.Refusals - _lastHour.Refusals} refusals, {_state.Leases - _lastHour.Leases} leases; frequency {state.Frequency}, slewed in 24 h {ClockPolicy.SpentLastDay(_state, now.Boot)}, steps since boot {_state.Steps}");
            _state = now.Boot - _synchronizedSince >= s_day ? _state with { SavedTime = state.Time } : _state;
            (_lastSummary, _lastHour) = (now.Boot, _state);
            keeper.SaveToDisk(_state);
        }

        TrySave(ClockPolicy.UpToDate(_saved, _state));
        return _state.Leap == LeapSecond.None ? s_minute : Duration.Max(Duration.FromNanoseconds(1_000_000), Duration.Min(s_minute, LeapIsOver - state.Time));
    });

    /// <summary>When clockd stops, and for <c>clockd --end-slews</c> after one that was killed: no slew and no lease, and the next boot knows.</summary>
    public void EndSlews() => Do(now =>
    {
        if (IsPending(clock.Read(now)) || _holder is not null)
        {
            LetGo("clockd ends", now);
        }

        keeper.SaveToDisk(_state);
    });

    /// <summary>One more step for the holder.</summary>
    public void PermitStep(string who, Duration maxSize, Duration window) => Do(now =>
    {
        _permit = new(maxSize, now.Boot + window);
        audit.Note(Event.Types.Kind.Permit, who, $"permits a step of up to {maxSize} within {window}", now, LogLevel.Warning);
    });

    /// <summary>The administrator has changed the limits: they are in force from the next message on.</summary>
    public void Adopt(ClockPolicy wanted) => Do(now =>
    {
        _policy = wanted;
        audit.Note(Event.Types.Kind.Policy, AuditTrail.Self, $"from now on the limits of policy {wanted.Limits.Name} as they are configured now", now, LogLevel.Information);
    });
}
