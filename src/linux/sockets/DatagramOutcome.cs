namespace TimeSuite.Linux;

/// <summary>How a call that sends or receives one datagram ended. None of these is a fault of the program, so none is an exception.</summary>
public enum DatagramOutcome
{
    /// <summary>One datagram was sent or received.</summary>
    Done,

    /// <summary>Nothing is there to receive, or no room to send.</summary>
    WouldBlock,

    /// <summary>The other host answered an earlier datagram with "no such port" (ECONNREFUSED). Anybody on the path can forge it.</summary>
    Refused,

    /// <summary>No way there: no route, no address, interface down, host or network unreachable.</summary>
    Unreachable,

    /// <summary>A local rule, such as a firewall's, forbids it.</summary>
    Forbidden,

    /// <summary>The datagram does not fit the path.</summary>
    TooLong,
}
