using System.Globalization;

namespace TimeSuite.Linux;

/// <summary>The kernel's names for numbers that stand in lists of system calls: those of x86-64 and arm64, which are the same.</summary>
internal static class KernelNames
{
    private static readonly Dictionary<string, uint> s_values = new()
    {
        // errno(3)
        ["EPERM"] = 1, ["EACCES"] = 13, ["ENOSYS"] = 38, ["EAFNOSUPPORT"] = 97,

        // socket(2)
        ["AF_UNIX"] = 1, ["AF_INET"] = 2, ["AF_INET6"] = 10, ["AF_NETLINK"] = 16, ["AF_PACKET"] = 17,
        ["SOCK_STREAM"] = 1, ["SOCK_DGRAM"] = 2, ["SOCK_RAW"] = 3, ["SOCK_NONBLOCK"] = 0x800, ["SOCK_CLOEXEC"] = 0x80000, ["IPPROTO_UDP"] = 17, ["NETLINK_ROUTE"] = 0,

        // chmod(2)
        ["S_ISUID"] = 0x800, ["S_ISGID"] = 0x400,

        // mmap(2), madvise(2)
        ["PROT_EXEC"] = 4,
        ["MADV_DONTNEED"] = 4, ["MADV_FREE"] = 8, ["MADV_DONTDUMP"] = 16, ["MADV_DODUMP"] = 17,

        // clone(2)
        ["CLONE_THREAD"] = 0x10000,

        // prctl(2)
        ["PR_SET_DUMPABLE"] = 4, ["PR_SET_NAME"] = 15, ["PR_GET_NAME"] = 16, ["PR_SET_VMA"] = 0x53564D41,

        // membarrier(2)
        ["MEMBARRIER_CMD_PRIVATE_EXPEDITED"] = 8,

        // fcntl(2)
        ["F_DUPFD"] = 0, ["F_GETFD"] = 1, ["F_SETFD"] = 2, ["F_GETFL"] = 3, ["F_SETFL"] = 4, ["F_SETLK"] = 6, ["F_DUPFD_CLOEXEC"] = 1030,

        // ioctl(2); the PTP ones for clockd, linux/ptp_clock.h
        ["TCGETS"] = 0x5401, ["FIONREAD"] = 0x541B, ["FIONBIO"] = 0x5421,
        ["SIOCGIFNAME"] = 0x8910, ["SIOCGIFFLAGS"] = 0x8913, ["SIOCGIFADDR"] = 0x8915, ["SIOCGIFMTU"] = 0x8921, ["SIOCGIFHWADDR"] = 0x8927, ["SIOCGIFINDEX"] = 0x8933,
        ["SIOCETHTOOL"] = 0x8946, ["SIOCSHWTSTAMP"] = 0x89B0, ["SIOCGHWTSTAMP"] = 0x89B1,
        ["PTP_CLOCK_GETCAPS"] = 0x80503D01, ["PTP_SYS_OFFSET"] = 0x43403D05, ["PTP_SYS_OFFSET_PRECISE"] = 0xC0403D08, ["PTP_SYS_OFFSET_EXTENDED"] = 0xC4C03D09, ["PTP_EXTTS_REQUEST"] = 0x40103D02, ["PTP_PIN_SETFUNC"] = 0x40603D07,

        // setsockopt(2): levels, then names
        ["SOL_SOCKET"] = 1, ["IPPROTO_IP"] = 0, ["IPPROTO_TCP"] = 6, ["IPPROTO_IPV6"] = 41, ["SOL_PACKET"] = 263,
        ["SO_REUSEADDR"] = 2, ["SO_BROADCAST"] = 6, ["SO_SNDBUF"] = 7, ["SO_RCVBUF"] = 8, ["SO_LINGER"] = 13, ["SO_REUSEPORT"] = 15, ["SO_RCVTIMEO"] = 20, ["SO_SNDTIMEO"] = 21,
        ["SO_BINDTODEVICE"] = 25, ["SO_TIMESTAMPING"] = 37, ["SO_ATTACH_FILTER"] = 26, ["SO_ATTACH_REUSEPORT_CBPF"] = 51,
        ["IP_TOS"] = 1, ["IP_PKTINFO"] = 8, ["IP_MTU_DISCOVER"] = 10, ["IP_RECVERR"] = 11, ["IP_FREEBIND"] = 15, ["IP_MULTICAST_IF"] = 32, ["IP_MULTICAST_TTL"] = 33,
        ["IP_MULTICAST_LOOP"] = 34, ["IP_ADD_MEMBERSHIP"] = 35, ["IP_DROP_MEMBERSHIP"] = 36,
        ["IPV6_MULTICAST_IF"] = 17, ["IPV6_MULTICAST_HOPS"] = 18, ["IPV6_MULTICAST_LOOP"] = 19, ["IPV6_JOIN_GROUP"] = 20, ["IPV6_LEAVE_GROUP"] = 21, ["IPV6_MTU_DISCOVER"] = 23, ["IPV6_RECVERR"] = 25,
        ["IPV6_V6ONLY"] = 26, ["IPV6_RECVPKTINFO"] = 49, ["IPV6_PKTINFO"] = 50, ["IPV6_TCLASS"] = 67, ["IPV6_FREEBIND"] = 78,
        ["TCP_NODELAY"] = 1,
        ["PACKET_ADD_MEMBERSHIP"] = 1, ["PACKET_DROP_MEMBERSHIP"] = 2, ["PACKET_TX_TIMESTAMP"] = 16,
    };

    /// <summary>The number of a name, or that is written in digits; names joined by | add up.</summary>
    /// <exception cref="FormatException">There is no such name here.</exception>
    public static uint Value(string text)
    {
        uint sum = 0;
        foreach (string part in text.Split('|'))
        {
            sum |= uint.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out uint number) || s_values.TryGetValue(part, out number)
                ? number
                : throw new FormatException($"'{part}' is neither a number nor a name that is known here");
        }

        return sum;
    }
}
