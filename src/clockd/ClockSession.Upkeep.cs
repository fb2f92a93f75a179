using Microsoft.Extensions.Logging;
using TimeSuite.Linux;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Time;

namespace TimeSuite.Clockd;

/// <summary>What goes on beside the holder's messages: each second while phase is pending, each minute, and on the administrator's word.</summary>
public sealed partial class ClockSession
{
    private static readonly Duration s_minute = Duration.FromSeconds(60L), s_hour = Duration.FromSeconds(3_600L), s_day = Duration.FromSeconds(86_400L);

    private readonly Lock _oneSaveAtATime = new();
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
                Note(Event.Types.Kind.Interference, "somebody else", "switched the kernel's PLL off during a slew; the slew was ended", now);
                LogInterference();
            }

            var pending = clock.Read(now).PendingPhase;
            _state = ClockPolicy.Account(_state, pending, now.Boot);
            if (pending.Magnitude < s_nothing)
            {
                _deadline = null;
                SetTicking(false);
            }

            Publish(now);
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
            bool isSynchronized = _announced.Synchronized && now.Raw - _announcedAt.Raw <= _announced.Interval + _announced.Interval;
            _synchronizedSince = isSynchronized ? _synchronizedSince ?? now.Boot : null;
            var clockNow = clock.Read(now);
            if (now.Boot - _lastSummary >= s_hour)
            {
                LogHour(_state.Adjustments - _lastHour.Adjustments, _state.Refusals - _lastHour.Refusals, _state.Leases - _lastHour.Leases,
                    clockNow.Frequency, ClockPolicy.SpentLastDay(_state, now.Boot), _state.Steps);
                _state = now.Boot - _synchronizedSince >= s_day ? _state with { SavedTime = clockNow.Time } : _state;
                (_lastSummary, _lastHour) = (now.Boot, _state);
                SaveToDiskSoon();
            }

            return _state.Leap == LeapSecond.None ? s_minute : Duration.Max(Duration.FromNanoseconds(1_000_000), Duration.Min(s_minute, LeapIsOver - clockNow.Time));
        }
    }

    /// <summary>Saves what the next boot should know. Slow.</summary>
    public void SaveToDisk()
    {
        lock (_oneSaveAtATime)
        {
            files.SaveToDisk(_state);
        }
    }

    /// <summary>When clockd stops, and for <c>clockd --end-slews</c> after one that was killed: no slew and no lease.</summary>
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
            Note(Event.Types.Kind.Permit, who, $"permits a step of up to {maxSize} within {window}", now);
            LogPermit(who, maxSize, window);
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

    public DescribeReply Describe(string version)
    {
        lock (_oneAtATime)
        {
            var now = moments();
            Settle(now);
            var state = clock.Read(now);
            var config = policy.Config;
            return new()
            {
                Version = version,
                Clocks =
                {
                    new ClockDescription
                    {
                        Id = ClockService.ClockId,
                        Kind = clock.Kind == TimePageKind.Shadow ? ClockDescription.Types.Kind.Shadow : ClockDescription.Types.Kind.System,
                        FrequencyPpb = state.Frequency.Ppb,
                        PendingPhase = state.PendingPhase.ToWire(),
                        TimeConstant = (uint)state.TimeConstant,
                        Synchronized = _announced.Synchronized && now.Raw - _announcedAt.Raw <= _announced.Interval + _announced.Interval,
                        Leap = _state.Leap.ToWire(),
                        TaiOffsetS = _state.TaiOffset,
                        Bound = BoundAt(now).ToWire(),
                        Holder = _holder?.Holder ?? "",
                        StepGeneration = _state.Steps,
                        FirstSynchronized = _state.FirstSynchronized,
                    },
                },
                Policy = new()
                {
                    Name = config.PolicyName,
                    MaxFrequencyPpb = config.MaxFrequency.Ppb,
                    MaxSlewRatePpb = config.MaxSlewRate.Ppb,
                    MaxSlewedPhasePerDay = config.MaxSlewedPhasePerDay.ToWire(),
                    BootSteps = (uint)config.BootSteps,
                    LaterStepsPerDay = (uint)config.LaterStepsPerDay,
                    MaxLaterStep = config.MaxLaterStep.ToWire(),
                    Lease = config.Lease.ToWire(),
                    Floor = policy.Floor(_state).ToWire(),
                    MinBoundGrowthPpb = config.MinBoundGrowth.Ppb,
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
                    BootStepsLeft = (uint)(_state.FirstSynchronized ? 0 : Math.Max(0, config.BootSteps - _state.BootStepsUsed)),
                    Interferences = _state.Interferences,
                },
            };
        }
    }

    private void SaveToDiskSoon() => Later(SaveToDisk);

    private void CountRefusal(string who, string verb, string why, Moment now)
    {
        _state = _state with { Refusals = _state.Refusals + 1 };
        Note(Event.Types.Kind.Refusal, who, $"{verb}: {why}", now);
        if (_refusalLines.MayWrite(now.Boot, out int silent))
        {
            LogRefusal(who, verb, why, silent);
        }
    }

    private void NoteAnnouncement(PolicyState was, string who, Moment now)
    {
        Note(Event.Types.Kind.Announce, who, _announced.Synchronized ? "synchronized" : "not synchronized", now);
        if (was.Leap != _state.Leap)
        {
            Note(Event.Types.Kind.Leap, who, $"leap second: {_state.Leap}", now);
            LogLeap(who, _state.Leap);
            SaveToDiskSoon();
        }

        if (was.TaiOffset != _state.TaiOffset)
        {
            Note(Event.Types.Kind.Tai, who, FormattableString.Invariant($"TAI-UTC = {_state.TaiOffset} s"), now);
            LogTai(who, _state.TaiOffset);
        }

        if (!was.FirstSynchronized && _state.FirstSynchronized)
        {
            LogFirst(who);
        }
    }

    private void Note(Event.Types.Kind kind, string who, string text, Moment now, FrequencyOffset frequency = default, Duration phase = default) =>
        events.Add(new() { At = now.Boot.ToWire(), ClockId = ClockService.ClockId, Kind = kind, Who = who, Text = text, FrequencyPpb = frequency.Ppb, Phase = phase.ToWire() });

    [LoggerMessage(LogLevel.Information, "{Kind} clock, {Error} from CLOCK_REALTIME, policy {Policy}, floor {Floor}; {Pending} of phase is pending")]
    private partial void LogStart(TimePageKind kind, Duration error, string policy, Instant<Utc> floor, Duration pending);

    [LoggerMessage(LogLevel.Information, "lease: {Who} steers the clock")]
    private partial void LogLease(string who);

    [LoggerMessage(LogLevel.Information, "lease of {Who} is over: {Why}; {Pending} of phase was still pending")]
    private partial void LogLeaseEnd(string who, string why, Duration pending);

    [LoggerMessage("step of {Offset} by {Who}; step {Count} since boot")]
    private partial void LogStep(LogLevel level, string who, Duration offset, ulong count);

    [LoggerMessage(LogLevel.Information, "first synchronisation of this boot, by {Who}: from now on policy is strict")]
    private partial void LogFirst(string who);

    [LoggerMessage(LogLevel.Warning, "leap second: {Leap}, by {Who}")]
    private partial void LogLeap(string who, LeapSecond leap);

    [LoggerMessage(LogLevel.Warning, "the leap second is over; TAI-UTC = {Tai} s (0: unknown)")]
    private partial void LogLeapOver(int tai);

    [LoggerMessage(LogLevel.Information, "TAI-UTC = {Tai} s, by {Who}")]
    private partial void LogTai(string who, int tai);

    [LoggerMessage(LogLevel.Warning, "the clock said {Was}, before the floor: raised to {Floor}")]
    private partial void LogFloor(Instant<Utc> was, Instant<Utc> floor);

    [LoggerMessage(LogLevel.Warning, "{Who} permits one step of up to {Size} within {Window}")]
    private partial void LogPermit(string who, Duration size, Duration window);

    [LoggerMessage(LogLevel.Error, "interference: another program switched the kernel's PLL off during a slew; the slew was ended. Does a second time daemon run?")]
    private partial void LogInterference();

    [LoggerMessage(LogLevel.Warning, "refused {Verb} of {Who}: {Why} ({Silent} more refusals had no line)")]
    private partial void LogRefusal(string who, string verb, string why, int silent);

    [LoggerMessage(LogLevel.Information, "in this hour: {Adjustments} adjustments, {Refusals} refusals, {Leases} leases; frequency {Frequency}, slewed in 24 h {Slewed}, steps since boot {Steps}")]
    private partial void LogHour(ulong adjustments, ulong refusals, ulong leases, FrequencyOffset frequency, Duration slewed, ulong steps);
}
