namespace TimeSuite.Linux;

/// <summary>How a <see cref="UdpSocket"/> is opened.</summary>
public sealed record UdpSocketOptions
{
    /// <summary>Address and port to bind; the family decides the socket's. Port 0: the kernel picks a random one.</summary>
    public required DatagramAddress Local { get; init; }

    /// <summary>Interface to stay on (SO_BINDTODEVICE); absent: whichever the routes say.</summary>
    public string? Interface { get; init; }

    /// <summary>Differentiated services code point of what is sent, 0 to 63 (RFC 2474).</summary>
    public int Dscp { get; init; }

    /// <summary>Lets several sockets, of one user, share a port (SO_REUSEPORT).</summary>
    public bool SharesPort { get; init; }

    /// <summary>A server's socket, for <see cref="DatagramBatch"/>: departures are stamped only where a reply asks for it, and the kernel
    /// tells who was asked only where there is a choice. It may be bound to an address that the machine is yet to get (IP_FREEBIND of ip(7)).</summary>
    public bool Serves { get; init; }
}
