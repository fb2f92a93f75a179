namespace TimeSuite.Ptp;

/// <summary>Which of two candidates is the better master.</summary>
public enum Preference
{
    First,

    /// <summary>The same grandmaster, by a better way.</summary>
    FirstByTopology,
    SecondByTopology,
    Second,

    /// <summary>The same Announce twice, or one of our own come back: no order.</summary>
    None,
}

/// <summary>The order in which candidates are asked for their claims.</summary>
public enum ComparisonRule
{
    /// <summary>IEEE 1588-2019 figures 34 and 35.</summary>
    Ieee1588,

    /// <summary>ITU-T G.8275.1 and G.8275.2 clause 6.3.7: no priority 1; a local priority; clocks with a reference are told apart by topology alone.</summary>
    G8275,

    /// <summary>ITU-T G.8265.1 clause 6.7.3: the class, then this host's own order of the masters.</summary>
    G8265,
}

/// <summary>The data set comparison, a total order of claims; a lower number wins throughout.</summary>
public static class DataSetComparison
{
    private const byte LastClassWithReference = 127;

    /// <summary>Whether either way of being better holds for the first.</summary>
    public static bool IsFirst(this Preference preference) => preference is Preference.First or Preference.FirstByTopology;

    /// <summary>Compares two candidates.</summary>
    public static Preference Compare(in Candidate first, in Candidate second, ComparisonRule rule) => rule switch
    {
        ComparisonRule.G8275 => ByTelecomClaims(first, second),
        ComparisonRule.G8265 => ByOrder(first, second),
        _ when first.Grandmaster == second.Grandmaster => ByTopology(first, second),
        _ => ByClaims(first, second),
    };

    private static Preference ByClaims(in Candidate a, in Candidate b)
    {
        int order = a.Priority1.CompareTo(b.Priority1);
        order = order != 0 ? order : ByQuality(a.Quality, b.Quality);
        order = order != 0 ? order : a.Priority2.CompareTo(b.Priority2);
        return Order(order != 0 ? order : a.Grandmaster.CompareTo(b.Grandmaster));
    }

    private static Preference ByTelecomClaims(in Candidate a, in Candidate b)
    {
        int order = ByQuality(a.Quality, b.Quality);
        order = order != 0 ? order : a.Priority2.CompareTo(b.Priority2);
        order = order != 0 ? order : a.LocalPriority.CompareTo(b.LocalPriority);
        if (order == 0 && a.Quality.Class > LastClassWithReference)
        {
            order = a.Grandmaster.CompareTo(b.Grandmaster);
        }

        return order != 0 ? Order(order) : ByTopology(a, b);
    }

    private static Preference ByOrder(in Candidate a, in Candidate b)
    {
        int order = a.Quality.Class.CompareTo(b.Quality.Class);
        order = order != 0 ? order : a.LocalPriority.CompareTo(b.LocalPriority);
        return Order(order != 0 ? order : Order(a.Sender, b.Sender));
    }

    private static Preference ByTopology(in Candidate a, in Candidate b)
    {
        switch (a.StepsRemoved - b.StepsRemoved)
        {
            case > 1:
                return Preference.Second;
            case < -1:
                return Preference.First;
            case 1:
                return Order(a.Receiver, a.Sender) switch { < 0 => Preference.Second, > 0 => Preference.SecondByTopology, _ => Preference.None };
            case -1:
                return Order(b.Receiver, b.Sender) switch { < 0 => Preference.First, > 0 => Preference.FirstByTopology, _ => Preference.None };
            default:
                int order = Order(a.Sender, b.Sender);
                order = order != 0 ? order : a.Receiver.Port.CompareTo(b.Receiver.Port);
                return order switch { < 0 => Preference.FirstByTopology, > 0 => Preference.SecondByTopology, _ => Preference.None };
        }
    }

    private static int ByQuality(ClockQuality a, ClockQuality b)
    {
        int order = a.Class.CompareTo(b.Class);
        order = order != 0 ? order : ((byte)a.Accuracy).CompareTo((byte)b.Accuracy);
        return order != 0 ? order : a.Variance.CompareTo(b.Variance);
    }

    private static int Order(PortIdentity a, PortIdentity b)
    {
        int order = a.Clock.CompareTo(b.Clock);
        return order != 0 ? order : a.Port.CompareTo(b.Port);
    }

    private static Preference Order(int order) => order < 0 ? Preference.First : order > 0 ? Preference.Second : Preference.None;
}
