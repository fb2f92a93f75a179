namespace TimeSuite.Ptp;

/// <summary>What a management id says, in pmc's names of fields and in its order: for those who ask on this host. Read from the octets that pmc gets, so that both see the same.</summary>
public static class ManagementView
{
    private const int Most = 2048; // octets: a path of PtpInstance.MaxPath clocks, and more than any other

    /// <summary>The fields of an id. Those of a table come once for each of its rows.</summary>
    /// <param name="id">What is asked for.</param>
    /// <param name="instance">Of whom.</param>
    /// <param name="port">And of which port.</param>
    /// <param name="now">The time.</param>
    public static IReadOnlyList<ManagementField> Of(ManagementId id, PtpInstance instance, PtpPort port, Instant<Boot> now)
    {
        if (id is ManagementId.EnablePort or ManagementId.DisablePort) // commands, which say nothing
        {
            return [new("portState", FieldReader.StateName(port.State))];
        }

        Span<byte> data = stackalloc byte[Most];
        int length = ManagementData.Write(id, instance, port, now, data);
        var fields = new List<ManagementField>();
        if (length > 0)
        {
            Read(id, new(data[..length], fields));
        }

        return fields;
    }

    private static void Read(ManagementId id, FieldReader from)
    {
        switch (id)
        {
            case ManagementId.DefaultDataSet:
                from.Flags("twoStepFlag", "slaveOnly");
                from.Skip(1);
                from.Word("numberPorts");
                from.Octet("priority1");
                from.Quality("clockClass", "clockAccuracy", "offsetScaledLogVariance");
                from.Octet("priority2");
                from.Clock("clockIdentity");
                from.Octet("domainNumber");
                break;
            case ManagementId.CurrentDataSet:
                from.Word("stepsRemoved");
                from.Interval("offsetFromMaster");
                from.Interval("meanPathDelay");
                break;
            case ManagementId.ParentDataSet:
                from.Port("parentPortIdentity");
                from.Octet("parentStats");
                from.Skip(1);
                from.Hex("observedParentOffsetScaledLogVariance", sizeof(ushort));
                from.Hex("observedParentClockPhaseChangeRate", sizeof(uint));
                from.Octet("grandmasterPriority1");
                from.Quality("gm.ClockClass", "gm.ClockAccuracy", "gm.OffsetScaledLogVariance");
                from.Octet("grandmasterPriority2");
                from.Clock("grandmasterIdentity");
                break;
            case ManagementId.TimePropertiesDataSet:
                Time(ref from);
                break;
            case ManagementId.GrandmasterSettingsNp:
                from.Quality("clockClass", "clockAccuracy", "offsetScaledLogVariance");
                Time(ref from);
                break;
            case ManagementId.UtcProperties:
                from.SignedWord("currentUtcOffset");
                from.Flags("leap61", "leap59", "currentUtcOffsetValid");
                break;
            case ManagementId.TimescaleProperties:
                from.Flags("", "", "", "ptpTimescale");
                from.Hex("timeSource", 1);
                break;
            case ManagementId.TraceabilityProperties:
                from.Flags("", "", "", "", "timeTraceable", "frequencyTraceable");
                break;
            case ManagementId.PortDataSet:
                from.Port("portIdentity");
                from.State("portState");
                from.SignedOctet("logMinDelayReqInterval");
                from.WholeInterval("peerMeanPathDelay");
                from.SignedOctet("logAnnounceInterval");
                from.Octet("announceReceiptTimeout");
                from.SignedOctet("logSyncInterval");
                from.Octet("delayMechanism");
                from.SignedOctet("logMinPdelayReqInterval");
                from.Nibbles("minorVersionNumber", "versionNumber");
                break;
            case ManagementId.VersionNumber:
                from.Nibbles("minorVersionNumber", "versionNumber");
                break;
            case ManagementId.Priority1:
                from.Octet("priority1");
                break;
            case ManagementId.Priority2:
                from.Octet("priority2");
                break;
            case ManagementId.Domain:
                from.Octet("domainNumber");
                break;
            case ManagementId.SlaveOnly:
                from.Flags("slaveOnly");
                break;
            case ManagementId.ClockAccuracy:
                from.Hex("clockAccuracy", 1);
                break;
            case ManagementId.LogAnnounceInterval:
                from.SignedOctet("logAnnounceInterval");
                break;
            case ManagementId.AnnounceReceiptTimeout:
                from.Octet("announceReceiptTimeout");
                break;
            case ManagementId.LogSyncInterval:
                from.SignedOctet("logSyncInterval");
                break;
            case ManagementId.DelayMechanism:
                from.Octet("delayMechanism");
                break;
            case ManagementId.LogMinPdelayReqInterval:
                from.SignedOctet("logMinPdelayReqInterval");
                break;
            case ManagementId.PathTraceList:
                while (from.HasMore)
                {
                    from.Clock("pathSequence");
                }

                break;
            case ManagementId.UnicastNegotiationEnable or ManagementId.PathTraceEnable or ManagementId.AcceptableMasterTableEnabled:
                from.Flags("enable");
                break;
            case ManagementId.UnicastMasterMaxTableSize:
                from.Word("maxTableSize");
                break;
            case ManagementId.MasterOnly:
                from.Flags("masterOnly");
                break;
            case ManagementId.UserDescription:
                from.Text("userDescription");
                break;
            case ManagementId.ClockDescription:
                from.Hex("clockType", sizeof(ushort));
                from.Text("physicalLayerProtocol");
                from.Octets("physicalAddress", from.Word());
                from.Address("protocolAddress");
                from.Octets("manufacturerId", 3);
                from.Skip(1);
                from.Text("productDescription");
                from.Text("revisionData");
                from.Text("userDescription");
                from.Octets("profileId", 6);
                break;
            case ManagementId.TimeStatusNp:
                from.Long("master_offset", isLittleEndian: false);
                from.Long("ingress_time", isLittleEndian: false);
                from.RateOffset("cumulativeScaledRateOffset");
                from.SignedInteger("scaledLastGmPhaseChange");
                from.Word("gmTimeBaseIndicator");
                from.ScaledNanoseconds("lastGmPhaseChange");
                from.Truth("gmPresent");
                from.Clock("gmIdentity");
                break;
            case ManagementId.SynchronizationUncertainNp:
                from.Octet("uncertain");
                break;
            case ManagementId.PortDataSetNp:
                from.Integer("neighborPropDelayThresh");
                from.Integer("asCapable");
                break;
            case ManagementId.PortPropertiesNp:
                from.Port("portIdentity");
                from.State("portState");
                from.Stamping("timestamping");
                from.Text("interface");
                break;
            case ManagementId.PortStatsNp:
                from.Port("portIdentity");
                from.Counters("rx_");
                from.Counters("tx_");
                break;
            case ManagementId.PortServiceStatsNp:
                from.Port("portIdentity");
                foreach (string name in (ReadOnlySpan<string>)["announce_timeout", "sync_timeout", "delay_timeout", "unicast_service_timeout", "unicast_request_timeout", "master_announce_timeout",
                    "master_sync_timeout", "qualification_timeout", "sync_mismatch", "followup_mismatch"])
                {
                    from.Long(name);
                }

                break;
            case ManagementId.UnicastMasterTableNp:
                from.Word("actual_table_size");
                while (from.HasMore)
                {
                    from.Port("identity");
                    from.Quality("clockClass", "clockQuality", "offsetScaledLogVariance");
                    from.Flags("BM");
                    from.MasterState("state");
                    from.Octet("p1");
                    from.Octet("p2");
                    from.Address("address");
                }

                break;
            case ManagementId.PowerProfileSettingsNp:
                from.PowerVersion("version");
                from.Hex("grandmasterID", sizeof(ushort));
                from.Integer("grandmasterTimeInaccuracy");
                from.Integer("networkTimeInaccuracy");
                from.Integer("totalTimeInaccuracy");
                break;
            default:
                break;
        }
    }

    private static void Time(ref FieldReader from)
    {
        from.SignedWord("currentUtcOffset");
        from.Flags("leap61", "leap59", "currentUtcOffsetValid", "ptpTimescale", "timeTraceable", "frequencyTraceable");
        from.Hex("timeSource", 1);
    }
}
