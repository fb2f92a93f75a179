namespace TimeSuite.Discipline;

/// <summary>What selection made of a source. Names and order as timesuite.ntp.v1.Verdict.</summary>
public enum Verdict
{
    Unspecified = 0,

    /// <summary>Takes part in the combination.</summary>
    Selected = 1,

    /// <summary>Agrees, not needed.</summary>
    Candidate = 2,
    Falseticker = 3,
    Unreachable = 4,
    Unsynchronized = 5,
    TooDistant = 6,
    NoSelect = 7,
    TooFewSamples = 8,
    Offline = 9,
    Loop = 10,
    NoMajority = 11,
    WaitingForOthers = 12,
    GivenUp = 13,
    NotPreferred = 14,
    TooVariable = 15,

    /// <summary>It, and all that agree with it, have jumped against a clock that was known well; policy has not confirmed that yet.</summary>
    Unconfirmed = 16,
}
