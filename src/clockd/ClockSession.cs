using System.ComponentModel;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using TimeSuite.Linux;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Time;

namespace TimeSuite.Clockd;

/// <summary>One clock, its policy, its lease and its page: every change of the clock goes through here, one at a time.</summary>
/// <remarks>Each deed in this order: is the lease alive now, by CLOCK_BOOTTIME; is it allowed; remember it; do it; publish it.</remarks>
public sealed partial class ClockSession(
    ISteerableClock clock, ClockPolicy policy, StateFiles files, TimePageWriter page, PolicyState initial, EventRing events, Func<Moment> moments, ILogger<ClockSession> log)
{
    private static readonly Duration s_nothing = Duration.FromNanoseconds(1_000); // pending phase that needs no owner
    private static readonly Duration s_readError = Duration.FromNanoseconds(1_000); // of a program that reads clock and page

    private readonly Lock _oneAtATime = new();
    private readonly RefusalLines _refusalLines = new();
    private PolicyState _state = initial;
    private Announcement _announced = new() { Bound = Duration.FromSeconds(16L), Sigma = Duration.FromSeconds(16L), Interval = Duration.FromSeconds(64L), Growth = policy.Config.MinBoundGrowth };
    private Moment _announcedAt;
    private Instant<Raw> _boundAt;
    private Lease? _holder;
    private Instant<Boot>? _deadline; // of the lease; only while phase is pending
    private StepPermit? _permit;
    private bool _isTicking;

    /// <summary>Called with whether <see cref="Tick"/> is wanted each second.</summary>
    public Action<bool> Ticking { get; set; } = _ => { };

    /// <summary>Does what may be slow, without anybody waiting for it. A test does it at once.</summary>
    public Action<Action> Later { get; set; } = work => ThreadPool.QueueUserWorkItem(_ => work());

    /// <summary>Goes on with what an earlier clockd left, and raises a clock that is below the floor.</summary>
    public void Start()
    {
        lock (_oneAtATime)
        {
            var now = moments();
            _announcedAt = now;
            _boundAt = now.Raw;
            _lastSummary = now.Boot;
            if (page.Earlier is { } earlier)
            {
                _announced = new()
                {
                    Synchronized = earlier.Synchronized && earlier.Kind == clock.Kind,
                    Bound = Duration.Max(Duration.Zero, earlier.Bound - earlier.PendingPhase.Magnitude),
                    Sigma = earlier.Sigma,
                    Growth = earlier.BoundGrowth,
                    Interval = earlier.Interval,
                    Leap = _state.Leap,
                    TaiOffset = _state.TaiOffset,
                };
                _announcedAt = now with { Raw = earlier.Announced, Suspended = earlier.Suspended };
                _boundAt = earlier.AsOf;
                _state = _state with { Steps = Math.Max(_state.Steps, earlier.StepGeneration) }; // readers must never see it go back
            }

            var state = clock.Read(now);
            _state = ClockPolicy.Account(_state, state.PendingPhase, now.Boot);
            var floor = policy.Floor(_state);
            if (state.Time < floor)
            {
                Jump(ClockPolicy.Stepped(_state, floor - state.Time), floor - state.Time, now);
                Note(Event.Types.Kind.Floor, "clockd", $"raised from {state.Time} to the floor {floor}", now, phase: floor - state.Time);
                LogFloor(state.Time, floor);
            }

            files.SaveRuntime(_state);
            Arm(clock.Read(now), now); // a slew without an owner has the time of a lease to find one
            Publish(now);
            state = clock.Read(now);
            LogStart(clock.Kind, state.Time - now.Realtime, policy.Config.PolicyName, floor, state.PendingPhase);
            Note(Event.Types.Kind.Start, "clockd", $"{clock.Kind} clock, policy {policy.Config.PolicyName}", now);
        }
    }

    /// <summary>Takes the lease; null if another holds it.</summary>
    /// <param name="who">Takes it.</param>
    /// <param name="abort">Aborts the call of the lease, when it runs out.</param>
    /// <param name="holder">Who holds it now.</param>
    public Lease? Open(string who, Action abort, out string holder)
    {
        lock (_oneAtATime)
        {
            var now = moments();
            Settle(now);
            if (_holder is not null)
            {
                holder = _holder.Holder;
                CountRefusal(who, "Open", $"the lease is held by {holder}", now);
                return null;
            }

            _holder = new Lease(holder = who, abort);
            _state = _state with { Leases = _state.Leases + 1 };
            Arm(clock.Read(now), now);
            Note(Event.Types.Kind.Lease, who, "takes the lease", now);
            LogLease(who);
            return _holder;
        }
    }

    /// <summary>The holder's call is over: nobody answers for the slew any more, so it ends.</summary>
    public void Close(Lease lease)
    {
        lock (_oneAtATime)
        {
            var now = moments();
            Settle(now); // after a stop of this process the lease may have run out long before the call
            if (_holder == lease)
            {
                LetGo("the call ended", now);
            }
        }
    }

    public Outcome Adjust(Lease lease, Instant<Boot> notAfter, FrequencyOffset frequency, FrequencyOffset baseFrequency, (Duration Phase, Duration Duration)? slew) =>
        Carry(lease, notAfter, "Adjust",
            (now, before) => policy.Adjust(_state, frequency, baseFrequency, slew, before.PendingPhase, now.Boot),
            now =>
            {
                clock.Steer(frequency, slew is { } wanted ? new Slew(wanted.Phase, wanted.Duration, policy.Config.MaxSlewRate) : null, now);
                Note(Event.Types.Kind.Adjust, lease.Holder, "", now, frequency, slew?.Phase ?? Duration.Zero);
            });

    public Outcome Step(Lease lease, Instant<Boot> notAfter, Duration offset)
    {
        bool usesPermit = false, isLate = false;
        return Carry(lease, notAfter, "Step",
            (now, before) =>
            {
                isLate = _state.FirstSynchronized;
                return policy.Step(_state, offset, _permit, before.Time, before.PendingPhase, now.Boot, out usesPermit);
            },
            now =>
            {
                _permit = usesPermit ? null : _permit;
                Jump(_state, offset, now);
                Note(Event.Types.Kind.Step, lease.Holder, usesPermit ? "by the administrator's permit" : isLate ? "later step" : "boot step", now, phase: offset);
                LogStep(isLate || usesPermit ? LogLevel.Warning : LogLevel.Information, lease.Holder, offset, _state.Steps);
                SaveToDiskSoon();
            });
    }

    public Outcome Announce(Lease lease, Instant<Boot> notAfter, Announcement wanted, bool saysTai)
    {
        PolicyState was = _state;
        return Carry(lease, notAfter, "Announce",
            (now, before) => policy.Announce(was = _state, wanted, saysTai, before.Time, before.PendingPhase, now.Boot),
            now =>
            {
                var growth = wanted.Growth.IsWithin(policy.Config.MinBoundGrowth) ? policy.Config.MinBoundGrowth : wanted.Growth;
                _announced = wanted with { Growth = growth, Leap = _state.Leap, TaiOffset = _state.TaiOffset };
                _announcedAt = now;
                _boundAt = now.Raw;
                TellClock(now);
                NoteAnnouncement(was, lease.Holder, now);
            });
    }

    public Outcome Renew(Lease lease, Instant<Boot> notAfter) => Carry(lease, notAfter, "Renew", (_, _) => new(StatusCode.OK, "", _state), _ => { });

    private Outcome Carry(Lease lease, Instant<Boot> notAfter, string verb, Func<Moment, ClockState, Verdict> judge, Action<Moment> act)
    {
        lock (_oneAtATime)
        {
            var now = moments();
            Settle(now);
            if (_holder != lease)
            {
                return new() { Code = StatusCode.Aborted, Message = "the lease is over" };
            }

            if (now.Boot > notAfter)
            {
                return Refuse(StatusCode.DeadlineExceeded, $"came {now.Boot - notAfter} too late");
            }

            try
            {
                var verdict = judge(now, clock.Read(now));
                if (!verdict.IsAllowed)
                {
                    return Refuse(verdict.Code, verdict.Message);
                }

                Remember(verdict.State);
                act(now);
                var effective = clock.Kind == TimePageKind.Shadow ? now : moments();
                var after = clock.Read(effective);
                Arm(after, now);
                Publish(effective);
                return new()
                {
                    Message = "",
                    Effective = effective,
                    Clock = after,
                    Generation = _state.Steps,
                    StepsLeft = policy.StepsLeft(_state, _permit, now.Boot),
                    BudgetLeft = policy.SlewBudgetLeft(_state, now.Boot),
                };
            }
            catch (Exception failure) when (failure is Win32Exception or IOException or UnauthorizedAccessException)
            {
                return Refuse(StatusCode.Internal, failure.Message); // the kernel's or the disk's
            }

            Outcome Refuse(StatusCode code, string message)
            {
                CountRefusal(lease.Holder, verb, message, now);
                return new() { Code = code, Message = message };
            }
        }
    }

    /// <summary>Before anything else: a lease that has run out is over, and so is a leap second.</summary>
    private void Settle(Moment now)
    {
        if (_deadline is { } deadline && now.Boot > deadline)
        {
            _state = _state with { LeasesExpired = _state.LeasesExpired + (_holder is null ? 0UL : 1UL) };
            LetGo("the lease ran out", now);
        }

        if (_state.Leap != LeapSecond.None && clock.Read(now).Time >= LeapIsOver)
        {
            bool isInsert = _state.Leap == LeapSecond.Insert;
            Remember(ClockPolicy.AfterLeap(_state));
            _announced = _announced with { Leap = LeapSecond.None, TaiOffset = _state.TaiOffset };
            if (clock.Kind == TimePageKind.Shadow)
            {
                Jump(_state with { Steps = _state.Steps + 1 }, Duration.FromSeconds(isInsert ? -1L : 1L), now); // the kernel does it by itself
            }

            TellClock(now);
            Publish(now);
            Note(Event.Types.Kind.Leap, "clockd", "the leap second is over", now);
            LogLeapOver(_state.TaiOffset);
        }
    }

    /// <summary>The kernel acts at the tick after midnight: to take its flag away before that would take the leap second away.</summary>
    private Instant<Utc> LeapIsOver => clock.Kind == TimePageKind.Shadow ? _state.LeapAt : _state.LeapAt + Duration.FromSeconds(1L);

    private void LetGo(string why, Moment now)
    {
        string who = _holder?.Holder ?? "nobody";
        var pending = clock.Read(now).PendingPhase;
        if (pending.Magnitude >= s_nothing)
        {
            clock.EndSlew(now);
            Publish(now);
        }

        Remember(ClockPolicy.Account(_state, pending, now.Boot) with { Reserved = Duration.Zero });
        _deadline = null;
        SetTicking(false);
        _holder?.End();
        _holder = null;
        Note(Event.Types.Kind.LeaseEnd, who, why, now, phase: pending);
        LogLeaseEnd(who, why, pending);
    }

    private void Jump(PolicyState state, Duration offset, Moment now)
    {
        Remember(state);
        clock.StepBy(offset, _state.Steps, now);

        // What was claimed before the step is only known to be wrong by less than the step.
        _announced = _announced with { Bound = _announced.Bound + offset.Magnitude };
        TellClock(now);
    }

    private void TellClock(Moment now) => clock.Announce(_announced with { Bound = BoundAt(now) });

    private Duration BoundAt(Moment now) =>
        _announced.Bound + (now.Raw - _boundAt).At(_announced.Growth) + clock.Read(now).PendingPhase.Magnitude + s_readError;

    private void Publish(Moment now) => page.Publish(clock, clock.Read(now), _announced, _announcedAt, BoundAt(now), _state.Steps, now);

    private void Remember(PolicyState state)
    {
        if (!ReferenceEquals(state, _state)) // a renewal changes nothing
        {
            files.SaveRuntime(state);
            _state = state;
        }
    }

    private void Arm(in ClockState state, Moment now)
    {
        bool isPending = state.PendingPhase.Magnitude >= s_nothing;
        _deadline = isPending ? now.Boot + policy.Config.Lease : null;
        SetTicking(isPending);
    }

    private void SetTicking(bool wanted)
    {
        if (wanted != _isTicking)
        {
            _isTicking = wanted;
            Ticking(wanted);
        }
    }
}
