namespace TimeSuite.Ptp;

/// <summary>What a management TLV is about (IEEE 1588-2019 table 59). Those that are answered; all others are "no such id".</summary>
public enum ManagementId : ushort
{
    NullManagement = 0x0000,
    ClockDescription = 0x0001,
    UserDescription = 0x0002,
    DefaultDataSet = 0x2000,
    CurrentDataSet = 0x2001,
    ParentDataSet = 0x2002,
    TimePropertiesDataSet = 0x2003,
    PortDataSet = 0x2004,
    Priority1 = 0x2005,
    Priority2 = 0x2006,
    Domain = 0x2007,
    SlaveOnly = 0x2008,
    LogAnnounceInterval = 0x2009,
    AnnounceReceiptTimeout = 0x200A,
    LogSyncInterval = 0x200B,
    VersionNumber = 0x200C,
    EnablePort = 0x200D,
    DisablePort = 0x200E,
    ClockAccuracy = 0x2010,
    UtcProperties = 0x2011,
    TraceabilityProperties = 0x2012,
    TimescaleProperties = 0x2013,
    UnicastNegotiationEnable = 0x2014,
    PathTraceList = 0x2015,
    PathTraceEnable = 0x2016,
    UnicastMasterMaxTableSize = 0x2019,
    AcceptableMasterTableEnabled = 0x201B,
    MasterOnly = 0x3001,
    DelayMechanism = 0x6000,
    LogMinPdelayReqInterval = 0x6001,

    /// <summary>This and what follows are linuxptp's, so that pmc has what it asks for.</summary>
    TimeStatusNp = 0xC000,
    GrandmasterSettingsNp = 0xC001,
    PortDataSetNp = 0xC002,
    PortPropertiesNp = 0xC004,
    PortStatsNp = 0xC005,
    SynchronizationUncertainNp = 0xC006,
    PortServiceStatsNp = 0xC007,
    UnicastMasterTableNp = 0xC008,
    PowerProfileSettingsNp = 0xC00A,
}

/// <summary>Why a management request is refused (IEEE 1588-2019 table 109).</summary>
public enum ManagementError : ushort
{
    NoSuchId = 0x0002,
    WrongLength = 0x0003,
    NotSetable = 0x0005,
    NotSupported = 0x0006,
}

/// <summary>Of whom an id speaks.</summary>
public static class ManagementIds
{
    /// <summary>Whether each port has a value of its own; else the instance has one.</summary>
    public static bool IsOfPort(this ManagementId id) =>
        id is ManagementId.PortDataSet or ManagementId.LogAnnounceInterval or ManagementId.AnnounceReceiptTimeout or ManagementId.LogSyncInterval or ManagementId.VersionNumber
            or ManagementId.ClockDescription or ManagementId.UnicastNegotiationEnable or ManagementId.UnicastMasterMaxTableSize or ManagementId.AcceptableMasterTableEnabled or ManagementId.MasterOnly
            or ManagementId.PortDataSetNp or ManagementId.PortPropertiesNp or ManagementId.PortStatsNp or ManagementId.PortServiceStatsNp or ManagementId.UnicastMasterTableNp or ManagementId.PowerProfileSettingsNp
            or ManagementId.EnablePort or ManagementId.DisablePort or ManagementId.DelayMechanism or ManagementId.LogMinPdelayReqInterval;
}
