using System.Buffers.Binary;
using TimeSuite.Linux;
using TimeSuite.Ptp;

namespace TimeSuite.Ptpd;

/// <summary>
/// Which of the messages to port 320 and the group are routine to a slave, Announce, Follow_Up and its own Delay_Resp: the kernel parts them from those that want an answer, and leaves out the Delay_Resps of
/// other slaves (IEEE 1588-2019 clauses 13.3 and 13.8).
/// </summary>
internal static class RoutineFilter
{
    private const uint Message = 8; // behind the UDP header
    private const uint Requester = Message + PtpHeader.Size + 10; // behind header and timestamp
    private const uint Ipv4Target = 16, Ipv6Target = 24;

    /// <summary>Those alone.</summary>
    /// <param name="requester">Whose Delay_Resps.</param>
    public static FilterStep[] Only(PortIdentity requester)
    {
        Span<byte> identity = stackalloc byte[PortIdentity.Size];
        requester.Write(identity);
        return
        [
            .. TypeOf,
            FilterStep.SkipIfEqual((uint)MessageType.FollowUp, 9),
            FilterStep.SkipIfEqual((uint)MessageType.Announce, 8),
            FilterStep.SkipUnlessEqual((uint)MessageType.DelayResp, 6),
            FilterStep.Load(Requester),
            FilterStep.SkipUnlessEqual(BinaryPrimitives.ReadUInt32BigEndian(identity), 4),
            FilterStep.Load(Requester + 4),
            FilterStep.SkipUnlessEqual(BinaryPrimitives.ReadUInt32BigEndian(identity[4..]), 2),
            FilterStep.LoadHalf(Requester + 8),
            FilterStep.SkipIfEqual(BinaryPrimitives.ReadUInt16BigEndian(identity[8..]), 1),
            FilterStep.Drop,
            FilterStep.Take,
        ];
    }

    /// <summary>Everything else, and all that comes by unicast.</summary>
    public static FilterStep[] AllBut(bool isIpv6)
    {
        FilterStep[] isGroup = isIpv6
            ? [FilterStep.LoadOctet(FilterStep.NetworkHeader + Ipv6Target), FilterStep.SkipUnlessEqual(0xFF, 1)]
            : [FilterStep.LoadOctet(FilterStep.NetworkHeader + Ipv4Target), FilterStep.And(0xF0), FilterStep.SkipUnlessEqual(0xE0, 1)];
        return
        [
            .. TypeOf,
            FilterStep.SkipIfEqual((uint)MessageType.FollowUp, 2),
            FilterStep.SkipIfEqual((uint)MessageType.Announce, 1),
            FilterStep.SkipUnlessEqual((uint)MessageType.DelayResp, (byte)(isGroup.Length + 1)),
            .. isGroup,
            FilterStep.Drop,
            FilterStep.Take,
        ];
    }

    private static FilterStep[] TypeOf => [FilterStep.LoadOctet(Message), FilterStep.And(0xF)];
}
