using System.Buffers.Binary;

namespace TimeSuite.Ptp;

/// <summary>The data of management responses (IEEE 1588-2019 clauses 15.5.2 and 15.5.3): read-only views of the data sets.</summary>
internal static class ManagementData
{
    private const byte TwoStep = 1, SlaveOnly = 2; // bits of the flags of DEFAULT_DATA_SET

    /// <summary>Writes the data of an id.</summary>
    /// <param name="id">What is asked for.</param>
    /// <param name="instance">Of whom.</param>
    /// <param name="port">And of which port.</param>
    /// <param name="now">The time.</param>
    /// <param name="data">With room for <see cref="PtpInstance.MaxPath"/> identities.</param>
    /// <returns>Octets written, an even number; -1: there is no such id here.</returns>
    public static int Write(ManagementId id, PtpInstance instance, PtpPort port, Instant<Boot> now, Span<byte> data)
    {
        data[..64].Clear();
        return id switch
        {
            ManagementId.NullManagement => 0,
            ManagementId.DefaultDataSet => WriteDefault(instance, data),
            ManagementId.CurrentDataSet => WriteCurrent(instance, data),
            ManagementId.ParentDataSet => WriteParent(instance.Parent, data),
            ManagementId.TimePropertiesDataSet => WriteTime(instance.Time, data),
            ManagementId.PortDataSet => WritePort(port, data),
            ManagementId.Priority1 => Octet(data, instance.Default.Priority1),
            ManagementId.Priority2 => Octet(data, instance.Default.Priority2),
            ManagementId.Domain => Octet(data, instance.Default.Domain),
            ManagementId.SlaveOnly => Octet(data, instance.Default.SlaveOnly ? (byte)1 : (byte)0),
            ManagementId.ClockAccuracy => Octet(data, (byte)instance.Default.Quality.Accuracy),
            ManagementId.UtcProperties => WriteUtc(instance.Time, data),
            ManagementId.TraceabilityProperties => Octet(data, Flags(instance.Time.Flags & (PtpFlags.TimeTraceable | PtpFlags.FrequencyTraceable))),
            ManagementId.TimescaleProperties => WriteTimescale(instance.Time, data),
            ManagementId.PathTraceList => WritePath(instance.Path, data),
            ManagementId.LogAnnounceInterval => Octet(data, Signed(port.LogAnnounceInterval)),
            ManagementId.AnnounceReceiptTimeout => Octet(data, port.Settings.AnnounceReceiptTimeout),
            ManagementId.LogSyncInterval => Octet(data, Signed(port.LogSyncInterval)),
            ManagementId.VersionNumber => Octet(data, Version(port)),
            ManagementId.DelayMechanism => Octet(data, (byte)port.Mechanism),
            ManagementId.LogMinPdelayReqInterval => Octet(data, Signed(port.LogPdelayReqInterval)),
            _ => ManagementDescriptions.Write(id, instance, port, now, data),
        };
    }

    private static int WriteDefault(PtpInstance instance, Span<byte> data)
    {
        var own = instance.Default;
        data[0] = (byte)((instance.Ports.All(port => port.Settings.OneStepSync) ? 0 : TwoStep) | (own.SlaveOnly ? SlaveOnly : 0));
        BinaryPrimitives.WriteUInt16BigEndian(data[2..], (ushort)instance.Ports.Count);
        data[4] = own.Priority1;
        own.Quality.Write(data[5..]);
        data[9] = own.Priority2;
        own.Identity.Write(data[10..]);
        data[18] = own.Domain;
        return 20;
    }

    private static int WriteCurrent(PtpInstance instance, Span<byte> data)
    {
        BinaryPrimitives.WriteUInt16BigEndian(data, (ushort)instance.StepsRemoved);
        instance.Current.OffsetFromMaster.Write(data[2..]);
        instance.Current.MeanDelay.Write(data[10..]);
        return 18;
    }

    private static int WriteParent(in ParentDataSet parent, Span<byte> data)
    {
        parent.Port.Write(data);
        BinaryPrimitives.WriteUInt16BigEndian(data[12..], ushort.MaxValue); // the parent's stability is not observed
        BinaryPrimitives.WriteInt32BigEndian(data[14..], int.MaxValue);
        data[18] = parent.Priority1;
        parent.Quality.Write(data[19..]);
        data[23] = parent.Priority2;
        parent.Grandmaster.Write(data[24..]);
        return 32;
    }

    private static int WriteTime(in TimeProperties time, Span<byte> data)
    {
        BinaryPrimitives.WriteInt16BigEndian(data, time.UtcOffset);
        data[2] = Flags(time.Flags);
        data[3] = (byte)time.Source;
        return 4;
    }

    private static int WriteUtc(in TimeProperties time, Span<byte> data)
    {
        BinaryPrimitives.WriteInt16BigEndian(data, time.UtcOffset);
        data[2] = Flags(time.Flags & (PtpFlags.Leap61 | PtpFlags.Leap59 | PtpFlags.UtcOffsetValid));
        return 4;
    }

    private static int WriteTimescale(in TimeProperties time, Span<byte> data)
    {
        data[0] = Flags(time.Flags & PtpFlags.PtpTimescale);
        data[1] = (byte)time.Source;
        return 2;
    }

    private static int WritePort(PtpPort port, Span<byte> data)
    {
        port.Identity.Write(data);
        data[10] = (byte)port.State;
        data[11] = Signed(port.LogDelayReqInterval);
        TimeInterval.FromDuration(port.MeanLinkDelay ?? Duration.Zero).Write(data[12..]);
        data[20] = Signed(port.LogAnnounceInterval);
        data[21] = port.Settings.AnnounceReceiptTimeout;
        data[22] = Signed(port.LogSyncInterval);
        data[23] = (byte)port.Mechanism;
        data[24] = Signed(port.LogPdelayReqInterval);
        data[25] = Version(port);
        return 26;
    }

    private static int WritePath(ReadOnlySpan<ClockIdentity> path, Span<byte> data)
    {
        for (int i = 0; i < path.Length; i++)
        {
            path[i].Write(data[(i * ClockIdentity.Size)..]);
        }

        return path.Length * ClockIdentity.Size;
    }

    private static int Octet(Span<byte> data, byte value)
    {
        data[0] = value;
        return 2;
    }

    private static byte Version(PtpPort port) => (byte)(port.Settings.MinorVersion << 4 | 2);

    private static byte Signed(sbyte value) => unchecked((byte)value);

    // The low octet of the flag field has the same bits (table 37), but for "synchronization uncertain", which is none of these data sets'.
    private static byte Flags(PtpFlags flags) => (byte)((ushort)flags & 0x3F);
}
