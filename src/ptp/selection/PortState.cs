namespace TimeSuite.Ptp;

/// <summary>What a port does (IEEE 1588-2019 table 20, with its numbers: they are in PORT_DATA_SET).</summary>
public enum PortState : byte
{
    Initializing = 1,
    Faulty = 2,
    Disabled = 3,

    /// <summary>Waits for an Announce.</summary>
    Listening = 4,

    /// <summary>Is to be master, but gives better ones the time to be heard.</summary>
    PreMaster = 5,
    Master = 6,

    /// <summary>Neither serves nor follows: another port serves this network better, or would close a loop.</summary>
    Passive = 7,

    /// <summary>Has a master, but not yet its time.</summary>
    Uncalibrated = 8,
    Slave = 9,
}

/// <summary>What may change a port's state (IEEE 1588-2019 clause 9.2.6).</summary>
public enum PortEvent
{
    Initialize,
    InitializationDone,
    FaultDetected,
    FaultCleared,
    Disable,
    Enable,
    AnnounceReceiptTimeout,
    QualificationTimeout,

    /// <summary>The owner has the master's time.</summary>
    MasterClockSelected,
    SynchronizationFault,
    RecommendMaster,
    RecommendSlave,

    /// <summary>Slave, but of another master than before.</summary>
    RecommendSlaveOfNewMaster,
    RecommendPassive,

    /// <summary>Nobody better and nothing to serve: only an instance that may not be master.</summary>
    RecommendListening,
}

/// <summary>The port state machine (IEEE 1588-2019 figures 30 and 31) as a table: no state, no time, no I/O.</summary>
public static class PortStateMachine
{
    /// <summary>The state that follows. An event that the figures do not show leaves the state alone.</summary>
    /// <param name="state">Now.</param>
    /// <param name="happened">What happened.</param>
    /// <param name="slaveOnly">Figure 31: the instance may never be master.</param>
    public static PortState Next(this PortState state, PortEvent happened, bool slaveOnly) => (state, happened) switch
    {
        (_, PortEvent.Initialize) => PortState.Initializing,
        (_, PortEvent.Disable) => PortState.Disabled,
        (PortState.Disabled, PortEvent.Enable) => PortState.Initializing,
        (not PortState.Disabled, PortEvent.FaultDetected) => PortState.Faulty,

        (PortState.Initializing, PortEvent.InitializationDone) => PortState.Listening,
        (PortState.Faulty, PortEvent.FaultCleared) => PortState.Initializing,
        (PortState.Initializing or PortState.Faulty or PortState.Disabled, _) => state,

        (_, PortEvent.RecommendMaster or PortEvent.RecommendListening) when slaveOnly => PortState.Listening,
        (_, PortEvent.AnnounceReceiptTimeout) when slaveOnly => PortState.Listening,

        (PortState.Master, PortEvent.RecommendMaster) => PortState.Master,
        (_, PortEvent.RecommendMaster) => PortState.PreMaster,
        (PortState.PreMaster, PortEvent.QualificationTimeout) => PortState.Master,
        (not PortState.PreMaster, PortEvent.AnnounceReceiptTimeout) => PortState.Master,

        (_, PortEvent.RecommendPassive) => PortState.Passive,
        (PortState.Slave, PortEvent.RecommendSlave) => PortState.Slave,
        (_, PortEvent.RecommendSlave or PortEvent.RecommendSlaveOfNewMaster) => PortState.Uncalibrated,

        (PortState.Uncalibrated, PortEvent.MasterClockSelected) => PortState.Slave,
        (PortState.Slave, PortEvent.SynchronizationFault) => PortState.Uncalibrated,
        _ => state,
    };

    /// <summary>Whether a port in this state has a master whose Sync it takes.</summary>
    public static bool Follows(this PortState state) => state is PortState.Uncalibrated or PortState.Slave;
}
