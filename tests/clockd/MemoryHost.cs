using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using TimeSuite.Linux;
using TimeSuite.Policy;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Time;

namespace TimeSuite.Clockd.Tests;

/// <summary>clockd as a simulation has it: no file, no thread, no socket, and the messages of the wire.</summary>
internal sealed class MemoryHost : ITimePagePublisher, IStateKeeper
{
    private ulong _sequence;
    private bool _isTicking;

    public MemoryHost(Instant<Utc>? start = null, PolicyLimits? limits = null)
    {
        Now = new(new(Duration.FromSeconds(1000L)), new(Duration.FromSeconds(1000L)), start ?? Host.Noon, default);
        Clock = ShadowClock.Resume(null, Duration.Zero, FrequencyOffset.FromPpm(20), Now);
        Session = new(Clock, new(limits ?? PolicyLimits.Default, leaps: null, Host.BuildDate), Kept, this, this, Audit, () => Now);
        Session.Ticking = wanted => _isTicking = wanted;
        Session.Start();
        (Saves, Publications) = (0, 0);
    }

    public ClockSession Session { get; }

    public AuditTrail Audit { get; } = new(NullLogger.Instance);

    /// <summary>A full disk, or one that cannot be written.</summary>
    public bool IsFull { get; set; }

    public ShadowClock Clock { get; }

    public Moment Now { get; private set; }

    public TimePageReading Page { get; private set; }

    public PolicyState Kept { get; private set; } = new() { Boot = Guid.Empty };

    public int Saves { get; set; }

    public int Publications { get; set; }

    TimePageReading? ITimePagePublisher.Earlier => null;

    /// <summary>The one clock of this host.</summary>
    public ILeasedClock Find(string id) => id == ClockSession.ClockId ? Session : throw new RpcException(new Status(StatusCode.NotFound, "no such clock"));

    /// <summary>Begins a call and takes the lease.</summary>
    public SteerCall Open(string client = "test")
    {
        var call = new SteerCall(Find, "simulated", () => { });
        Assert.Equal(0, Answer(call, new() { Open = new() { ClockId = "system", Client = client } }).Code);
        return call;
    }

    public SteerReply Answer(SteerCall call, SteerRequest request, bool rises = true)
    {
        request.Sequence = rises ? ++_sequence : _sequence;
        request.NotAfter = (Now.Boot + Duration.FromSeconds(5L)).ToWire();
        var reply = call.Answer(request);
        Assert.Equal(_sequence, reply.Sequence);
        return reply;
    }

    public void Pass(int seconds)
    {
        var second = Duration.FromSeconds(1L);
        for (int passed = 0; passed < seconds; passed++)
        {
            Now = new(Now.Raw + second, Now.Boot + second, Now.Realtime + second, default);
            if (_isTicking)
            {
                Session.Tick();
            }
        }
    }

    void ITimePagePublisher.Publish(in TimePageReading page) => (Page, Publications) = (page, Publications + 1);

    void IStateKeeper.SaveRuntime(PolicyState state) =>
        (Kept, Saves) = IsFull ? throw new IOException("no space left on device") : (state, Saves + 1);

    void IStateKeeper.SaveToDisk(PolicyState state)
    {
    }
}
