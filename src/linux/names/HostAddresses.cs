using System.Runtime.InteropServices;

namespace TimeSuite.Linux;

/// <summary>How a search for a name ended.</summary>
public enum NameSearch
{
    Found,

    /// <summary>Those who must know say that there is none.</summary>
    NoSuchName,

    /// <summary>Nobody could be asked, or nobody answered.</summary>
    Failed,
}

/// <summary>The addresses of a name, by whatever /etc/nsswitch.conf says: files, DNS, mDNS. Loads libraries, opens sockets and waits. See getaddrinfo(3).</summary>
public static unsafe partial class HostAddresses
{
    private const int SockDgram = 2;
    private const int EaiNoName = -2, EaiNoData = -5, EaiAddrFamily = -9; // netdb.h of glibc and musl

    /// <summary>Searches. Takes as long as the resolver takes: 30 s and more where no server answers (resolv.conf(5), timeout and attempts).</summary>
    /// <param name="name">A host's name.</param>
    /// <param name="family">4, 6, or 0 for both.</param>
    /// <param name="most">More are left out.</param>
    /// <param name="addresses">Each once, in the resolver's order, with port 0.</param>
    public static NameSearch Find(string name, int family, int most, out IReadOnlyList<DatagramAddress> addresses)
    {
        var hints = new AddrInfo
        {
            family = family switch { 4 => DatagramAddress.AfInet, 6 => DatagramAddress.AfInet6, _ => 0 },
            socketType = SockDgram, // or each address comes once for each type
        };
        List<DatagramAddress> found = [];
        addresses = found;
        AddrInfo* first = null;
        int error = GetAddrInfo(name, null, &hints, &first);
        if (error != 0)
        {
            return error is EaiNoName or EaiNoData or EaiAddrFamily ? NameSearch.NoSuchName : NameSearch.Failed;
        }

        for (var entry = first; entry is not null && found.Count < most; entry = entry->next)
        {
            var address = DatagramAddress.FromSockaddr(new(entry->address, (int)entry->addressLength));
            if (address.IsKnown && !found.Contains(address))
            {
                found.Add(address);
            }
        }

        FreeAddrInfo(first);
        return found.Count > 0 ? NameSearch.Found : NameSearch.NoSuchName;
    }

    // struct addrinfo of netdb.h
    private struct AddrInfo
    {
        public int flags, family, socketType, protocol;
        public uint addressLength;
        public byte* address;
        public byte* canonicalName;
        public AddrInfo* next;
    }

    [LibraryImport("libc", EntryPoint = "getaddrinfo", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int GetAddrInfo(string node, byte* service, AddrInfo* hints, AddrInfo** result);

    [LibraryImport("libc", EntryPoint = "freeaddrinfo")]
    private static partial void FreeAddrInfo(AddrInfo* first);
}
