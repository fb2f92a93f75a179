using System.ComponentModel;
using Microsoft.Extensions.Logging;
using TimeSuite.Discipline;
using TimeSuite.Linux;
using TimeSuite.Ptp;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;

namespace TimeSuite.Ptpd.Hardware;

/// <summary>A hardware clock of ours: read here, disciplined by its <see cref="PhcFollower"/>, set by clockd. All of it is the loop's thread's.</summary>
/// <remarks>While clockd has not answered, what is measured waits: the servo must hear of what was done before it hears what was measured after it.</remarks>
internal sealed partial class SteeredPhc : IDisposable
{
    private const int MostWaiting = 64;

    /// <summary>A difference of two looks that no oscillator and no steering explains: more than 1 ms and more than 0.2 % of the time between.</summary>
    private static readonly Duration JumpAtLeast = Duration.FromNanoseconds(1_000_000);

    private static readonly FrequencyOffset JumpRate = FrequencyOffset.FromPpm(2_000);

    private static readonly Duration BetweenRefusals = Duration.FromSeconds(60L);

    private readonly ILogger _log;
    private readonly IPhcLink _link;
    private readonly Func<string, IPhcView> _open;
    private readonly Duration? _stepThreshold;
    private readonly Queue<(Action Action, bool IsStamped)> _waiting = [];
    private PhcFollower _follower = new(new(new()));
    private IPhcView? _device;
    private PhcReading? _look;
    private Instant<Boot>? _due;
    private bool _isOpen, _isWaiting;
    private string? _lastTrouble;
    private PhcState _told;
    private Instant<Boot>? _refused;

    /// <param name="id">As <see cref="PhcIdentity"/> writes it.</param>
    /// <param name="link">To who sets it.</param>
    /// <param name="open">Opens it for reading, or throws a <see cref="Win32Exception"/>.</param>
    /// <param name="stepThreshold">See <see cref="PhcServoSettings.StepThreshold"/>.</param>
    /// <param name="log">For what happens.</param>
    public SteeredPhc(string id, IPhcLink link, Func<string, IPhcView> open, Duration? stepThreshold, ILogger log)
    {
        (Id, _link, _open, _stepThreshold, _log) = (id, link, open, stepThreshold, log);
        _link.Opened += OnOpened;
        _link.Lost += why => OnLost(why);
        _link.Refused += OnRefused;
    }

    /// <summary>It was stepped: older stamps say nothing any more.</summary>
    public event Action? Stepped;

    /// <summary>How often it was stepped, whoever did it, and by how much in all.</summary>
    public (uint Count, Duration Sum) Steps { get; private set; }

    /// <summary>As <see cref="PhcIdentity"/> writes it.</summary>
    public string Id { get; }

    /// <summary>What it follows.</summary>
    public PhcUpstream Upstream { get; private set; }

    /// <summary>What the servo found last; null: nothing yet, or the clock is gone.</summary>
    public PhcOutcome? Last { get; private set; }

    /// <summary>Why it is not steered; null: it is.</summary>
    public string? Trouble => _isOpen ? null : _lastTrouble ?? "not opened by clockd yet";

    /// <summary>The last look at it; null: there was none, or it is gone.</summary>
    public PhcReading? Look => _look;

    /// <summary>Whether what it shows is worth being handed on.</summary>
    public bool IsGood => Last is { State: PhcState.Locked or PhcState.Holdover };

    /// <summary>Corrections of its frequency above its oscillator's, for people.</summary>
    public FrequencyOffset Frequency { get; private set; }

    /// <summary>When <see cref="OnTime"/> is to be called; null: nothing is due.</summary>
    public Instant<Boot>? Wake => _due;

    /// <summary>It follows something else from now on.</summary>
    public void Follow(PhcUpstream upstream)
    {
        if (upstream == Upstream)
        {
            return;
        }

        bool isNew = Upstream.Kind is not (PhcUpstream.Kinds.None or PhcUpstream.Kinds.Master) || upstream.Kind is not (PhcUpstream.Kinds.None or PhcUpstream.Kinds.Master);
        (Upstream, UpstreamBound) = (upstream, Duration.Zero);
        if (isNew)
        {
            Do(() => _follower.Servo.Follow()); // of masters the follower sees for itself whether they are others
        }

        LogFollows(_log, Id, upstream.ToString());
    }

    /// <summary>How wrong what it follows may be itself, where that is a clock of this machine.</summary>
    public Duration UpstreamBound { get; set; }

    /// <summary>Half-width of the interval that holds the time of what it follows at last; null: not known. A master's own error comes on top.</summary>
    public Duration? Bound => Last?.Bound + UpstreamBound;

    /// <summary>The ports that it stamps.</summary>
    public List<PtpPort> Ports { get; } = [];

    public void Sync(PtpPort port, SyncPair pair, Duration error) => DoStamped(() =>
    {
        if (_follower.Synchronized(port, pair, error))
        {
            Update();
        }
    });

    public void Delay(PtpPort port, DelayPair pair, Duration error) => DoStamped(() => _follower.Delayed(port, pair, error));

    public void LinkDelay(PtpPort port, PeerDelayMeasurement measurement) => Do(() => _follower.PeerDelayed(port, measurement));

    /// <summary>It was read beside another clock, whose time that was.</summary>
    /// <param name="time">Of the other clock at the moment of <paramref name="reading"/>.</param>
    /// <param name="reading">Of this one.</param>
    /// <param name="error">Of the two together: half-width.</param>
    public void Beside(Instant<Tai> time, PhcReading reading, Duration error) => DoStamped(() =>
    {
        _follower.Servo.LinkDelay(Duration.Zero); // nothing travels
        _follower.Servo.Sync(time, reading.Phc, error);
        Update();
    });

    /// <summary>Looks at it; a jump by somebody else's hand is noticed.</summary>
    /// <param name="reading">What was seen.</param>
    /// <param name="looks">The best of so many.</param>
    /// <returns>False while it cannot be read.</returns>
    public bool TryLook(out PhcReading reading, int looks = PhcDevice.FewLooks)
    {
        reading = default;
        bool isGone = false;
        if (_device is not { } device || !device.TryRead(out reading, out isGone, looks))
        {
            if (isGone)
            {
                Unplugged();
            }

            return false;
        }

        if (_look is { } before && !_isWaiting)
        {
            var elapsed = reading.Raw - before.Raw;
            var gained = reading.Phc - before.Phc - elapsed;
            if (gained.Magnitude > JumpAtLeast + elapsed.At(JumpRate).Magnitude)
            {
                LogJumped(_log, Id, gained);
                _follower.Servo.Jumped(reading.Phc - gained, gained);
                CountStep(gained);
            }
        }

        _look = reading;
        return true;
    }

    public void OnTime(Instant<Boot> now)
    {
        if (_due is { } due && now >= due)
        {
            _due = null;
            Do(Update);
        }

        LookForPulses(now);
    }

    public void Dispose()
    {
        _link.Dispose();
        _device?.Dispose();
    }

    private void DoStamped(Action action) => Do(action, isStamped: true);

    /// <param name="action">What waits while clockd is asked.</param>
    /// <param name="isStamped">It has stamps of this clock, which say nothing after a step.</param>
    private void Do(Action action, bool isStamped = false)
    {
        if (!_isWaiting)
        {
            action();
            return;
        }

        if (_waiting.Count == MostWaiting)
        {
            _waiting.Dequeue();
        }

        _waiting.Enqueue((action, isStamped));
    }

    private void Update()
    {
        if (!_isOpen || !TryLook(out var look))
        {
            return;
        }

        var outcome = _follower.Update(Ports, look.Phc, Clocks.Boot());
        Last = outcome;
        _due = Clocks.Boot() + outcome.Until;
        if (outcome.State != _told)
        {
            _told = outcome.State;
            LogState(_log, Id, outcome.State, outcome.Offset ?? Duration.Zero);
        }

        if (outcome.Steering is { } steering)
        {
            Steer(steering);
        }
    }

    private void Steer(PhcSteering steering)
    {
        var adjust = new SteerRequest { Adjust = new() { FrequencyPpb = steering.Frequency.Ppb, Phase = steering.Phase.ToWire(), PhaseDuration = steering.PhaseDuration.ToWire() } };
        SteerRequest[] requests = steering.Step is { } step ? [adjust, new() { Step = new() { Offset = step.ToWire() } }] : [adjust];
        _isWaiting = _link.TrySend(requests, (isAll, accepted) =>
        {
            _isWaiting = false;
            if (accepted is [var turned, ..])
            {
                Frequency = steering.Frequency;
                _follower.Servo.Steered(AtOf(turned), steering with { Step = null });
            }

            if (accepted is [_, var stepped] && steering.Step is { } made)
            {
                LogStep(_log, Id, made);
                _follower.Servo.Steered(AtOf(stepped) - made, steering);
                _look = null;
                CountStep(made);
            }
            else if (!isAll && steering.Step is not null && accepted is [_])
            {
                _follower.Servo.MayStep = false; // or it would be asked for with each Sync
            }

            Drain();
        });
    }

    private void CountStep(Duration by)
    {
        Steps = (Steps.Count + 1, Steps.Sum + by);
        for (int left = _waiting.Count; left > 0; left--)
        {
            if (_waiting.Dequeue() is { IsStamped: false } next)
            {
                _waiting.Enqueue(next);
            }
        }

        Stepped?.Invoke();
    }

    /// <summary>A minute's refusals are one line: a master may make us ask with each Sync.</summary>
    private void OnRefused(string why)
    {
        var now = Clocks.Boot();
        if (_refused is not { } last || now - last > BetweenRefusals)
        {
            _refused = now;
            LogRefused(_log, Id, why);
        }
    }

    private void OnOpened(Accepted accepted)
    {
        bool isNew = false;
        if (_device is null)
        {
            try
            {
                _device = _open(Id);
            }
            catch (Win32Exception failure)
            {
                OnLost(failure.Message); // clockd ends its call by itself if the clock is gone; if only we may not read it, nothing helps
                return;
            }

            isNew = true;
        }

        (_isOpen, _isWaiting, _look) = (true, false, null);
        _follower.Servo.MayStep = true; // clockd may have another policy
        Frequency = FrequencyOffset.FromPpb(accepted.FrequencyPpb);
        if (isNew)
        {
            Begin(AtOf(accepted));
        }
        else
        {
            _follower.Servo.Steered(AtOf(accepted), new() { Frequency = Frequency });
        }

        LogOpened(_log, Id, Frequency);
        if (Pulse is { } pulse)
        {
            BeginPulses(pulse, _device);
        }

        Drain();
    }

    /// <summary>Knows nothing of the clock but at what rate it runs.</summary>
    private void Begin(Instant<Phc> at)
    {
        _follower = new(new(new() { MaxFrequency = FrequencyOffset.FromPpm(Math.Min(500, _device!.MaxFrequency.Ppm)), StepThreshold = _stepThreshold }));
        _follower.Servo.Steered(at, new() { Frequency = Frequency });
    }

    private void OnLost(string why)
    {
        if (why != _lastTrouble)
        {
            LogLost(_log, Id, why);
        }

        (_isOpen, _isWaiting, _lastTrouble) = (false, false, why);
        Drain();
        TryLook(out _); // and learns whether it was unplugged
        if (Last is { } last)
        {
            Last = last with { State = PhcState.Unlocked };
        }
    }

    private void Drain()
    {
        while (!_isWaiting && _waiting.TryDequeue(out var next))
        {
            next.Action();
        }
    }

    private void Unplugged()
    {
        _device?.Dispose();
        (_device, _look, Last, _due) = (null, null, null, null);
        _isOpen = false;
        LogGone(_log, Id);
    }

    private static Instant<Phc> AtOf(Accepted accepted) => accepted.ClockAtEffective.ToInstant<Phc>();

    [LoggerMessage(LogLevel.Information, "{Clock}: steered through clockd; its frequency is {Frequency}")]
    private static partial void LogOpened(ILogger log, string clock, FrequencyOffset frequency);

    [LoggerMessage(LogLevel.Warning, "{Clock} is not steered: {Why}; tried again")]
    private static partial void LogLost(ILogger log, string clock, string why);

    [LoggerMessage(LogLevel.Warning, "{Clock}: clockd refuses: {Why}")]
    private static partial void LogRefused(ILogger log, string clock, string why);

    [LoggerMessage(LogLevel.Information, "{Clock} follows {Upstream}")]
    private static partial void LogFollows(ILogger log, string clock, string upstream);

    [LoggerMessage(LogLevel.Information, "{Clock} is {State}, {Offset} from its upstream")]
    private static partial void LogState(ILogger log, string clock, PhcState state, Duration offset);

    [LoggerMessage(LogLevel.Information, "{Clock}: stepped by {Step}")]
    private static partial void LogStep(ILogger log, string clock, Duration step);

    [LoggerMessage(LogLevel.Warning, "{Clock} was stepped by {Jump}, and not by us")]
    private static partial void LogJumped(ILogger log, string clock, Duration jump);

    [LoggerMessage(LogLevel.Warning, "{Clock} was unplugged")]
    private static partial void LogGone(ILogger log, string clock);
}
