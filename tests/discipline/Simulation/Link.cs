using TimeSuite.Time;

namespace TimeSuite.Discipline.Tests.Simulation;

/// <summary>The way to one server: clknetsim's delay = base + scale * exponential, with what scenarios F do to it.</summary>
public sealed class Link(Dice dice)
{
    private double _sent; // s

    /// <summary>s.</summary>
    public double Base { get; init; } = 1e-4;

    /// <summary>Mean excess of both directions, s.</summary>
    public double Jitter { get; init; } = 1e-4;

    /// <summary>1 - 2a of it on the way out, 1 + 2a on the way back.</summary>
    public double Asymmetry { get; init; }

    /// <summary>Shape of the excess, of mean 1; exponential if absent.</summary>
    public Func<Dice, double>? Shape { get; init; }

    /// <summary>Share of packets with another exponential of 50 ms.</summary>
    public double Spikes { get; init; }

    /// <summary>For 200 of each 1000 s, mean of another exponential on the way back, s.</summary>
    public double Congestion { get; init; }

    /// <summary>Server minus true time, s, by true time.</summary>
    public Func<double, double> ServerError { get; init; } = _ => 0;

    /// <summary>More base delay both ways, s, by true time.</summary>
    public Func<double, double> Detour { get; init; } = _ => 0;

    public Sample Exchange(VirtualClock clock, out double arrival)
    {
        double sent = clock.Now;
        _sent = sent;
        double there = sent + Delay(1 - (2 * Asymmetry), 0);
        double congestion = Congestion > 0 && sent % 1000 < 200 ? Congestion * dice.Exponential() : 0;
        arrival = there + Delay(1 + (2 * Asymmetry), congestion);
        var remote = VirtualClock.Epoch + Duration.FromSeconds(there) + Duration.FromSeconds(ServerError(there));
        return new()
        {
            Forward = new(clock.RawAt(sent), remote),
            Backward = new(clock.RawAt(arrival), remote),
        };
    }

    private double Delay(double share, double extra)
    {
        double excess = Shape is null ? dice.Exponential() : Shape(dice);
        double spike = Spikes > 0 && dice.Uniform() < Spikes ? 0.05 * dice.Exponential() : 0;
        return Base + Detour(_sent) + (share * Jitter * excess) + spike + extra;
    }
}
