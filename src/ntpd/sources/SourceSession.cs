using TimeSuite.Config;
using TimeSuite.Discipline;
using TimeSuite.Linux;
using TimeSuite.Ntp;
using TimeSuite.Nts;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Sources;

/// <summary>What a session asks of those around it.</summary>
internal interface ISessionHost
{
    /// <summary>The way to a server.</summary>
    IRequestPort OpenPort(SourceConfig config, DatagramAddress server, IRequestListener listener);

    /// <summary>The symmetric key of this number; null if there is none.</summary>
    SymmetricKey? FindKey(uint id);

    /// <summary>64 bits that nobody can guess.</summary>
    ulong RandomCookie();

    void OnMeasured(SourceSession session, Exchange exchange);

    /// <summary>The server will not serve us any more.</summary>
    void OnGivenUp(SourceSession session, KissCode reason);

    /// <summary>What there is to know of the source has changed, and no exchange says so: it says that it is not synchronised, or is silent by now.</summary>
    void OnStateChanged(SourceSession session);
}

/// <summary>One address of one source: an <see cref="Association"/> with its way to the server.</summary>
internal sealed class SourceSession : IRequestListener, IDisposable
{
    private const int PollsInReach = 8;

    private readonly ISessionHost _host;
    private readonly Association _association;
    private readonly IRequestPort _port;
    private ulong _request; // the last one sent
    private ulong _receivedBefore; // good replies before the present NTS keys
    private string? _notSent, _rejected; // by this machine; by ICMP, since the server was heard last

    public SourceSession(SourceId id, SourceConfig config, DatagramAddress address, Instant<Utc> floor, ISessionHost host, Instant<Raw> start)
    {
        (Id, Config, Address, _host) = (id, config, address, host);
        _association = new(OptionsFor(config, floor), host.RandomCookie, start);
        UseKey();
        _port = host.OpenPort(config, address, this);
    }

    public SourceId Id { get; }

    public SourceConfig Config { get; }

    public DatagramAddress Address { get; }

    public Association Association => _association;

    /// <summary>The last good exchange.</summary>
    public Exchange? Last { get; private set; }

    /// <summary>The newest reply said so: it gave no exchange.</summary>
    public bool SaysUnsynchronized { get; private set; }

    /// <summary>Another server's local reference, which is no real time (<see cref="Orphans"/>).</summary>
    public bool IsSetAside { get; set; }

    /// <summary>The clock contradicts its certificates, and not enough others say that the clock is wrong: what it says does not count yet.</summary>
    public bool IsProvisional { get; set; }

    /// <summary>Why requests cannot be sent or come to nothing, in words; null if we know of no reason.</summary>
    public string? SendFailure => _notSent ?? _rejected;

    /// <summary>Whether it answers, as far as it was asked.</summary>
    public bool IsReachable => _association.Reach.IsReachable || _association.Counters.Sent < PollsInReach; // nobody is unreachable who was hardly asked

    public Instant<Raw>? Due => _association.Due;

    /// <summary>What the discipline should know of this source beside its samples.</summary>
    public SourceState State(bool loop) => new()
    {
        Online = _association.IsOnline,
        Reachable = IsReachable,
        Stratum = Last?.Stratum ?? 0,
        SaysUnsynchronized = SaysUnsynchronized,
        Leap = Last?.Leap switch { LeapIndicator.Insert => LeapSecond.Insert, LeapIndicator.Delete => LeapSecond.Delete, _ => LeapSecond.None },
        Loop = loop,
        GivenUp = _association.GivenUp is not null,
    };

    public void OnTimer(Instant<Raw> now) => CarryOut(_association.OnTimer(now));

    public void SetPoll(Duration interval) => CarryOut(_association.SetPoll(interval));

    public void SetOnline(bool online, Instant<Raw> now)
    {
        CarryOut(_association.SetOnline(online, now));
        if (!online)
        {
            _port.Close();
        }
    }

    /// <summary>Its NTS keys and cookies; null without NTS.</summary>
    public NtsClient? Nts { get; private set; }

    /// <summary>The name under which the key exchange told of it.</summary>
    public string NtsName { get; private set; } = "";

    /// <summary>Since when it has the NTS keys that it has.</summary>
    public Instant<Raw> KeysSince { get; private set; }

    /// <summary>The key exchange, by the clock of then, and the period of its certificates.</summary>
    public (Instant<Utc> At, Period Period) Exchanged { get; private set; }

    /// <summary>Whether the server has taken these keys.</summary>
    public bool KeysAreProven => Nts is not null && _association.Counters.Received > _receivedBefore;

    /// <summary>Keys of a new exchange; those before are gone.</summary>
    public void UseNts(NtsAnswer.Established established, Instant<Raw> since)
    {
        Nts?.Dispose();
        (Nts, NtsName, KeysSince, _receivedBefore) = (established.Client, established.Name, since, _association.Counters.Received);
        Exchanged = (established.At, established.Period);
        _association.Nts = Nts;
    }

    /// <summary>The keys have changed, perhaps.</summary>
    /// <exception cref="InvalidOperationException">Ours is gone. Whoever changes keys sees to it that this cannot be: without its key no request may leave.</exception>
    public void UseKey() => _association.Key = Config.Key == 0 ? null : _host.FindKey(Config.Key)
        ?? throw new InvalidOperationException($"{Config.Name} needs key {Config.Key}, which is not there");

    public void Burst(int good, int max) => CarryOut(_association.Burst(good, max));

    public void Dispose()
    {
        _port.Dispose();
        Nts?.Dispose();
    }

    public void OnTransmitted(Stamp sent) => CarryOut(_association.OnSent(_request, sent));

    public void OnDatagram(ReadOnlySpan<byte> octets, Stamp received, Instant<Raw> now)
    {
        _rejected = null;
        CarryOut(_association.OnDatagram(octets, received, now));
    }

    public void OnFailure(string why) => _rejected = why; // stays: routers and hosts send only so many ICMP errors, not one for each request

    private static AssociationOptions OptionsFor(SourceConfig config, Instant<Utc> floor) => new()
    {
        Floor = floor,
        Version = config.Version,
        MinPoll = Duration.FromSeconds(Math.ScaleB(1, config.MinPoll)),
        MaxPoll = Duration.FromSeconds(Math.ScaleB(1, config.MaxPoll)),
        Iburst = config.Iburst,
        Burst = config.Burst,
        Interleaved = config.Interleaved,
        MaxDelay = config.MaxDelay,
        StampPatience = Duration.FromSeconds(0.05),
        Offline = config.Offline,
    };

    /// <summary>A good exchange.</summary>
    internal void Hear(Exchange exchange)
    {
        SaysUnsynchronized = false;
        Last = exchange;
        _host.OnMeasured(this, exchange);
    }

    private void CarryOut(IReadOnlyList<AssociationAction> actions)
    {
        foreach (var action in actions)
        {
            switch (action)
            {
                case AssociationAction.Send send:
                    Send(send);
                    break;
                case AssociationAction.Measured measured:
                    Hear(measured.Exchange);
                    break;
                case AssociationAction.GiveUp giveUp:
                    _host.OnGivenUp(this, giveUp.Reason);
                    break;
                case AssociationAction.Refused { Reason: Refusal.Unsynchronized } when !SaysUnsynchronized:
                    SaysUnsynchronized = true;
                    _host.OnStateChanged(this);
                    break;
                case AssociationAction.WakeAt or AssociationAction.Refused:
                    break; // the loop asks for Due; refusals are counted in the association
            }
        }
    }

    private void Send(AssociationAction.Send send)
    {
        _request = send.Request;
        _notSent = _port.Send(send.Datagram.Span, out var sent);
        if (_notSent is null)
        {
            CarryOut(_association.OnSent(send.Request, sent));
        }
    }
}
