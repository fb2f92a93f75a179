namespace TimeSuite.Linux;

/// <summary>What an interface's hardware is told to stamp: struct hwtstamp_config of linux/net_tstamp.h.</summary>
/// <param name="Transmit">HWTSTAMP_TX_: 0 nothing, 1 what asks for it, 2 and 3 also one-step.</param>
/// <param name="Receive">HWTSTAMP_FILTER_: 0 nothing, 1 everything, else some protocols.</param>
public readonly record struct HardwareFilters(int Transmit, int Receive)
{
    /// <summary>HWTSTAMP_TX_ON: departures are stamped.</summary>
    public const int TransmitOn = 1;

    /// <summary>HWTSTAMP_TX_ONESTEP_SYNC: the time is written into each Sync as it leaves.</summary>
    public const int OneStepSync = 2;

    private const int None = 0, All = 1, Some = 2, V1First = 3, V1Last = 5, L4Event = 6, L2Event = 9, Event = 12, Last = 15, NtpAll = 15;

    // From narrow to wide.
    private static readonly int[] s_choice = [L4Event, L2Event, NtpAll, Event, All];

    /// <summary>Protocols whose packets are stamped when they come.</summary>
    [Flags]
    public enum Protocols
    {
        Nothing = 0,

        /// <summary>PTP version 2 over UDP.</summary>
        PtpOverUdp = 1,

        /// <summary>PTP version 2 on Ethernet.</summary>
        PtpOnEthernet = 2,

        /// <summary>NTP.</summary>
        Ntp = 4,

        /// <summary>Something that only a filter for everything covers, beside itself.</summary>
        Other = 8,

        Everything = PtpOverUdp | PtpOnEthernet | Ntp | Other,
    }

    /// <summary>What comes with a stamp.</summary>
    public Protocols Stamped => Covered(Receive);

    /// <summary>Whether packets are stamped when they go, if they ask for it.</summary>
    public bool StampsTransmits => Transmit >= TransmitOn;

    /// <summary>Whether the time is written into each Sync that is sent in one step.</summary>
    public bool StampsInOneStep => Transmit >= OneStepSync;

    /// <summary>What to set so that we get what we need and nobody loses what was set before: programs share the hardware and must not overwrite each other's filters.</summary>
    /// <param name="needed">What we need.</param>
    /// <param name="supported">Receive filters that there are, one bit each, as ETHTOOL_GET_TS_INFO says; some drivers leave out what they would round up to.</param>
    /// <param name="transmit">HWTSTAMP_TX_ that is needed at least.</param>
    /// <returns>Null if no filter of this hardware does it.</returns>
    public HardwareFilters? Widened(Protocols needed, uint supported, int transmit = TransmitOn)
    {
        transmit = Math.Max(Transmit, transmit);
        var all = Stamped | needed;
        if (Stamped.HasFlag(needed))
        {
            return this with { Transmit = transmit };
        }

        foreach (int filter in s_choice)
        {
            if ((supported & 1U << filter) != 0 && Covered(filter).HasFlag(all))
            {
                return new(transmit, filter);
            }
        }

        return null;
    }

    private static Protocols Covered(int filter) => filter switch
    {
        None => Protocols.Nothing,
        All => Protocols.Everything,
        L4Event => Protocols.PtpOverUdp,
        L2Event => Protocols.PtpOnEthernet,
        Event => Protocols.PtpOverUdp | Protocols.PtpOnEthernet,
        NtpAll => Protocols.Ntp,
        Some or (>= V1First and <= V1Last) or (> L4Event and < Last) => Protocols.Other,
        _ => Protocols.Other,
    };
}
