using Grpc.Core;
using TimeSuite.Clockd;
using TimeSuite.Config;
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

    private readonly Machine _machine;
    private readonly ISteerableClock _clock;
    private readonly ClockSession _session;
    private readonly AuditTrail _audit;
    private TimePageReading _page;
    private SteerCall? _call;
    private ulong _sequence;
    private int _ticking; // counts the timers, so that an old one finds out

    public VirtualClockd(Machine machine, Setup setup, SuiteConfig config)
    {
        _machine = machine;
        _clock = setup.Actuator == Actuator.Kernel ? OpenKernel() : ShadowClock.Resume(null, Duration.Zero, FrequencyOffset.Zero, machine.Host.Moment);
        _audit = new(machine.Log);
        var policy = new ClockPolicy(config.Clock.Limits, machine.World.LeapTable, machine.World.BuildDate);
        _session = new(_clock, policy, new PolicyState { Boot = Guid.Empty }, this, this, _audit, () => machine.Host.Moment) { Ticking = SetTicking };
        _session.Start();
        Housekeep();
    }

    /// <summary>What clockd has published last.</summary>
    public ref readonly TimePageReading Page => ref _page;

    /// <summary>What the shadow shows now.</summary>
    public Instant<Utc> Shadow => _page.TryMap(_machine.Host.Raw, _machine.Host.Suspended, out var time, out _) ? time : default;

    /// <summary>Rate of the shadow over its oscillator, slew included, s/s.</summary>
    public double ShadowRate
    {
        get
        {
            var now = _machine.Host.Raw;
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
            _machine.OnLink(new ClockLinkEvent.Opened(description.Clocks[0], description.Policy, description.Counters));
        }
    }

    /// <summary>Takes a message of ntpd's; the answer comes in its loop.</summary>
    public bool TrySend(SteerRequest request)
    {
        if (_call is null)
        {
            return false;
        }

        request.Sequence = ++_sequence;
        request.NotAfter = (_machine.Host.Moment.Boot + s_freshness).ToWire();
        if (TryAnswer(request) is { } reply)
        {
            _machine.OnLink(new ClockLinkEvent.Replied(request, reply));
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
            _machine.OnLink(new ClockLinkEvent.Lost(why));
            _machine.World.At(_machine.World.Now + ReconnectAfter, () => _machine.Take(Connect));
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

    private SteerCall Begin() => new(_session, "ntpd", () => Hangup("the lease is over"));

    private KernelClock OpenKernel()
    {
        var clock = new KernelClock(_machine.Host.Kernel, setsRtc: true);
        clock.Adopt();
        return clock;
    }

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

    private void TickLater(int timer) => _machine.World.At(_machine.World.Now + 1, () =>
    {
        if (timer == _ticking)
        {
            if (_machine.IsAwake)
            {
                _session.Tick();
            }

            if (timer == _ticking)
            {
                TickLater(timer);
            }
        }
    });

    private void Housekeep()
    {
        double again = _machine.IsAwake ? _session.Housekeep().Seconds : 1;
        _machine.World.At(_machine.World.Now + Math.Max(again, 1e-3), Housekeep);
    }
}
