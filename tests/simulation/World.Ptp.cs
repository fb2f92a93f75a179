using TimeSuite.Ptp;
using TimeSuite.Time;

namespace TimeSuite.Simulation;

/// <content>Clocks of PTP and the networks between them.</content>
public sealed partial class World
{
    private readonly List<PtpNode> _nodes = [];
    private int _lans;

    /// <summary>The grandmaster first, then those that follow it, then what a script has added.</summary>
    public IReadOnlyList<PtpNode> Nodes => _nodes;

    /// <summary>The network that the grandmaster and the slaves share, or the first slave's link to it; null: there is no PTP.</summary>
    public PtpLan? Lan { get; private set; }

    /// <summary>Sees a port change its state.</summary>
    public Action<PtpNode, PtpNodePort, PortState, PortState> PtpChanged { get; set; } = (_, _, _, _) => { };

    internal ulong Seed => _seed;

    /// <summary>TAI: no leap second is in it.</summary>
    public Instant<Tai> TaiAt(double time) => new(Duration.FromSeconds(_setup.Start + 37) + Duration.FromSeconds(time));

    /// <summary>Another network.</summary>
    public PtpLan AddLan(Setup? setup = null) => new(this, setup ?? _setup, _seed, $"{_lans++}");

    /// <summary>Another clock. It has no port yet, and is not started.</summary>
    /// <param name="role">What it is.</param>
    /// <param name="own">What it says of itself; its identity is its own.</param>
    /// <param name="rule">How masters are compared.</param>
    /// <param name="setup">Of its oscillator, stamps and servo, if not the world's.</param>
    /// <param name="machine">Whose ntpd takes what is measured by software; null: the PHC stamps.</param>
    public PtpNode AddNode(PtpRole role, DefaultDataSet? own = null, ComparisonRule rule = ComparisonRule.Ieee1588, Setup? setup = null, Machine? machine = null)
    {
        own ??= new() { Identity = default, Quality = role == PtpRole.Grandmaster ? new(6, ClockAccuracy.Within25Ns, ushort.MaxValue) : ClockQuality.Unknown };
        var node = new PtpNode(this, setup ?? _setup, _seed, _nodes.Count, role, own, rule, machine);
        _nodes.Add(node);
        return node;
    }

    /// <summary>The network of the setup.</summary>
    private void BuildPtp()
    {
        var ptp = _setup.Ptp;
        var master = AddNode(PtpRole.Grandmaster);
        for (int i = 0; i < ptp.Slaves; i++)
        {
            bool isOwnLink = ptp.Delay == DelayMechanism.P2P;
            PtpLan lan = Lan is null || isOwnLink ? AddLan() : Lan;
            Lan ??= lan;
            if (i == 0 || isOwnLink)
            {
                master.AddPort(lan, ptp.Port);
            }

            var slave = AddNode(PtpRole.Follower, machine: ptp.Stamps == PtpStamps.Software && i == 0 ? Client : null);
            slave.AddPort(lan, ptp.Port);
            slave.StartAt(ptp.StartAt);
        }

        master.StartAt(0);
        if (ptp.PhcJitter > 0)
        {
            _ = new PhcReader(this, Client, master.Phc, ptp.PhcJitter, _seed);
        }

        Judged = ptp.Stamps == PtpStamps.Hardware && ptp.PhcJitter == 0 ? _nodes[1] : Client;
    }
}
