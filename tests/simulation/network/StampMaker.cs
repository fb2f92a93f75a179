using TimeSuite.Ntp;
using TimeSuite.Time;

namespace TimeSuite.Simulation;

/// <summary>Stamps of packets on the raw clock: of a resolution, with an error, missing or late.</summary>
internal sealed class StampMaker(Setup setup, World world, ulong seed, string name)
{
    private const double DaemonLatency = 5e-6; // s, mean, from the program's look at the clock to the wire
    private static readonly Duration s_daemonError = Duration.FromSeconds(50e-6);

    private readonly Dice _dice = new(seed, $"stamps {name}");

    /// <summary>The stamp of a request that leaves now, and a better one that comes later.</summary>
    public (Stamp First, Stamp? Later) OfTransmission(VirtualHost host)
    {
        bool lost = _dice.Happens(setup.StampLoss), late = _dice.Happens(setup.StampLate);
        var stamp = Kernel(host);
        if (!lost && !late)
        {
            return (stamp, null);
        }

        var early = host.Raw - Duration.FromSeconds(DaemonLatency * _dice.Exponential());
        return (new(early, StampSource.Daemon, s_daemonError), lost ? null : stamp);
    }

    /// <summary>The stamp of a datagram that comes now.</summary>
    public Stamp OfReception(VirtualHost host) => Kernel(host);

    private Stamp Kernel(VirtualHost host)
    {
        double error = setup.StampError > 0 ? setup.StampError * ((2 * _dice.Uniform()) - 1) : 0;
        return new(world.Quantised(host.Raw + Duration.FromSeconds(error)), StampSource.Kernel, Duration.FromSeconds(setup.StampError));
    }
}
