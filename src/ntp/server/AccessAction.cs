namespace TimeSuite.Ntp;

/// <summary>What a client's address alone decides.</summary>
public enum AccessAction : byte
{
    /// <summary>Serve.</summary>
    Allow,

    /// <summary>Silence.</summary>
    Ignore,

    /// <summary>Say DENY, no more often than the rate limit lets pass; else silence.</summary>
    Deny,

    /// <summary>Serve those who come with NTS; silence for the others.</summary>
    RequireNts,
}
