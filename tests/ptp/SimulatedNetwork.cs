namespace TimeSuite.Ptp.Tests;

/// <summary>Ports on links with exact delays, in virtual time: what a port says can be held against the truth to the last 2^-64 s.</summary>
internal sealed class SimulatedNetwork
{
    private readonly PriorityQueue<Action, (Duration At, long Order)> _agenda = new();
    private long _order;

    /// <summary>True time since the start; boots and true TAI (plus <see cref="Epoch"/>) agree with it.</summary>
    public Duration Now { get; private set; }

    /// <summary>TAI at the start.</summary>
    public static Duration Epoch => Duration.FromSeconds(1_800_000_000L);

    public Instant<Boot> Boot => new(Now);

    public void At(Duration when, Action action) => _agenda.Enqueue(action, (when, _order++));

    /// <summary>A port of an ordinary clock, which is started.</summary>
    public SimulatedPort NewPort(ulong clock, PortSettings settings, DefaultDataSet own, Func<double> chance)
    {
        var port = new SimulatedPort(this);
        port.Port = new PtpInstance(own with { Identity = new(clock) }, ComparisonRule.Ieee1588, chance).AddPort(settings, port, port);
        port.Port.Start(Boot);
        return port;
    }

    /// <summary>Runs until <paramref name="end"/>, the ports' timers among the messages.</summary>
    public void RunUntil(double end, params SimulatedPort[] ports)
    {
        var until = Duration.FromSeconds(end);
        while (true)
        {
            Duration? wake = null;
            SimulatedPort? next = null;
            foreach (var port in ports)
            {
                if (port.Port.Wake is { } due && (wake is null || due.SinceEpoch < wake))
                {
                    (wake, next) = (due.SinceEpoch, port);
                }
            }

            if (_agenda.TryPeek(out _, out var first) && first.At <= until && (wake is null || first.At <= wake))
            {
                var action = _agenda.Dequeue();
                Now = first.At;
                action();
            }
            else if (wake is { } at && at <= until)
            {
                Now = Duration.Max(Now, at);
                next!.Port.OnTime(Boot);
            }
            else
            {
                Now = until;
                return;
            }
        }
    }
}

/// <summary>A port on a <see cref="SimulatedNetwork"/>, with a clock of its own and a log of what it did.</summary>
internal sealed class SimulatedPort(SimulatedNetwork network) : IPortOutput, ILocalTime
{
    private readonly List<(SimulatedPort Port, Duration Delay)> _links = [];

    public PtpPort Port { get; set; } = null!;

    public PtpInstance Instance { get; set; } = null!;

    /// <summary>What happens to each message on its way, before it is late.</summary>
    public Action<byte[]> OnWire { get; set; } = _ => { };

    /// <summary>How long an event message lies here before it leaves.</summary>
    public Func<Duration> Lies { get; set; } = () => Duration.Zero;

    /// <summary>The hosts that something was sent to.</summary>
    public IEnumerable<PtpAddress> SentTo => Destinations.Select(to => to.Unicast);

    /// <summary>Where it is, if messages go to one alone; one that is nowhere hears all.</summary>
    public PtpAddress Address { get; init; }

    /// <summary>Our stamps minus true TAI; a master translates with it unless <see cref="KnowsTime"/> is false.</summary>
    public Duration Offset { get; set; }

    /// <summary>How much faster than true time our clock runs.</summary>
    public FrequencyOffset Rate { get; set; }

    /// <summary>A master translates this rate, too, so that what it serves is TAI.</summary>
    public bool KnowsRate { get; set; }

    /// <summary>How wrong it is about TAI, without knowing it.</summary>
    public Duration Error { get; set; }

    public bool KnowsTime { get; set; } = true;

    /// <summary>What is said of steps of what it serves.</summary>
    public (uint Count, Duration Sum) Steps { get; set; }

    /// <summary>Asked for each message that leaves: false loses it.</summary>
    public Func<byte[], bool> Passes { get; set; } = _ => true;

    /// <summary>Asked for each message that leaves: how much longer it takes.</summary>
    public Func<byte[], Duration> Late { get; set; } = _ => Duration.Zero;

    public List<SyncPair> Syncs { get; } = [];

    public List<DelayPair> Delays { get; } = [];

    public List<PeerDelayMeasurement> PeerDelays { get; } = [];

    public List<PortState> States { get; } = [];

    public List<JumpNews> Jumps { get; } = [];

    public List<byte[]> Messages { get; } = [];

    /// <summary>Where each of <see cref="Messages"/> went.</summary>
    public List<Destination> Destinations { get; } = [];

    /// <summary>Joins two ports, with the delay of each way.</summary>
    public void Join(SimulatedPort other, double there, double back)
    {
        _links.Add((other, Duration.FromSeconds(there)));
        other._links.Add((this, Duration.FromSeconds(back)));
    }

    public Instant<Local> Stamp(Duration now) => new(SimulatedNetwork.Epoch + now + now.At(Rate) + Offset);

    public bool TryToTai(Instant<Local> stamp, out Instant<Tai> time)
    {
        var known = stamp.SinceEpoch - Offset;
        time = new(known + Error - (KnowsRate ? (known - SimulatedNetwork.Epoch).At(FrequencyOffset.FromFraction(Rate.Fraction / (1 + Rate.Fraction))) : Duration.Zero));
        return KnowsTime;
    }

    Instant<Local>? ILocalTime.Now => Stamp(network.Now);

    /// <summary>What the hardware does to a message in one step as it leaves; null: it has no such hardware.</summary>
    public Action<byte[]>? OneStep { get; set; }

    public void SendEvent(ReadOnlySpan<byte> message, Destination to, TransmitTicket ticket)
    {
        if (ticket.IsOneStep)
        {
            byte[] copy = message.ToArray();
            OneStep?.Invoke(copy);
            Send(copy, to, stamped: true);
            return;
        }

        if (Lies() is { Sign: > 0 } lies)
        {
            byte[] held = message.ToArray();
            network.At(network.Now + lies, () =>
            {
                Send(held, to, stamped: true);
                Port.Sent(ticket, Stamp(network.Now), network.Boot);
            });
            return;
        }

        Send(message, to, stamped: true);
        var sent = network.Now;
        network.At(sent, () => Port.Sent(ticket, Stamp(sent), network.Boot));
    }

    public void SendGeneral(ReadOnlySpan<byte> message, Destination to) => Send(message, to, stamped: false);

    public void Synchronized(in SyncPair pair) => Syncs.Add(pair);

    public void Delayed(in DelayPair pair) => Delays.Add(pair);

    public void PeerDelayed(in PeerDelayMeasurement measurement) => PeerDelays.Add(measurement);

    public void Jumped(JumpNews news, Duration by) => Jumps.Add(news);

    public void Changed(PortState before, PortState after, PortEvent why) => States.Add(after);

    /// <summary>Offset from the master and mean path delay, by the last pairs.</summary>
    public (Duration Offset, Duration Delay) Measured()
    {
        var down = Syncs[^1].Received.SinceEpoch - Syncs[^1].Sent.SinceEpoch;
        var up = Delays[^1].Received.SinceEpoch - Delays[^1].Sent.SinceEpoch;
        var delay = (down + up).Half();
        return (down - delay, delay);
    }

    private void Send(ReadOnlySpan<byte> message, Destination to, bool stamped)
    {
        byte[] copy = message.ToArray();
        Messages.Add(copy);
        Destinations.Add(to);
        if (!Passes(copy))
        {
            return;
        }

        OnWire(copy);
        foreach (var (port, delay) in _links)
        {
            if (to.IsUnicast && port.Address.Kind != PtpAddressKind.None && port.Address != to.Unicast)
            {
                continue;
            }

            var arrival = network.Now + delay + Late(copy);
            network.At(arrival, () => port.Port.Received(copy, stamped ? port.Stamp(arrival) : null, Address, network.Boot));
        }
    }
}
