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
/// <param name="clock">What is steered.</param>
/// <param name="policy">What may be done to it.</param>
/// <param name="initial">What was done to it before.</param>
/// <param name="keeper">Remembers what is done.</param>
/// <param name="page">Tells programs.</param>
/// <param name="audit">Tells people.</param>
/// <param name="moments">Reads the machine's clocks.</param>
public sealed partial class ClockSession(
    ISteerableClock clock, ClockPolicy policy, PolicyState initial, IStateKeeper keeper, ITimePagePublisher page, AuditTrail audit, Func<Moment> moments)
{
    /// <summary>Of the one clock that programs read, the kernel's or the shadow.</summary>
    public const string ClockId = "system";

    private const string Self = "clockd";
    private static readonly Duration s_nothing = Duration.FromNanoseconds(1_000); // pending phase that needs no owner
    private static readonly Duration s_readError = Duration.FromNanoseconds(1_000); // of a program that reads clock and page

    private readonly Lock _oneAtATime = new();
    private PolicyState _state = initial, _saved = initial; // in force; on file, and at least as strict
    private Announcement _announced = new() { Bound = Duration.FromSeconds(16L), Sigma = Duration.FromSeconds(16L), Interval = Duration.FromSeconds(64L), Growth = policy.Limits.MinBoundGrowth };
    private Moment _announcedAt;
    private Instant<Raw> _boundAt;
    private Lease? _holder;
    private Instant<Boot>? _deadline; // of the lease; only while phase is pending
    private StepPermit? _permit;

    /// <summary>Called with whether <see cref="Tick"/> is wanted each second.</summary>
    public Action<bool> Ticking { get; set; } = _ => { };

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

            var found = clock.Read(now);
            _state = ClockPolicy.Account(_state, found.PendingPhase, now.Boot);
            var floor = policy.Floor(_state);
            var missing = floor - found.Time;
            _state = missing.Sign > 0 ? ClockPolicy.Stepped(_state, missing) : _state;
            Save(_state);
            if (missing.Sign > 0)
            {
                Jump(missing, now);
                audit.Tell(LogLevel.Warning, Event.Types.Kind.Floor, Self, $"the clock said {found.Time}, before the floor: raised to {floor}", now, missing);
            }

            var state = clock.Read(now);
            Arm(state, now); // a slew without an owner has the time of a lease to find one
            Publish(state, now);
            audit.Tell(LogLevel.Information, Event.Types.Kind.Start, Self,
                $"{clock.Kind} clock, {state.Time - now.Realtime} from CLOCK_REALTIME, policy {policy.Limits.Name}, floor {floor}; {state.PendingPhase} of phase is pending", now);
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
            audit.Tell(LogLevel.Information, Event.Types.Kind.Lease, who, "takes the lease", now);
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

    /// <summary>Rate and phase, and what is then known of the error.</summary>
    public Outcome Adjust(
        Lease lease, Instant<Boot> notAfter, FrequencyOffset frequency, FrequencyOffset baseFrequency, (Duration Phase, Duration Duration)? slew, Announcement? announcement = null) =>
        Carry(lease, notAfter, "Adjust", announcement,
            (now, before) => (
                policy.Adjust(_state, frequency, baseFrequency, slew, before.PendingPhase, now.Boot),
                before with { PendingPhase = slew?.Phase ?? before.PendingPhase }),
            now =>
            {
                clock.Steer(frequency, slew is { } wanted ? new Slew(wanted.Phase, wanted.Duration, policy.Limits.MaxSlewRate) : null, now);
                audit.Note(Event.Types.Kind.Adjust, lease.Holder, "", now, frequency, slew?.Phase ?? Duration.Zero);
            });

    /// <summary>One jump, and what is then known of the error.</summary>
    public Outcome Step(Lease lease, Instant<Boot> notAfter, Duration offset, Announcement? announcement = null)
    {
        bool usesPermit = false, isLate = false;
        return Carry(lease, notAfter, "Step", announcement,
            (now, before) =>
            {
                isLate = _state.FirstSynchronized;
                var verdict = policy.Step(_state, offset, _permit, before.Time, before.PendingPhase, now.Boot, out usesPermit);
                return (verdict, verdict.IsAllowed ? before with { Time = before.Time + offset, PendingPhase = Duration.Zero } : before);
            },
            now =>
            {
                _permit = usesPermit ? null : _permit;
                Jump(offset, now);
                string why = usesPermit ? "by the administrator's permit" : isLate ? "after the first synchronisation" : "at boot";
                audit.Tell(isLate || usesPermit ? LogLevel.Warning : LogLevel.Information, Event.Types.Kind.Step, lease.Holder, $"step of {offset} {why}; step {_state.Steps} since boot", now, offset);
                keeper.SaveToDisk(_state);
            });
    }

    /// <summary>What is known of the error.</summary>
    public Outcome Announce(Lease lease, Instant<Boot> notAfter, Announcement wanted) =>
        Carry(lease, notAfter, "Announce", wanted, (_, before) => (Verdict.Allow(_state), before), _ => { });

    /// <summary>The holder lives.</summary>
    public Outcome Renew(Lease lease, Instant<Boot> notAfter) => Carry(lease, notAfter, "Renew", null, (_, before) => (Verdict.Allow(_state), before), _ => { });

    /// <param name="lease">The caller's.</param>
    /// <param name="notAfter">Of the message.</param>
    /// <param name="verb">For people.</param>
    /// <param name="announcement">What is said besides.</param>
    /// <param name="judge">Says whether it is allowed, and how the clock will be then.</param>
    /// <param name="act">Does it.</param>
    private Outcome Carry(
        Lease lease, Instant<Boot> notAfter, string verb, Announcement? announcement, Func<Moment, ClockState, (Verdict Verdict, ClockState After)> judge, Action<Moment> act)
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
                var was = _state;
                var (verdict, then) = judge(now, clock.Read(now));
                if (verdict.IsAllowed && announcement is { } claim)
                {
                    verdict = policy.Announce(verdict.State, claim, then.Time, then.PendingPhase, now.Boot);
                }

                if (!verdict.IsAllowed)
                {
                    return Refuse(verdict.Ruling.ToStatus(), verdict.Message);
                }

                if (!policy.Covers(_saved, verdict.State))
                {
                    Save(policy.InAdvance(verdict.State, now.Boot));
                }

                _state = verdict.State;
                act(now);
                if (announcement is { } said)
                {
                    Take(said, was, lease.Holder, now);
                }

                var effective = clock.Kind == TimePageKind.Shadow ? now : moments();
                var after = clock.Read(effective);
                Arm(after, now);
                Publish(after, effective);
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
            bool isShadow = clock.Kind == TimePageKind.Shadow; // the kernel does it by itself
            _state = ClockPolicy.AfterLeap(_state) with { Steps = _state.Steps + (isShadow ? 1UL : 0UL) };
            TrySave(_state);
            _announced = _announced with { Leap = _state.Leap, TaiOffset = _state.TaiOffset };
            if (isShadow)
            {
                Jump(Duration.FromSeconds(isInsert ? -1L : 1L), now);
            }

            TellClock(now);
            Publish(clock.Read(now), now);
            audit.Tell(LogLevel.Warning, Event.Types.Kind.Leap, Self, $"the leap second is over; TAI-UTC = {_state.TaiOffset?.ToString() ?? "unknown"}", now);
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
            Publish(clock.Read(now), now);
        }

        _state = ClockPolicy.Account(_state, pending, now.Boot) with { Reserved = Duration.Zero };
        TrySave(_state);
        SetDeadline(null);
        audit.Tell(LogLevel.Information, Event.Types.Kind.LeaseEnd, who, $"the lease is over: {why}; {pending} of phase was still pending", now, pending);
        var holder = _holder;
        _holder = null; // first: whoever hears of the end may close the call at once
        holder?.End();
    }

    private void Jump(Duration offset, Moment now)
    {
        clock.StepBy(offset, _state.Steps, now);

        // What was claimed before the step is only known to be wrong by less than the step.
        _announced = _announced with { Bound = _announced.Bound + offset.Magnitude };
        TellClock(now);
    }

    private void Take(Announcement said, PolicyState was, string who, Moment now)
    {
        var growth = said.Growth.IsWithin(policy.Limits.MinBoundGrowth) ? policy.Limits.MinBoundGrowth : said.Growth;
        _announced = said with { Growth = growth, Leap = _state.Leap, TaiOffset = _state.TaiOffset };
        _announcedAt = now;
        _boundAt = now.Raw;
        TellClock(now);
        audit.Note(Event.Types.Kind.Announce, who, said.Synchronized ? "synchronized" : "not synchronized", now);
        if (was.Leap != _state.Leap)
        {
            audit.Tell(LogLevel.Warning, Event.Types.Kind.Leap, who, $"leap second: {_state.Leap}", now);
            keeper.SaveToDisk(_state);
        }

        if (was.TaiOffset != _state.TaiOffset)
        {
            audit.Tell(LogLevel.Information, Event.Types.Kind.Tai, who, $"TAI-UTC = {_state.TaiOffset} s", now);
        }

        if (!was.FirstSynchronized && _state.FirstSynchronized)
        {
            audit.Say(LogLevel.Information, who, "first synchronisation of this boot: from now on policy is strict");
        }
    }

    private void TellClock(Moment now) => clock.Announce(_announced with { Bound = BoundAt(clock.Read(now), now) });

    private Duration BoundAt(in ClockState state, Moment now) => _announced.Bound + (now.Raw - _boundAt).At(_announced.Growth) + state.PendingPhase.Magnitude + s_readError;

    private void Publish(in ClockState state, Moment now) =>
        page.Publish(TimePageReading.Of(clock, state, _announced, _announcedAt, BoundAt(state, now), _state.Steps, now));

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
            audit.Say(LogLevel.Warning, Self, $"the state was not saved: {failure.Message}");
        }
    }

    private void Arm(in ClockState state, Moment now) => SetDeadline(state.PendingPhase.Magnitude >= s_nothing ? now.Boot + policy.Limits.Lease : null);

    private void SetDeadline(Instant<Boot>? deadline)
    {
        bool wasTicking = _deadline is not null;
        _deadline = deadline;
        if (wasTicking != deadline is not null)
        {
            Ticking(!wasTicking);
        }
    }
}
