namespace TimeSuite.Ptp;

/// <summary>What a port is recommended to be, by its code in figure 33 of IEEE 1588-2019.</summary>
public enum Recommendation
{
    /// <summary>Nobody was heard and the port listens: no change.</summary>
    Wait,

    /// <summary>Master: this instance has a reference and nobody on this port a better one.</summary>
    M1,

    /// <summary>Master: this instance is the best of all.</summary>
    M2,

    /// <summary>Master: the best is heard on another port, and this one hands its time on.</summary>
    M3,

    /// <summary>Slave: the best is heard here.</summary>
    S1,

    /// <summary>Passive: this instance has a reference and somebody a better one.</summary>
    P1,

    /// <summary>Passive: the best is heard on another port, but the network behind this one has it too.</summary>
    P2,
}

/// <summary>The state decision algorithm (IEEE 1588-2019 clause 9.3.3): a function of what was heard.</summary>
public static class StateDecision
{
    /// <summary>The best of what the ports have heard: Ebest.</summary>
    public static Candidate? Best(ReadOnlySpan<Candidate?> heard, ComparisonRule rule)
    {
        Candidate? best = null;
        foreach (var candidate in heard)
        {
            if (candidate is { } one && (best is not { } other || DataSetComparison.Compare(one, other, rule).IsFirst()))
            {
                best = one;
            }
        }

        return best;
    }

    /// <summary>What one port shall be.</summary>
    /// <param name="own">D0: this instance as a grandmaster; null: it never is one, and competes with nobody.</param>
    /// <param name="neverFollows">Whether the class of this instance is one that never follows.</param>
    /// <param name="best">Ebest, of all ports.</param>
    /// <param name="here">Erbest, of this port.</param>
    /// <param name="state">The port's state now.</param>
    /// <param name="rule">How candidates are compared.</param>
    public static Recommendation For(in Candidate? own, bool neverFollows, in Candidate? best, in Candidate? here, PortState state, ComparisonRule rule)
    {
        if (here is null && state == PortState.Listening)
        {
            return Recommendation.Wait;
        }

        if (neverFollows && own is { } reference)
        {
            return here is not { } rival || DataSetComparison.Compare(reference, rival, rule).IsFirst() ? Recommendation.M1 : Recommendation.P1;
        }

        if (best is not { } leader || (own is { } us && DataSetComparison.Compare(us, leader, rule).IsFirst()))
        {
            return Recommendation.M2;
        }

        if (here is not { } local)
        {
            return Recommendation.M3;
        }

        return leader.Receiver == local.Receiver ? Recommendation.S1
            : DataSetComparison.Compare(leader, local, rule) == Preference.FirstByTopology ? Recommendation.P2
            : Recommendation.M3;
    }
}
