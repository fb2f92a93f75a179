using System.Buffers.Binary;
using TimeSuite.Linux;
using TimeSuite.Ptp;

namespace TimeSuite.Ptpd;

/// <summary>Which of the messages to port 320 are Delay_Resps to the group, decided by the kernel (IEEE 1588-2019 clauses 13.3 and 13.8).</summary>
internal static class ResponseFilter
{
    private const uint Message = 8; // behind the UDP header
    private const uint Requester = Message + PtpHeader.Size + 10; // behind header and timestamp
    private const uint Ipv4Target = 16, Ipv6Target = 24;

    /// <summary>Those that answer this port.</summary>
    public static FilterStep[] Only(PortIdentity requester)
    {
        Span<byte> identity = stackalloc byte[PortIdentity.Size];
        requester.Write(identity);
        return
        [
            FilterStep.LoadOctet(Message),
            FilterStep.And(0xF),
            FilterStep.SkipUnlessEqual((uint)MessageType.DelayResp, 7),
            FilterStep.Load(Requester),
            FilterStep.SkipUnlessEqual(BinaryPrimitives.ReadUInt32BigEndian(identity), 5),
            FilterStep.Load(Requester + 4),
            FilterStep.SkipUnlessEqual(BinaryPrimitives.ReadUInt32BigEndian(identity[4..]), 3),
            FilterStep.LoadHalf(Requester + 8),
            FilterStep.SkipUnlessEqual(BinaryPrimitives.ReadUInt16BigEndian(identity[8..]), 1),
            FilterStep.Take,
            FilterStep.Drop,
        ];
    }

    /// <summary>Everything else.</summary>
    public static FilterStep[] AllBut(bool isIpv6) =>
    [
        FilterStep.LoadOctet(Message),
        FilterStep.And(0xF),
        FilterStep.SkipUnlessEqual((uint)MessageType.DelayResp, isIpv6 ? (byte)3 : (byte)4),
        FilterStep.LoadOctet(FilterStep.NetworkHeader + (isIpv6 ? Ipv6Target : Ipv4Target)),
        .. isIpv6 ? [] : (FilterStep[])[FilterStep.And(0xF0)],
        FilterStep.SkipUnlessEqual(isIpv6 ? 0xFFU : 0xE0, 1), // a group's address
        FilterStep.Drop,
        FilterStep.Take,
    ];
}
