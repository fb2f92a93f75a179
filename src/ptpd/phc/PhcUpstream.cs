using TimeSuite.Config;

namespace TimeSuite.Ptpd.Hardware;

/// <summary>What a hardware clock follows.</summary>
/// <param name="Kind">What sort of clock.</param>
/// <param name="Name">The interface of the port whose master it is, or the identity of another hardware clock; else empty.</param>
internal readonly record struct PhcUpstream(PhcUpstream.Kinds Kind, string Name)
{
    public enum Kinds
    {
        /// <summary>Nothing: it is held over.</summary>
        None,

        /// <summary>The master of a port.</summary>
        Master,

        /// <summary>The clock that clockd steers. Then nobody may steer that by this one.</summary>
        System,

        /// <summary>Another hardware clock of this host.</summary>
        Phc,

        /// <summary>A pulse each second that comes into the card.</summary>
        Pulse,
    }

    /// <summary>What a clock is to follow, so that there is never a ring of clocks that follow each other.</summary>
    /// <param name="followed">The interface of a port of its own that follows a master; null: none does.</param>
    /// <param name="leader">The clock of a port that does, the same for all clocks of this host; null: there is none.</param>
    /// <param name="role">Who only follows, or hands messages on, gives the time of this host to nobody.</param>
    /// <param name="pulse">The interface into which its own pulse comes; null: none does.</param>
    public static PhcUpstream For(string? followed, string? leader, PtpConfig.PtpRole role, string? pulse = null) =>
        pulse is not null ? new(Kinds.Pulse, pulse)
        : followed is not null ? new(Kinds.Master, followed)
        : leader is not null ? new(Kinds.Phc, leader)
        : role is not (PtpConfig.PtpRole.Follow or PtpConfig.PtpRole.Transparent) ? new(Kinds.System, "")
        : new(Kinds.None, "");

    public override string ToString() => Kind switch
    {
        Kinds.Master => $"the master on {Name}",
        Kinds.System => "the system's clock",
        Kinds.Phc => Name,
        Kinds.Pulse => $"the pulse into {Name}",
        _ => "nothing",
    };
}
