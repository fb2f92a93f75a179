namespace TimeSuite.Ntp.Tests;

/// <summary>Our client and our server with a bad network between them, in virtual time. Knows the truth about each crossing.</summary>
/// <remarks>
/// A datagram really leaves some time after the daemon looked at the clock; only the kernel's stamps say when. The server's clock is
/// right: raw time 0 is <see cref="Epoch"/>.
/// </remarks>
internal sealed class Link
{
    private readonly PriorityQueue<Action, (Instant<Raw>, int)> _events = new();
    private readonly Dictionary<ulong, Crossing> _crossings = []; // by receive timestamp
    private readonly Random _dice;
    private int _order;

    public Link(AssociationOptions options, Responder server, int seed = 1)
    {
        _dice = new(seed);
        Server = server;
        Client = new(options, () => unchecked((ulong)_dice.NextInt64(long.MinValue, long.MaxValue)), default);
    }

    public Association Client { get; }

    public Responder Server { get; set; }

    public Instant<Utc> Epoch { get; init; } = At.Epoch;

    public Instant<Raw> Now { get; private set; }

    /// <summary>One-way delay of either direction, s, and how much longer a datagram may take.</summary>
    public double Delay { get; init; } = 0.010;

    public double Jitter { get; set; }

    /// <summary>Share of datagrams lost, each way.</summary>
    public double Loss { get; set; }

    /// <summary>How many copies of each reply come.</summary>
    public int Copies { get; init; } = 1;

    /// <summary>How long after the departure the kernel's stamp of it is known, either end, s.</summary>
    public double StampDelay { get; init; }

    public List<Exchange> Measured { get; } = [];

    public List<Refusal> Refused { get; } = [];

    public int Requests { get; private set; }

    public void RunUntil(double end)
    {
        var last = At.Raw(end);
        while (true)
        {
            bool queued = _events.TryPeek(out var action, out var next);
            var due = Client.Due;
            if (due is { } timer && timer <= last && (!queued || timer < next.Item1))
            {
                Now = timer > Now ? timer : Now;
                Carry(Client.OnTimer(Now));
            }
            else if (queued && next.Item1 <= last)
            {
                _events.Dequeue();
                Now = next.Item1;
                action!();
            }
            else
            {
                Now = last;
                return;
            }
        }
    }

    /// <summary>Whether every exchange that was reported is one that took place, with its own four instants, and none came twice.</summary>
    public void AssertTruth()
    {
        Assert.Equal(Measured.Count, Measured.Select(exchange => exchange.RemoteReceived).Distinct().Count());
        foreach (var exchange in Measured)
        {
            var crossing = _crossings[NtpTimestamp.FromUtc(exchange.RemoteReceived).Bits];
            Assert.InRange((exchange.RemoteReceived - Utc(crossing.Arrived)).Seconds, -1e-9, 1e-9);
            Assert.InRange((exchange.RemoteSent - Utc(exchange.Interleaved ? crossing.Left : crossing.Looked)).Seconds, -1e-9, 1e-9);
            Assert.Equal(crossing.Departed, exchange.Sent.At);
            Assert.Equal(StampSource.Kernel, exchange.Sent.Source);
            Assert.Equal(crossing.Back[0], exchange.Received.At); // the first copy
        }
    }

    private Instant<Utc> Utc(Instant<Raw> at) => Epoch + at.SinceEpoch;

    private void Carry(IReadOnlyList<AssociationAction> actions)
    {
        foreach (var action in actions)
        {
            switch (action)
            {
                case AssociationAction.Send send:
                    Depart(send.Datagram.ToArray(), send.Request);
                    break;
                case AssociationAction.Measured measured:
                    Measured.Add(measured.Exchange);
                    break;
                case AssociationAction.Refused refused:
                    Refused.Add(refused.Reason);
                    break;
                default:
                    break;
            }
        }
    }

    private void Depart(byte[] request, ulong number)
    {
        Requests++;
        var departed = Now + At.Seconds(0.001);
        After(0.001 + StampDelay, () => Carry(Client.OnSent(number, new(departed, StampSource.Kernel, Duration.Zero))));
        if (_dice.NextDouble() >= Loss)
        {
            After(0.001 + Way(), () => Arrive(request, departed));
        }
    }

    private void Arrive(byte[] request, Instant<Raw> departed)
    {
        var reply = new byte[request.Length];
        var state = new ServerState { Leap = LeapIndicator.None, Stratum = 1, Precision = -30, ReferenceTime = NtpTimestamp.FromUtc(Utc(Now)) };
        if (!Server.TryRespond(request, state, NtpTimestamp.FromUtc(Utc(Now)), reply, out var response))
        {
            return;
        }

        var server = Server;
        var (looked, left) = (Now + At.Seconds(0.0001), Now + At.Seconds(0.0003));
        server.Depart(response, reply, NtpTimestamp.FromUtc(Utc(looked)));
        After(0.0003 + StampDelay, () => server.OnTransmitted(response, NtpTimestamp.FromUtc(Utc(left))));
        var crossing = _crossings[response.Receive.Bits] = new(departed, Now, looked, left, []);
        if (_dice.NextDouble() < Loss)
        {
            return;
        }

        for (int copy = 0; copy < Copies; copy++)
        {
            After(0.0003 + Way(), () =>
            {
                crossing.Back.Add(Now);
                Carry(Client.OnDatagram(reply.AsSpan(0, response.Length), new(Now, StampSource.Kernel, Duration.Zero), Now));
            });
        }
    }

    private double Way() => Delay + (Jitter * _dice.NextDouble());

    private void After(double seconds, Action action) => _events.Enqueue(action, (Now + At.Seconds(seconds), _order++));

    private sealed record Crossing(Instant<Raw> Departed, Instant<Raw> Arrived, Instant<Raw> Looked, Instant<Raw> Left, List<Instant<Raw>> Back);
}
