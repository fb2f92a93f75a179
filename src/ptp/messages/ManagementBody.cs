namespace TimeSuite.Ptp;

/// <summary>What a management message is to do (IEEE 1588-2019 table 57).</summary>
public enum ManagementAction : byte
{
    Get = 0,
    Set = 1,
    Response = 2,
    Command = 3,
    Acknowledge = 4,
}

/// <summary>Whom a management message is for, and what it wants (IEEE 1588-2019 clause 15.4.1). The TLV behind it says of what.</summary>
/// <param name="Target">The port or ports that shall act.</param>
/// <param name="StartingHops">Boundary clocks that the request was allowed to pass.</param>
/// <param name="Hops">Those it still may.</param>
/// <param name="Action">Get, set, response, command, acknowledge; other values are reserved.</param>
public readonly record struct ManagementBody(PortIdentity Target, byte StartingHops, byte Hops, ManagementAction Action)
{
    /// <summary>Octets of header and body.</summary>
    public const int Size = PtpHeader.Size + 14;

    /// <summary>Reads the body of a message whose header was parsed.</summary>
    public static ManagementBody Parse(ReadOnlySpan<byte> message)
    {
        var body = message[PtpHeader.Size..];
        return new(PortIdentity.Read(body), body[10], body[11], (ManagementAction)(body[12] & 0xF));
    }

    /// <summary>Writes header and body.</summary>
    public void Write(Span<byte> message, in PtpHeader header)
    {
        header.Write(message);
        var body = message[PtpHeader.Size..];
        Target.Write(body);
        body[10] = StartingHops;
        body[11] = Hops;
        body[12] = (byte)Action;
        body[13] = 0;
    }
}
