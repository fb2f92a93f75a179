using System.ComponentModel;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using TimeSuite.Linux;
using TimeSuite.Policy;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Time;

namespace TimeSuite.Clockd;

/// <summary>One clock, its policy, its lease and its page: every change of the clock goes through here, one at a time.</summary>
/// <remarks>Each deed in this order: is the lease alive now, by CLOCK_BOOTTIME; is it allowed; remember it; do it; publish it.</remarks>
public sealed partial class ClockSession(
    ISteerableClock clock, ClockPolicy policy, PolicyState initial, IStateKeeper keeper, ITimePagePublisher page, AuditTrail audit, Func<Moment> moments) : ILeasedClock
{
    /// <summary>Of the one clock that programs read, the kernel's or the shadow.</summary>
    public const string ClockId = "system";

    private static readonly Duration s_nothing = Duration.FromNanoseconds(1_000); // pending phase that needs no owner

    private readonly Lock _oneAtATime = new();
    private ClockPolicy _policy = policy;
    private PolicyState _state = initial, _saved = initial; // in force; on file, and at least as strict
    private Claim _claim;
    private Lease? _holder;
    private Instant<Boot>? _deadline; // of the lease; only while phase is pending
    private StepPermit? _permit;

    /// <summary>Called when <see cref="Housekeep"/> is wanted sooner than it had said.</summary>
    public Action LeapChanged { get; set; } = () => { };

    /// <summary>Called with whether one more <see cref="Tick"/> is wanted, in the clock's next second.</summary>
    public Action<bool> Ticking { get; set; } = _ => { };

    /// <summary>Goes on with what an earlier clockd left, and raises a clock that is below the floor. Before anything else.</summary>
    /// <exception cref="IOException">The state cannot be kept.</exception>
    public void Start()
    {
        var now = moments();
        _lastSummary = now.Boot;
        _claim = Claim.Nothing(_policy.Limits, now.Raw, now.Suspended);
        if (page.Earlier is { } earlier)
        {
            var said = earlier.Announcement with { Synchronized = earlier.Synchronized && earlier.Kind == clock.Kind };
            _claim = new Claim(said, earlier.Announced, earlier.Suspended, earlier.AsOf).With(_state);
            _state = _state with { Steps = Math.Max(_state.Steps, earlier.StepGeneration) }; // readers must never see it go back
        }

        var found = clock.Read(now);
        _state = ClockPolicy.Account(_state, found.PendingPhase, now.Boot);
        var floor = _policy.Floor(_state);
        var missing = floor - found.Time;
        _state = missing.Sign > 0 ? ClockPolicy.Stepped(_state, missing) : _state;
        Save(_state);
        if (missing.Sign > 0)
        {
            Jump(missing, now);
            audit.Note(Event.Types.Kind.Floor, AuditTrail.Self, $"the clock said {found.Time}, before the floor: raised to {floor}", now, LogLevel.Warning, phase: missing);
        }

        var state = clock.Read(now);
        Arm(state, now); // a slew without an owner has the time of a lease to find one
        Publish(state, now);
        audit.Note(Event.Types.Kind.Start, AuditTrail.Self,
            $"{clock.Kind} clock, {state.Time - now.Realtime} from CLOCK_REALTIME, policy {_policy.Limits.Name}, floor {floor}; {state.PendingPhase} of phase is pending", now, LogLevel.Information);
    }

    public Lease Open(string who, Action abort) => Do(now =>
    {
        if (_holder is not null)
        {
            throw SteerCall.End(StatusCode.FailedPrecondition, Refuse(who, "Open", $"the lease is held by {_holder.Holder}", StatusCode.FailedPrecondition, now).Message);
        }

        _state = _state with { Leases = _state.Leases + 1 };
        Arm(clock.Read(now), now);
        audit.Note(Event.Types.Kind.Lease, who, "takes the lease", now, LogLevel.Information);
        return _holder = new Lease(who, abort);
    });

    public void Close(Lease? lease) => Do(now =>
    {
        if (_holder is not null && _holder == lease)
        {
            LetGo("the call ended", now);
        }
    });

    public SteerReply Carry(Lease lease, Instant<Boot> notAfter, string verb, Wish wish) => Do(now =>
    {
        if (_holder != lease)
        {
            return new() { Code = (int)StatusCode.Aborted, Message = "the lease is over" };
        }

        if (now.Boot > notAfter)
        {
            return Refuse(lease.Holder, verb, $"came {now.Boot - notAfter} too late", StatusCode.DeadlineExceeded, now);
        }

        try
        {
            var (was, before) = (_state, clock.Read(now));
            var verdict = _policy.Judge(_state, wish, _permit, before.Time, before.PendingPhase, now.Boot);
            if (!verdict.IsAllowed)
            {
                var code = verdict.Ruling switch { Ruling.Malformed => StatusCode.InvalidArgument, Ruling.BeyondLimit => StatusCode.OutOfRange, _ => StatusCode.FailedPrecondition };
                return Refuse(lease.Holder, verb, verdict.Message, code, now);
            }

            if (!_policy.Covers(_saved, verdict.State))
            {
                Save(_policy.InAdvance(verdict.State, now.Boot));
            }

            _state = verdict.State;
            if (wish.Frequency is { } frequency)
            {
                clock.Steer(frequency, wish.Slew is { } slew ? new Slew(slew.Phase, slew.Duration, _policy.Limits.MaxSlewRate) : null, now);
                _state = _state with { Reserved = clock.Read(now).PendingPhase.Magnitude }; // what the running second still does of it was charged before
                audit.Note(Event.Types.Kind.Adjust, lease.Holder, "", now, frequency: frequency, phase: wish.Slew?.Phase ?? Duration.Zero);
            }

            if (wish.Step is { } offset)
            {
                _permit = verdict.UsesPermit ? null : _permit;
                Jump(offset, now);
                var level = verdict.UsesPermit || was.FirstSynchronized ? LogLevel.Warning : LogLevel.Information;
                audit.Note(Event.Types.Kind.Step, lease.Holder, $"step of {offset}{(verdict.UsesPermit ? " by the administrator's permit" : "")}; step {_state.Steps} since boot", now, level, phase: offset);
                keeper.SaveToDisk(_state);
            }

            if (wish.Announcement is { } said)
            {
                Announce(said, was, lease.Holder, now);
            }

            var effective = clock.Kind == TimePageKind.Shadow ? now : moments();
            var state = clock.Read(effective);
            Arm(state, now);
            Publish(state, effective);
            return new() { Accepted = Accept(state, effective) };
        }
        catch (Exception failure) when (failure is Win32Exception or IOException or UnauthorizedAccessException)
        {
            return Refuse(lease.Holder, verb, failure.Message, StatusCode.Internal, now); // the kernel's or the disk's
        }
    });

    public SteerReply Refuse(string who, string verb, string why, StatusCode code = StatusCode.PermissionDenied) => Do(now => Refuse(who, verb, why, code, now));

    private void Announce(in Announcement said, PolicyState was, string who, Moment now)
    {
        _claim = Claim.Of(said, _state, _policy.Limits, now.Raw, now.Suspended);
        TellClock(now);
        audit.Note(Event.Types.Kind.Announce, who, said.Synchronized ? "synchronized" : "not synchronized", now);
        if (was.Leap != _state.Leap)
        {
            LeapChanged();
            audit.Note(Event.Types.Kind.Leap, who, $"leap second: {_state.Leap}", now, LogLevel.Warning);
            keeper.SaveToDisk(_state);
        }

        if (was.TaiOffset != _state.TaiOffset)
        {
            audit.Note(Event.Types.Kind.Tai, who, $"TAI-UTC = {_state.TaiOffset} s", now, LogLevel.Information);
        }

        if (was.FirstSynchronized != _state.FirstSynchronized)
        {
            audit.Say(LogLevel.Information, $"first synchronisation of this boot: from now on no more than the limits of policy {_policy.Limits.Name} allow", who);
        }
    }

    /// <summary>One thing at a time, and first of all what is due.</summary>
    private T Do<T>(Func<Moment, T> deed)
    {
        lock (_oneAtATime)
        {
            var now = moments(); // after a stop of this process the lease may have run out long ago
            Settle(now);
            return deed(now);
        }
    }

    private void Do(Action<Moment> deed) => Do(now =>
    {
        deed(now);
        return true;
    });

    /// <summary>A lease that has run out is over, and so is a leap second.</summary>
    private void Settle(Moment now)
    {
        if (_deadline is { } deadline && now.Boot > deadline)
        {
            _state = _state with { LeasesExpired = _state.LeasesExpired + (_holder is null ? 0UL : 1UL) };
            LetGo("the lease ran out", now);
        }

        if (_state.Leap != LeapSecond.None && clock.Read(now).Time >= LeapIsOver)
        {
            var second = Duration.FromSeconds(_state.Leap == LeapSecond.Insert ? -1L : 1L);
            bool isShadow = clock.Kind == TimePageKind.Shadow; // the kernel does it by itself
            _state = ClockPolicy.AfterLeap(_state) with { Steps = _state.Steps + (isShadow ? 1UL : 0UL) };
            TrySave(_state);
            _claim = _claim.With(_state);
            if (isShadow)
            {
                Jump(second, now);
            }

            TellClock(now);
            Publish(clock.Read(now), now);
            audit.Note(Event.Types.Kind.Leap, AuditTrail.Self, $"the leap second is over; TAI-UTC = {_state.TaiOffset?.ToString() ?? "unknown"}", now, LogLevel.Warning);
        }
    }

    /// <summary>The kernel acts at the tick after midnight: to take its flag away before that would take the leap second away.</summary>
    private Instant<Utc> LeapIsOver => clock.Kind == TimePageKind.Shadow ? _state.LeapAt : _state.LeapAt + Duration.FromSeconds(1L);

    private void LetGo(string why, Moment now)
    {
        var (holder, state) = (_holder, clock.Read(now));
        if (IsPending(state))
        {
            clock.EndSlew(now);
            _claim = _claim.Dropped(state.PendingPhase);
            TellClock(now);
            Publish(clock.Read(now), now);
        }

        _state = ClockPolicy.Account(_state, state.PendingPhase, now.Boot) with { Reserved = Duration.Zero };
        TrySave(_state);
        SetDeadline(null);
        audit.Note(Event.Types.Kind.LeaseEnd, holder?.Holder ?? "nobody", $"the lease is over: {why}; {state.PendingPhase} of phase was still pending", now, LogLevel.Information, phase: state.PendingPhase);
        _holder = null; // first: whoever hears of the end may close the call at once
        holder?.End();
    }

    private void Jump(Duration offset, Moment now)
    {
        clock.StepBy(offset, _state.Steps, now);
        _claim = _claim.Stepped(offset);
        TellClock(now);
        LeapChanged(); // its midnight is nearer or farther now
    }

    private void TellClock(Moment now) => clock.Announce(_claim.Said with { Bound = _claim.Bound(clock.Read(now).Unfinished, now.Raw) });

    private void Publish(in ClockState state, Moment now) => page.Publish(TimePageReading.Of(
        clock, state, _claim.Said, now with { Raw = _claim.SaidAt, Suspended = _claim.Suspended }, _claim.Bound(state.Unfinished, now.Raw), _state.Steps, now));

    private void Save(PolicyState state)
    {
        keeper.SaveRuntime(state);
        _saved = state;
    }

    /// <summary>For what gives nobody more if it is forgotten.</summary>
    private void TrySave(PolicyState state)
    {
        try
        {
            Save(state);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            audit.Say(LogLevel.Warning, $"the state was not saved: {failure.Message}");
        }
    }

    private static bool IsPending(in ClockState state) => state.PendingPhase.Magnitude >= s_nothing;

    private void Arm(in ClockState state, Moment now) => SetDeadline(IsPending(state) ? now.Boot + _policy.Limits.Lease : null);

    private void SetDeadline(Instant<Boot>? deadline)
    {
        _deadline = deadline;
        Ticking(deadline is not null); // anew each time: a step has moved the full second
    }

    private SteerReply Refuse(string who, string verb, string why, StatusCode code, Moment now)
    {
        _state = _state with { Refusals = _state.Refusals + 1 };
        audit.Refuse(who, verb, why, now);
        return new() { Code = (int)code, Message = why };
    }
}
