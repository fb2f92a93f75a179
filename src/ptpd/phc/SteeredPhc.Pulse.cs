using Microsoft.Extensions.Logging;
using TimeSuite.Config;
using TimeSuite.Linux;
using TimeSuite.Rpc.Clock.V1;

namespace TimeSuite.Ptpd.Hardware;

/// <content>A pulse each second that comes into the card: clockd has the device stamp it, and we read the stamps.</content>
internal sealed partial class SteeredPhc
{
    /// <summary>A pulse that has not come for so long is missed.</summary>
    private static readonly Duration MissedAfter = Duration.FromSeconds(5L);

    /// <summary>Hardware counts in periods of its own clock.</summary>
    private static readonly Duration StampError = Duration.FromNanoseconds(8);

    private readonly PulseSeconds _seconds = new();
    private Func<Instant<Utc>, (Instant<Tai> Time, Duration Bound)?> _counts = _ => null;
    private Instant<Boot> _pulsed; // the last that began a second
    private bool _isMissed;

    /// <summary>What comes into the card; null: nothing.</summary>
    public PtpConfig.PulseInput? Pulse { get; private set; }

    /// <summary>What it follows, for people.</summary>
    public string UpstreamText => _isMissed && Upstream.Kind == PhcUpstream.Kinds.Pulse ? $"{Upstream}, which does not come" : Upstream.ToString();

    /// <summary>It is to follow a pulse, from the next time on that clockd opens it.</summary>
    /// <param name="pulse">As configured.</param>
    /// <param name="counts">TAI at an instant of the system's clock, and half-width of its error; null: that knows nothing.</param>
    public void Expect(PtpConfig.PulseInput pulse, Func<Instant<Utc>, (Instant<Tai> Time, Duration Bound)?> counts) => (Pulse, _counts) = (pulse, counts);

    private void BeginPulses(PtpConfig.PulseInput pulse, IPhcView device)
    {
        device.Watch(OnPulse);
        var stamps = new ExternalStamps { On = true, Channel = (uint)pulse.Channel };
        if (pulse.Pin is { } pin)
        {
            stamps.Pin = (uint)pin;
        }

        _pulsed = Clocks.Boot();
        _link.TrySend([new() { ExternalStamps = stamps }], (_, _) => { }); // a refusal is said like any other
    }

    private void OnPulse()
    {
        if (_device?.ReadExternalStamp() is not { } stamp)
        {
            TryLook(out _); // it was unplugged
            return;
        }

        if (Pulse is { } pulse && stamp.Channel == pulse.Channel && Upstream.Kind == PhcUpstream.Kinds.Pulse && TryLook(out var look))
        {
            var at = stamp.At - pulse.Delay;
            var system = _counts(look.Realtime - (look.Phc - at));
            DoStamped(() => Use(pulse, at, system));
        }
    }

    private void Use(PtpConfig.PulseInput pulse, Instant<Phc> at, (Instant<Tai> Time, Duration Bound)? system)
    {
        switch (_seconds.Judge(at, IsGood ? Bound : null, system, out var second))
        {
            case PulseUse.Second:
                _pulsed = Clocks.Boot();
                _follower.Servo.MastersError = pulse.Accuracy;
                _follower.Servo.LinkDelay(Duration.Zero); // what it is late by was taken off
                _follower.Servo.Sync(second, at, StampError);
                Update();
                break;
            case PulseUse.Elsewhere when TryLook(out var look):
                LogElsewhere(_log, Id);
                Begin(look.Phc);
                Last = null;
                break;
        }
    }

    private void LookForPulses(Instant<Boot> now)
    {
        bool isMissed = _isOpen && Upstream.Kind == PhcUpstream.Kinds.Pulse && now - _pulsed > MissedAfter;
        if (isMissed != _isMissed)
        {
            _isMissed = isMissed;
            LogPulse(_log, Id, isMissed ? "no pulse has begun a second for 5 s: it does not come, or nobody knows which second it is" : "the pulse comes");
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Clock}: {How}")]
    private static partial void LogPulse(ILogger log, string clock, string how);

    [LoggerMessage(LogLevel.Error, "{Clock}: for 10 s the pulse has come elsewhere, or the system's clock has counted another second: it begins anew, by the pulse and the system's clock")]
    private static partial void LogElsewhere(ILogger log, string clock);
}
