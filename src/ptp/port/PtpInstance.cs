namespace TimeSuite.Ptp;

/// <summary>The master that an instance follows, or itself (IEEE 1588-2019 clause 8.2.3).</summary>
/// <param name="Port">The master's port; while nobody is followed, this instance's port 0.</param>
/// <param name="Grandmaster">What is announced of the grandmaster.</param>
/// <param name="Quality">Of the grandmaster.</param>
/// <param name="Priority1">Of the grandmaster.</param>
/// <param name="Priority2">Of the grandmaster.</param>
public readonly record struct ParentDataSet(PortIdentity Port, ClockIdentity Grandmaster, ClockQuality Quality, byte Priority1, byte Priority2)
{
    internal static ParentDataSet Of(in Candidate candidate) => new(candidate.Sender, candidate.Grandmaster, candidate.Quality, candidate.Priority1, candidate.Priority2);
}

/// <summary>The last measurement (IEEE 1588-2019 clause 8.2.2).</summary>
/// <param name="OffsetFromMaster">Positive: ours is ahead.</param>
/// <param name="MeanDelay">Of the path or the link.</param>
public readonly record struct CurrentDataSet(TimeInterval OffsetFromMaster, TimeInterval MeanDelay);

/// <summary>A PTP instance: its ports, the master that they agree on, and the time that it brings (an ordinary or a boundary clock, by the number of ports).</summary>
/// <remarks>Not for several threads: one loop calls it and its ports.</remarks>
public sealed class PtpInstance
{
    private readonly List<PtpPort> _ports = [];
    private readonly ClockIdentity[] _path = new ClockIdentity[MaxPath];
    private Candidate?[] _heard = [];
    private int _pathLength;
    private TimeBase _own;
    private JumpGuard? _guard;

    /// <summary>Clocks of a path trace that are handed on: more do not fit into a datagram of 1,500 octets.</summary>
    internal const int MaxPath = 170;

    /// <param name="own">What it says of itself.</param>
    /// <param name="rule">How masters are compared.</param>
    /// <param name="chance">A number from 0 to below 1, another one each time: keeps the requests of many slaves apart.</param>
    public PtpInstance(DefaultDataSet own, ComparisonRule rule, Func<double> chance)
    {
        Default = own;
        Rule = rule;
        Chance = chance;
        BeGrandmaster();
    }

    /// <summary>What this instance says of itself. A change takes effect with the next <see cref="Decide"/>.</summary>
    public DefaultDataSet Default { get; set; }

    /// <summary>What it says of its time as a grandmaster. A change takes effect with the next <see cref="Decide"/>.</summary>
    public TimeProperties OwnTime { get; set; } = new(0, PtpFlags.None, TimeSource.InternalOscillator);

    /// <summary>
    /// Whether its own time is worth anything. While it is not, this instance competes with nobody, follows whom it hears and, following nobody, says nothing as a master: by an Announce it could push aside
    /// the only one that could tell it the time. A change takes effect with the next <see cref="Decide"/>.
    /// </summary>
    public bool KnowsTime { get; set; } = true;

    /// <summary>For people who ask by management: where it is, whose it is.</summary>
    public string UserDescription { get; internal set; } = "";

    public ComparisonRule Rule { get; }

    public IReadOnlyList<PtpPort> Ports => _ports;

    public ParentDataSet Parent { get; private set; }

    /// <summary>Boundary clocks to the grandmaster, this one counted: 0 if it is the grandmaster itself.</summary>
    public int StepsRemoved { get; private set; }

    /// <summary>Of the time that is followed or, by a grandmaster, given.</summary>
    public TimeProperties Time { get; private set; }

    /// <summary>The clocks from the grandmaster to the master that is followed.</summary>
    public ReadOnlySpan<ClockIdentity> Path => _path.AsSpan(0, _pathLength);

    public bool IsGrandmaster => Parent.Port.Clock == Default.Identity;

    internal bool HasNothingToSay => IsGrandmaster && !KnowsTime;

    /// <summary>What the owner has measured last, for management; zero while nobody is followed.</summary>
    public CurrentDataSet Current { get; set; }

    /// <summary>gPTP: how much faster the grandmaster's clock runs than the one that stamps here, as told last to those who follow us.</summary>
    public FrequencyOffset CumulativeRate { get; internal set; }

    /// <summary>gPTP: what the followed master said last of the grandmaster's clock; null: nothing, or nobody is followed.</summary>
    public FollowUpInformation? Told { get; internal set; }

    /// <summary>gPTP: of the grandmaster. A master that tells nothing of it has none but the first.</summary>
    public TimeBase TimeBase => IsGrandmaster ? _own : Told?.Base ?? default;

    /// <summary>Power grids: what the followed master said of the way so far; null: nothing, or nobody is followed.</summary>
    public PowerProfile? Power { get; internal set; }

    /// <summary>Power grids: how wrong this clock may be as a grandmaster.</summary>
    public Duration OwnInaccuracy { get; set; }

    /// <summary>The best of all that the ports have heard and of this instance itself, by the last decision; null: there is none.</summary>
    public Candidate? Best { get; private set; }

    internal Func<double> Chance { get; }

    /// <summary>What its ports, if they are those of a transparent clock, have handed on.</summary>
    internal RecentMessages Recent { get; } = new();

    /// <summary>Adds the port with the next number. It is started by <see cref="PtpPort.Start"/>.</summary>
    /// <param name="settings">Its configuration.</param>
    /// <param name="time">The time of its stamps, for what it sends as a master.</param>
    /// <param name="output">What it does to the world.</param>
    public PtpPort AddPort(PortSettings settings, ILocalTime time, IPortOutput output)
    {
        var port = new PtpPort(this, new(Default.Identity, checked((ushort)(_ports.Count + 1))), settings, time, output);
        _ports.Add(port);
        _heard = new Candidate?[_ports.Count];
        return port;
    }

    /// <summary>One for all ports with the same limits, of which one follows at a time. Ports without election follow each its own master.</summary>
    internal JumpGuard? GuardFor(PortSettings settings)
    {
        if (settings.MaxJump is not { } limit)
        {
            return null;
        }

        if (settings.Role != PortRole.Elected)
        {
            return new(limit, settings.JumpConfirmation);
        }

        if (_guard?.IsFor(limit, settings.JumpConfirmation) != true)
        {
            _guard = new(limit, settings.JumpConfirmation);
        }

        return _guard;
    }

    /// <summary>Decides anew what each port shall be (IEEE 1588-2019 clause 9.2.6.9): after each Announce, each time-out and each change of <see cref="Default"/>.</summary>
    public void Decide(Instant<Boot> now)
    {
        for (int i = 0; i < _ports.Count; i++)
        {
            _heard[i] = _ports[i].BestHeard(now);
        }

        var best = StateDecision.Best(_heard, Rule);
        Candidate? own = Default.SlaveOnly || !KnowsTime ? null : Candidate.Of(Default, OwnTime);
        Best = best is not { } leader || (own is { } us && DataSetComparison.Compare(us, leader, Rule).IsFirst()) ? own : best;
        bool follows = false;
        for (int i = 0; i < _ports.Count; i++)
        {
            if (!_ports[i].IsElected)
            {
                follows |= _ports[i].State.Follows();
                continue;
            }

            var recommended = StateDecision.For(own, Default.Quality.Class <= Default.ClassThatNeverFollows, best, _heard[i], _ports[i].State, Rule);
            if (recommended == Recommendation.S1)
            {
                follows = true;
                if (Parent.Port != best!.Value.Sender)
                {
                    _pathLength = 0; // the new master's comes with its next Announce
                }

                Follow(best.Value);
            }

            _ports[i].Recommend(recommended, now);
        }

        if (!follows)
        {
            BeGrandmaster();
        }
    }

    internal bool IsFirstMaster(PtpPort port) => _ports.Find(one => one.State == PortState.Master) == port;

    /// <summary>Its time, which is the grandmaster's, was stepped.</summary>
    internal void Stepped(Duration by) => _own = _own.After(by);

    /// <summary>Takes the news of the master that is followed.</summary>
    internal void Follow(in Candidate master)
    {
        if (Parent.Grandmaster != master.Grandmaster)
        {
            Told = null;
        }

        Parent = ParentDataSet.Of(master);
        StepsRemoved = master.StepsRemoved + 1;
        Time = master.Time;
    }

    /// <summary>Takes a master of which nothing is announced: it is its own grandmaster, and claims nothing.</summary>
    internal void Follow(PortIdentity master) =>
        Follow(new Candidate { Priority1 = 128, Grandmaster = master.Clock, Quality = ClockQuality.Unknown, Priority2 = 128, Sender = master, Time = new(0, PtpFlags.None, TimeSource.Other) });

    internal void TakePath(ReadOnlySpan<byte> announce, in PtpHeader header)
    {
        _pathLength = 0;
        if (PathTrace.TryFind(announce, header, out var trace))
        {
            for (; _pathLength < Math.Min(trace.Count, MaxPath); _pathLength++)
            {
                _path[_pathLength] = trace[_pathLength];
            }
        }
    }

    /// <summary>The master of a port without election is lost.</summary>
    internal void FollowNobody() => BeGrandmaster();

    private void BeGrandmaster()
    {
        if (!IsGrandmaster)
        {
            // What differs from the time base of before is what this clock is off by (IEEE 802.1AS-2020 clause 10.2.10).
            _own = _own with { Phase = Current.OffsetFromMaster.ToDuration(), Frequency = FrequencyOffset.Zero };
            Told = null;
        }

        Parent = ParentDataSet.Of(Candidate.Of(Default, OwnTime));
        StepsRemoved = 0;
        Time = OwnTime;
        Power = null;
        _pathLength = 0;
    }
}
