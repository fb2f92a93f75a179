namespace TimeSuite.Ntp;

/// <summary>What an <see cref="Association"/> asks of the program that drives it. The list is closed.</summary>
public abstract record AssociationAction
{
    private AssociationAction()
    {
    }

    /// <summary>Send these octets to the server, from a fresh random port (RFC 9109), and report when they left.</summary>
    /// <param name="Datagram">The request. Its buffer is not used again.</param>
    /// <param name="Request">Names the request in <see cref="Association.OnSent"/>. Counts up from 1.</param>
    public sealed record Send(ReadOnlyMemory<byte> Datagram, ulong Request) : AssociationAction;

    /// <summary>Call <see cref="Association.OnTimer"/> at this time or soon after. Replaces the wish before it.</summary>
    public sealed record WakeAt(Instant<Raw> Time) : AssociationAction;

    /// <summary>A good sample for the discipline. Each exchange comes once.</summary>
    public sealed record Measured(Exchange Exchange) : AssociationAction;

    /// <summary>A datagram was not used. For the log and the status; nothing to be done.</summary>
    public sealed record Refused(Refusal Reason) : AssociationAction;

    /// <summary>The server wants nothing more from us: the association is silent from now on. Replace it, if it is of a pool.</summary>
    public sealed record GiveUp(KissCode Reason) : AssociationAction;
}
