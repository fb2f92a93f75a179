using Microsoft.Extensions.Logging;
using TimeSuite.Linux;
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

    /// <summary>Once a second while phase is pending.</summary>
    public void Tick()
    {
        lock (_oneAtATime)
        {
            var now = moments();
            Settle(now);
            if (!clock.Tick(now))
            {
                _state = _state with { Interferences = _state.Interferences + 1 };
                audit.Tell(LogLevel.Error, Event.Types.Kind.Interference, "somebody else",
                    "interference: switched the kernel's PLL off during a slew; the slew was ended. Does a second time daemon run?", now);
            }

            var state = clock.Read(now);
            _state = ClockPolicy.Account(_state, state.PendingPhase, now.Boot);
            if (state.PendingPhase.Magnitude < s_nothing)
            {
                SetDeadline(null);
            }

            Publish(state, now);
        }
    }

    /// <summary>Once a minute.</summary>
    /// <returns>When next: a minute, or less if a leap second comes before.</returns>
    public Duration Housekeep()
    {
        lock (_oneAtATime)
        {
            var now = moments();
            Settle(now);
            _synchronizedSince = IsSynchronized(now) ? _synchronizedSince ?? now.Boot : null;
            var state = clock.Read(now);
            if (now.Boot - _lastSummary >= s_hour)
            {
                audit.Say(LogLevel.Information, Self,
                    $"in this hour: {_state.Adjustments - _lastHour.Adjustments} adjustments, {_state.Refusals - _lastHour.Refusals} refusals, {_state.Leases - _lastHour.Leases} leases; frequency {state.Frequency}, slewed in 24 h {ClockPolicy.SpentLastDay(_state, now.Boot)}, steps since boot {_state.Steps}");
                _state = now.Boot - _synchronizedSince >= s_day ? _state with { SavedTime = state.Time } : _state;
                (_lastSummary, _lastHour) = (now.Boot, _state);
                keeper.SaveToDisk(_state);
            }

            TrySave(ClockPolicy.UpToDate(_saved, _state));
            return _state.Leap == LeapSecond.None ? s_minute : Duration.Max(Duration.FromNanoseconds(1_000_000), Duration.Min(s_minute, LeapIsOver - state.Time));
        }
    }

    /// <summary>When clockd stops, and for <c>clockd --end-slews</c> after one that was killed: no slew and no lease, and the next boot knows.</summary>
    /// <returns>What was still pending.</returns>
    public Duration EndSlews()
    {
        lock (_oneAtATime)
        {
            var now = moments();
            var pending = clock.Read(now).PendingPhase;
            if (pending.Magnitude >= s_nothing || _holder is not null)
            {
                LetGo("clockd ends", now);
            }

            keeper.SaveToDisk(_state);
            return pending;
        }
    }

    /// <summary>One more step for the holder.</summary>
    public void PermitStep(string who, Duration maxSize, Duration window)
    {
        lock (_oneAtATime)
        {
            var now = moments();
            _permit = new(maxSize, now.Boot + window);
            audit.Tell(LogLevel.Warning, Event.Types.Kind.Permit, who, $"permits a step of up to {maxSize} within {window}", now);
        }
    }

    /// <summary>Refused before it came as far as policy: no role, malformed.</summary>
    public void CountRefusal(string who, string verb, string why)
    {
        lock (_oneAtATime)
        {
            CountRefusal(who, verb, why, moments());
        }
    }

    /// <summary>The clock, the policy and what was done since boot.</summary>
    /// <param name="version">Of clockd.</param>
    public DescribeReply Describe(string version)
    {
        lock (_oneAtATime)
        {
            var now = moments();
            Settle(now);
            return new() { Version = version, Clocks = { DescribeClock(now) }, Policy = DescribePolicy(), Counters = Count(now) };
        }
    }

    private void CountRefusal(string who, string verb, string why, Moment now)
    {
        _state = _state with { Refusals = _state.Refusals + 1 };
        audit.Refuse(who, verb, why, now);
    }

    private bool IsSynchronized(Moment now) => _announced.Synchronized && now.Raw - _announcedAt.Raw <= _announced.Interval + _announced.Interval;
}
