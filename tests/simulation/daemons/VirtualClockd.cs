using Grpc.Core;
using TimeSuite.Clockd;
using TimeSuite.Linux;
using TimeSuite.Ntpd.Clock;
using TimeSuite.Policy;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Time;

namespace TimeSuite.Simulation;

/// <summary>clockd's own session, policy and clocks, without files and threads: messages are answered at once, timers are the world's.</summary>
internal sealed class VirtualClockd : ITimePagePublisher, IStateKeeper
{
    private const double ReconnectAfter = 0.2; // s, as ClockLink
    private static readonly Duration s_freshness = Duration.FromSeconds(2L); // as ClockLink

    private readonly IClockdHost _host;
    private readonly ISteerableClock _clock;
    private readonly ClockSession _session;
    private TimePageReading _page;
    private SteerCall? _call;
    private ulong _sequence;
    private int _ticking; // counts the timers, so that an old one finds out

    /// <param name="host">Where it runs.</param>
    /// <param name="clock">What it steers.</param>
    /// <param name="limits">The policy's.</param>
    /// <param name="leaps">The leap table, if there is one.</param>
    /// <param name="buildDate">No clock is right that says an earlier time.</param>
    public VirtualClockd(IClockdHost host, ISteerableClock clock, PolicyLimits limits, LeapSeconds? leaps, Instant<Utc> buildDate)
    {
        (_host, _clock) = (host, clock);
        var policy = new ClockPolicy(limits, leaps, buildDate);
        _session = new(clock, policy, new PolicyState { Boot = Guid.Empty }, this, this, new AuditTrail(host.Log), () => host.Moment) { Ticking = SetTicking };
        _session.Start();
        Housekeep();
    }

    /// <summary>What clockd has published last.</summary>
    public ref readonly TimePageReading Page => ref _page;

    /// <summary>What the shadow shows now.</summary>
    public Instant<Utc> Shadow
    {
        get
        {
            var now = _host.Moment;
            return _page.TryMap(now.Raw, now.Suspended, out var time, out _) ? time : default;
        }
    }

    /// <summary>Rate of the shadow over its oscillator, slew included, s/s.</summary>
    public double ShadowRate
    {
        get
        {
            var now = _host.Moment.Raw;
            int index = _clock.Segments.Count - 1;
            while (index > 0 && _clock.Segments[index].Start > now)
            {
                index--;
            }

            return ClockSegment.FromTicks(_clock.Segments[index].RateTicks).Fraction;
        }
    }

    public ClockSession Session => _session;

    public TimePageReading? Earlier => null;

    /// <summary>ntpd's end of the Steer call is opened.</summary>
    public void Connect()
    {
        if (_call is not null)
        {
            return;
        }

        _sequence = 1;
        _call = Begin();
        if (TryAnswer(new SteerRequest { Sequence = 1, Open = new Open { ClockId = ClockSession.ClockId, Client = "simulation" } }) is not null)
        {
            var description = _session.Describe("simulation");
            _host.OnLink(new ClockLinkEvent.Opened(description.Clocks[0], description.Policy, description.Counters));
        }
    }

    /// <summary>Tells ntpd what is allowed.</summary>
    public void Describe()
    {
        var description = _session.Describe("simulation");
        _host.OnLink(new ClockLinkEvent.Described(description.Clocks[0], description.Policy, description.Counters));
    }

    /// <summary>Takes a message of ntpd's; the answer comes in its loop.</summary>
    public bool TrySend(SteerRequest request)
    {
        if (_call is null)
        {
            return false;
        }

        request.Sequence = ++_sequence;
        request.NotAfter = (_host.Moment.Boot + s_freshness).ToWire();
        if (TryAnswer(request) is { } reply)
        {
            _host.OnLink(new ClockLinkEvent.Replied(request, reply));
        }

        return true;
    }

    /// <summary>The call is over; ntpd opens another one soon.</summary>
    public void Hangup(string why)
    {
        if (_call is { } call)
        {
            _call = null;
            call.Dispose();
            _host.OnLink(new ClockLinkEvent.Lost(why));
            _host.After(ReconnectAfter, () => _host.Take(Connect));
        }
    }

    public void Publish(in TimePageReading page) => _page = page;

    public void SaveRuntime(PolicyState state)
    {
        // It would only be read by a clockd that was killed.
    }

    public void SaveToDisk(PolicyState state)
    {
        // Likewise.
    }

    private SteerCall Begin() => new(_ => _session, "ntpd", () => Hangup("the lease is over"));

    private SteerReply? TryAnswer(SteerRequest request)
    {
        try
        {
            return _call!.Answer(request);
        }
        catch (RpcException refusal)
        {
            Hangup(refusal.Status.Detail);
            return null;
        }
    }

    private void SetTicking(bool wanted)
    {
        int timer = ++_ticking;
        if (wanted)
        {
            TickLater(timer);
        }
    }

    private void TickLater(int timer) => _host.After(KernelClock.UntilTick(_host.Moment).TotalSeconds, () =>
    {
        if (timer == _ticking && _host.IsAwake)
        {
            _session.Tick();
        }
        else if (timer == _ticking)
        {
            TickLater(timer);
        }
    });

    private void Housekeep()
    {
        double again = _host.IsAwake ? _session.Housekeep().Seconds : 1;
        _host.After(Math.Max(again, 1e-3), Housekeep);
    }
}
