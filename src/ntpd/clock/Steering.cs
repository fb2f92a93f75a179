using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using TimeSuite.Discipline;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Clock;

/// <summary>From what the discipline finds to messages for clockd, and back. On the loop's thread only.</summary>
internal sealed partial class Steering(ClockDiscipline discipline, ISteeredClock clock, Func<SteerRequest, bool> send, ILogger<Steering> log)
{
    /// <summary>Less pending phase than this needs no lease (clockd has the same limit).</summary>
    private static readonly Duration LeastPending = Duration.FromNanoseconds(1_000);

    /// <summary>What is refused now will be refused at the next update too: that is said once in a while.</summary>
    private static readonly Duration SilenceAfterRefusal = Duration.FromSeconds(3600L);

    private static readonly Duration PolicyPause = Duration.FromSeconds(10L);

    /// <summary>How often clockd is asked what it allows while that is in the way: its budget grows back by stretches of this length.</summary>
    private static readonly Duration BudgetPause = Duration.FromSeconds(600L);

    /// <summary>Word of a step comes by two ways, clockd's and the kernel's, at almost the same time. Anything later is somebody else's.</summary>
    private static readonly Duration StepNoticedWithin = Duration.FromSeconds(0.05);

    /// <summary>Anybody may turn the system's clock, and what it then gains until somebody looks is in no bound. And of a sigma that grows, the mean until the next look is said.</summary>
    private static readonly Duration LooksEach = Duration.FromSeconds(16L);

    /// <summary>Part of the lease after which it is renewed: one renewal may come late.</summary>
    private const double RenewShare = 0.4;

    private readonly Dictionary<SteerRequest, TaskCompletionSource<SteerReply>> _awaited = new(ReferenceEqualityComparer.Instance);
    private DisciplineSettings _configured = discipline.Settings;
    private Rpc.Clock.V1.Policy? _policy; // clockd's, since the last Open
    private Duration? _budget; // of phase, what is pending included; null while clockd sets no limit or we do not know
    private Duration _lease = Duration.FromSeconds(10L);
    private Instant<Raw>? _renewAt;
    private Instant<Raw> _updateAt;
    private readonly Dictionary<SteerRequest.VerbOneofCase, Instant<Raw>> _refusalSaid = [];
    private int _steps; // of the corrections on their way
    private Instant<Raw>? _steppedAt, _askedPolicy;
    private int _corrections; // on their way, unanswered
    private bool _again;
    private bool _apart; // clockd has refused a correction together with what was said: one of the two may be welcome
    private Said? _said;

    /// <summary>Called when clockd refuses what it should allow, and now and then while what it allows is in the way.</summary>
    public Action PolicyDoubted { get; init; } = () => { };

    /// <summary>Whether a step of the clock that is noticed now is the one that we have asked for.</summary>
    public bool IsStepping(Instant<Raw> now) => _steps > 0 || (_steppedAt is { } at && now - at < StepNoticedWithin);

    /// <summary>Whether we hold the lease.</summary>
    public bool IsConnected { get; private set; }

    public string? LostReason { get; private set; } = "not connected to clockd yet";

    /// <summary>What was found last; null before the first reading of the clock.</summary>
    public Outcome? Outcome { get; private set; }

    /// <summary>TAI-UTC in seconds, from the leap table; null if unknown.</summary>
    public int? TaiOffset { get; set; }

    /// <summary>The leap second that the kernel shall carry out at the end of the day.</summary>
    public LeapSecond KernelLeap { get; set; }

    /// <summary>Samples have come: weigh everything up when this turn of the loop is over.</summary>
    public void UpdateSoon() => _updateAt = default;

    /// <summary>Nothing is weighed up and nothing said before that; what has come by then is used then.</summary>
    public void RestUntil(Instant<Raw> then) => _updateAt = then;

    public Instant<Raw> Due => _renewAt is { } renew && renew < _updateAt ? renew : _updateAt;

    /// <summary>Takes new settings in force.</summary>
    public void Configure(DisciplineSettings settings)
    {
        _configured = settings;
        discipline.Settings = WithinPolicy(settings) with { StepLimit = discipline.Settings.StepLimit == 0 ? 0 : settings.StepLimit };
    }

    /// <summary>Timers: renews the lease while phase is pending, and looks again when the last announcement grows old.</summary>
    public void OnTime(Instant<Raw> now)
    {
        if (_renewAt <= now)
        {
            bool pending = clock.TryRead(out var reading) && reading.PendingPhase.Magnitude >= LeastPending;
            _renewAt = pending ? now + _lease.Times(RenewShare) : null;
            if (pending)
            {
                send(new SteerRequest { Renew = new Renew() });
            }
        }

        if (_updateAt <= now)
        {
            Update(now);
        }
    }

    /// <summary>Weighs everything up and tells clockd what is to be done.</summary>
    /// <remarks>
    /// Not while a correction is on its way: the clock would be read as it was before, and the same error corrected twice.
    /// </remarks>
    public void Update(Instant<Raw> now)
    {
        _updateAt = now + Duration.FromSeconds(1L);
        _again = _corrections > 0;
        if (_again || !TryWeigh(now, out var outcome, out var reading))
        {
            return; // when clockd has answered; or clockd has not written its page yet: look again in a second
        }

        if (IsConnected)
        {
            Tell(outcome, reading);
        }
    }

    private bool TryWeigh(Instant<Raw> now, [NotNullWhen(true)] out Outcome? outcome, out LocalClock reading)
    {
        if (!clock.TryRead(out reading))
        {
            outcome = null;
            return false;
        }

        outcome = discipline.Update(reading, now > reading.At ? now : reading.At);
        Outcome = outcome;
        bool isAlarmed = outcome.Alarm is not null || outcome.Sources.Any(source => source.Alarm is not null);
        if (IsConnected && isAlarmed && !(now - _askedPolicy < BudgetPause))
        {
            AskPolicy(now); // it may soon matter what can be corrected
        }

        var next = Duration.Min(outcome.Announcement.Horizon, LooksEach);
        _updateAt = now + Duration.Max(next, Duration.FromSeconds(0.0625));
        return true;
    }

    /// <summary>Sends a correction; until it is answered, no other follows.</summary>
    private bool SendCorrection(SteerRequest request)
    {
        bool sent = send(request);
        _corrections += sent ? 1 : 0;
        _steps += sent && request.Step is not null ? 1 : 0;
        return sent;
    }

    /// <summary>
    /// One message: the correction, if there is one, with what is known of the error; else that alone, if it is news. (The published
    /// bound grows by itself and stays true until then.) Two only after clockd has refused them together.
    /// </summary>
    private void Tell(Outcome outcome, in LocalClock reading)
    {
        var bound = outcome.Announcement.Bound + reading.ReadError + (_apart ? Refused(outcome.Correction, reading) : Duration.Zero);
        bool isSynchronized = outcome.Announcement.Synchronized && (!_apart || bound <= discipline.Settings.MaxHoldoverBound);
        var said = new Said(outcome.Announcement with { Synchronized = isSynchronized }, bound, KernelLeap, TaiOffset, reading.At);
        bool isSaid = false;
        if (outcome.Correction is { } correction)
        {
            bool sent = SendCorrection(correction, _apart ? null : ToWire(said));
            isSaid = sent && !_apart;
            _said = correction.Step is null ? _said : null;
        }

        if (isSaid || ((_said is null || said.IsNewsAfter(_said)) && send(new SteerRequest { Announce = ToWire(said) })))
        {
            _said = said;
        }
    }

    /// <summary>What a correction would have done, had it been allowed: the announced bound takes it for done.</summary>
    private static Duration Refused(Correction? correction, in LocalClock reading) =>
        correction is null ? Duration.Zero : ((correction.Step ?? correction.Phase ?? reading.PendingPhase) - reading.PendingPhase).Magnitude;

    /// <summary>What happened on the call to clockd.</summary>
    public void OnEvent(ClockLinkEvent happened, Instant<Raw> now)
    {
        switch (happened)
        {
            case ClockLinkEvent.Opened opened:
                OnOpened(opened, now);
                break;
            case ClockLinkEvent.Described described:
                Adopt(described.Clock, described.Policy, described.Counters);
                UpdateSoon();
                break;
            case ClockLinkEvent.Replied replied:
                OnReplied(replied, now);
                break;
            case ClockLinkEvent.Lost lost:
                (IsConnected, LostReason, _renewAt, _said, _corrections, _steps) = (false, lost.Reason, null, null, 0, 0);
                discipline.OnCorrectionLost();
                foreach (var waiting in _awaited.Values)
                {
                    waiting.TrySetException(new IOException(lost.Reason));
                }

                _awaited.Clear();
                break;
        }
    }

    /// <summary>Asks for a jump of exactly this much; if policy does not allow it, the error is slewed off like any other.</summary>
    public void StepBy(Duration offset) => SendCorrection(new SteerRequest { Step = new Step { Offset = offset.ToWire() } });

    /// <summary>
    /// The administrator's step: to the present estimate, or, while a jump of the sources is not followed, to what they say. The permit was
    /// given by clockd before.
    /// </summary>
    /// <returns>The offset asked for, and clockd's answer; null if nothing is known to step to, or a correction is on its way.</returns>
    public (Duration Offset, Task<SteerReply> Reply)? StepNow(Instant<Raw> now)
    {
        if (!IsConnected || _corrections > 0 || !TryWeigh(now, out var outcome, out _) || (outcome.Selected is null && discipline.Jump is null))
        {
            return null;
        }

        var offset = outcome.Tracking.Offset + (discipline.Jump ?? Duration.Zero);
        var request = new SteerRequest { Step = new Step { Offset = offset.ToWire() } };
        var answer = new TaskCompletionSource<SteerReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!SendCorrection(request))
        {
            return null;
        }

        _awaited.Add(request, answer);
        return (offset, answer.Task);
    }

    private void OnOpened(ClockLinkEvent.Opened opened, Instant<Raw> now)
    {
        (IsConnected, LostReason, _corrections, _steps) = (true, null, 0, 0);
        Adopt(opened.Clock, opened.Policy, opened.Counters);
        Update(now);
    }

    /// <summary>clockd knows what is allowed, and whether this boot's steps are used up; we, who may have been restarted, do not.</summary>
    private void Adopt(ClockDescription described, Rpc.Clock.V1.Policy policy, Counters counters)
    {
        _policy = policy;
        _lease = policy.Lease?.ToDomain() ?? _lease;
        _budget = described.FirstSynchronized && policy.MaxSlewedPhasePerDay?.ToDomain() is { } most && counters.SlewedLastDay?.ToDomain() is { } slewed
            ? Duration.Max(most - slewed, Duration.Zero)
            : null;
        bool maySteps = policy.LaterStepsPerDay > 0 || (!described.FirstSynchronized && counters.BootStepsLeft > 0);
        discipline.Settings = WithinPolicy(_configured) with { StepLimit = maySteps ? _configured.StepLimit : 0 };
    }

    /// <summary>What clockd would refuse is not planned.</summary>
    private DisciplineSettings WithinPolicy(DisciplineSettings settings) => _policy is null ? settings : settings with
    {
        MaxFrequency = FrequencyOffset.FromPpb(Math.Min(settings.MaxFrequency.Ppb, _policy.MaxFrequencyPpb)),
        MaxSlewRate = FrequencyOffset.FromPpb(Math.Min(settings.MaxSlewRate.Ppb, _policy.MaxSlewRatePpb)),
        MaxPhase = _budget,
    };

    private bool SendCorrection(Correction correction, Announce? announce)
    {
        if (correction.Step is { } step)
        {
            return SendCorrection(new SteerRequest { Adjust = new Adjust { FrequencyPpb = correction.Frequency.Ppb, Phase = Duration.Zero.ToWire() } })
                && SendCorrection(new SteerRequest { Step = new Step { Offset = step.ToWire(), Announce = announce } });
        }

        var adjust = new Adjust { FrequencyPpb = correction.Frequency.Ppb, Announce = announce };
        if (correction.Phase is { } phase)
        {
            adjust.Phase = phase.ToWire();
            adjust.PhaseDuration = correction.PhaseDuration.ToWire();
        }

        return SendCorrection(new SteerRequest { Adjust = adjust });
    }

    private void OnReplied(ClockLinkEvent.Replied replied, Instant<Raw> now)
    {
        bool isCorrection = replied.Request.VerbCase is SteerRequest.VerbOneofCase.Adjust or SteerRequest.VerbOneofCase.Step;
        _corrections -= isCorrection && _corrections > 0 ? 1 : 0;
        _steps -= replied.Request.Step is not null && _steps > 0 ? 1 : 0;
        if (_again && _corrections == 0)
        {
            _updateAt = now;
        }

        if (_awaited.Remove(replied.Request, out var waiting))
        {
            waiting.TrySetResult(replied.Reply);
            if (replied.Reply.Code == 0)
            {
                discipline.FollowJump(); // before anybody compares the clock with where it was
            }
        }

        if (replied.Reply.Code != 0)
        {
            OnRefused(replied, now);
            return;
        }

        if (isCorrection)
        {
            _apart = false;
            if (replied.Request.Step is not null)
            {
                _steppedAt = now;
                _updateAt = now; // what is shown and served until the next sample must be of the clock as it is now
            }

            var pending = replied.Reply.Accepted?.PendingPhase?.ToDomain() ?? Duration.Zero;
            if (_budget is not null && replied.Reply.Accepted?.SlewBudgetLeft?.ToDomain() is { } left)
            {
                _budget = left + pending.Magnitude;
                discipline.Settings = discipline.Settings with { MaxPhase = _budget };
            }

            if (pending.Magnitude >= LeastPending)
            {
                _renewAt ??= now + _lease.Times(RenewShare);
            }
        }
    }

    private void OnRefused(ClockLinkEvent.Replied replied, Instant<Raw> now)
    {
        discipline.OnCorrectionLost();
        _said = null;
        if ((replied.Request.Adjust?.Announce ?? replied.Request.Step?.Announce) is not null)
        {
            (_apart, _updateAt) = (true, now);
        }
        else if (replied.Request.VerbCase == SteerRequest.VerbOneofCase.Step)
        {
            discipline.Settings = discipline.Settings with { StepLimit = 0 }; // from here on it has to be slewed
            _updateAt = now;
        }

        if (!(now - _askedPolicy < PolicyPause))
        {
            AskPolicy(now); // its limits may not be those that we know
        }

        var verb = replied.Request.VerbCase;
        if (!_refusalSaid.TryGetValue(verb, out var said) || now - said > SilenceAfterRefusal)
        {
            LogRefused(log, verb.ToString(), replied.Reply.Message);
            _refusalSaid[verb] = now;
        }
    }

    private void AskPolicy(Instant<Raw> now)
    {
        _askedPolicy = now;
        PolicyDoubted();
    }

    private static Announce ToWire(Said said)
    {
        var announce = new Announce
        {
            Synchronized = said.Announcement.Synchronized,
            Bound = said.Bound.ToWire(),
            Sigma = said.Announcement.Sigma.ToWire(),
            BoundGrowthPpb = said.Announcement.BoundGrowth.Ppb,
            Interval = said.Announcement.Interval.ToWire(),
            Leap = said.Leap.ToWire(),
        };
        if (said.Tai is { } tai)
        {
            announce.TaiOffsetS = tai;
        }

        return announce;
    }

    /// <summary>An announcement as it was sent.</summary>
    private sealed record Said(Discipline.Announcement Announcement, Duration Bound, LeapSecond Leap, int? Tai, Instant<Raw> At)
    {
        /// <summary>A bound that has become better by so many sigmas is worth a message.</summary>
        private const double MuchBetter = 2;

        public bool IsNewsAfter(Said before)
        {
            var age = At - before.At;
            var published = before.Bound + age.At(before.Announcement.BoundGrowth);
            return Announcement.Synchronized != before.Announcement.Synchronized || Leap != before.Leap || Tai != before.Tai
                || Bound > published || published - Bound > Announcement.Sigma.Times(MuchBetter) || age >= before.Announcement.Interval.Half();
        }
    }

    [LoggerMessage(LogLevel.Warning, "clockd refused {Verb}: {Reason}")]
    private static partial void LogRefused(ILogger log, string verb, string reason);
}
