namespace TimeSuite.Simulation;

/// <summary>One direction between two hosts: says of each packet how long it takes, or that it is lost.</summary>
/// <remarks>
/// clknetsim's delay = base + share * jitter * exponential, and what the <see cref="Setup"/> adds. Each part draws from its own
/// stream, and every packet draws the same numbers whatever became of those before. As there, a delay that is not positive is a loss.
/// </remarks>
public sealed class Way(Setup setup, ulong seed, string name, bool isDown)
{
    private const double LoadMemory = 300; // s, time constant of the load's drift
    private const double LongestHold = 3; // s

    private readonly Dice _jitter = new(seed, $"jitter {name}"), _spike = new(seed, $"spike {name}"), _congestion = new(seed, $"congestion {name}");
    private readonly Dice _queue = new(seed, $"queue {name}"), _route = new(seed, $"route {name}"), _loss = new(seed, $"loss {name}");
    private readonly List<double> _delays = [];
    private readonly double _sign = isDown ? 1 : -1;
    private double _load; // of the drift, standard normal
    private double _loadAt;
    private double _busyUntil;
    private double _routeUntil = double.NaN;
    private double _routeShift;

    /// <summary>More base delay, s, by true time: a script's route change or attack.</summary>
    public Func<double, double> Detour { get; set; } = _ => 0;

    /// <summary>Whether a packet passes at this time, s; the number counts the packets on this way from 1.</summary>
    public Func<double, long, bool> Passes { get; set; } = (_, _) => true;

    /// <summary>Packets that entered.</summary>
    public long Packets { get; private set; }

    /// <summary>A packet enters: how long it takes, and each copy of it, s; none if it is lost.</summary>
    public IReadOnlyList<double> Enter(double now)
    {
        Packets++;
        _delays.Clear();
        bool lost = _loss.Happens(isDown ? setup.LossDown : setup.LossUp) || now >= setup.LinkDies || now < setup.LinkUp || !Passes(now, Packets);
        Add(Delay(now), lost);
        bool again = _loss.Happens(setup.Duplicates);
        for (int copy = 0; again && copy < setup.Copies; copy++)
        {
            Add(Delay(now), lost);
        }

        return _delays;
    }

    private void Add(double delay, bool lost)
    {
        double carried = setup.Delay == DelayShape.Quantised ? Math.Round(delay * 1e6) / 1e6 : delay;
        if (!lost && carried > 0)
        {
            _delays.Add(carried);
        }
    }

    private double Delay(double now) =>
        ((1 + (2 * _sign * setup.BaseAsymmetry)) * setup.Base) + ((1 + (2 * _sign * setup.Asymmetry)) * setup.Jitter * setup.Delay.Draw(_jitter))
        + Spike() + Congestion(now) + Queue(now) + Route(now) + Held() + Attack(now) + Detour(now);

    private double Spike() => setup.Spikes > 0 && _spike.Happens(setup.Spikes) ? setup.Spike * _spike.Exponential() : 0;

    private double Held() => _loss.Happens(setup.Reorder) ? LongestHold * _loss.Uniform() : 0;

    private double Congestion(double now) =>
        isDown && setup.Congestion > 0 && now % setup.CongestionPeriod < setup.CongestionLength ? setup.Congestion * _congestion.Exponential() : 0;

    private double Attack(double now) =>
        isDown && now >= setup.AttackAt ? setup.Attack + (setup.AttackRamp * (now - setup.AttackAt)) : 0;

    /// <summary>
    /// The waiting time of M/M/1: none in 1 - load of the cases, else exponential of mean service / (1 - load); never less than what
    /// an earlier packet of ours still has before it, so that the queue keeps their order.
    /// </summary>
    private double Queue(double now)
    {
        if (setup.Load <= 0)
        {
            return 0;
        }

        double keep = Math.Exp(-(now - _loadAt) / LoadMemory);
        _load = (keep * _load) + (Math.Sqrt(1 - (keep * keep)) * _queue.Normal());
        _loadAt = now;
        double odds = setup.Load / (1 - setup.Load) * Math.Exp(_load);
        double load = Math.Min(odds / (1 + odds), 0.98);
        double wait = _queue.Happens(load) ? setup.Service / (1 - load) * _queue.Exponential() : 0;
        _busyUntil = Math.Max(now + wait, _busyUntil);
        return _busyUntil - now;
    }

    private double Route(double now)
    {
        if (setup.RoutePeriod <= 0)
        {
            return 0;
        }

        if (double.IsNaN(_routeUntil))
        {
            _routeUntil = setup.RoutePeriod * _route.Exponential();
        }

        while (now >= _routeUntil)
        {
            _routeUntil += setup.RoutePeriod * _route.Exponential();
            _routeShift = setup.RouteShift * _route.Exponential();
        }

        return _routeShift;
    }
}
