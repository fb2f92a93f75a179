namespace TimeSuite.Ptp;

/// <summary>What a port does to the world: the adapter's side. Spans are the port's own and hold until the call returns.</summary>
public interface IPortOutput
{
    /// <summary>Sends an event message; its stamp comes back by <see cref="PtpPort.Sent"/> with the same ticket.</summary>
    void SendEvent(ReadOnlySpan<byte> message, Destination to, TransmitTicket ticket);

    /// <summary>Sends a general message.</summary>
    void SendGeneral(ReadOnlySpan<byte> message, Destination to);

    /// <summary>The master's Sync, in order to be estimated from.</summary>
    void Synchronized(in SyncPair pair);

    /// <summary>The way to the master.</summary>
    void Delayed(in DelayPair pair);

    /// <summary>The link to the neighbour.</summary>
    void PeerDelayed(in PeerDelayMeasurement measurement);

    /// <summary>The master's time has jumped and is not used, or is used again.</summary>
    void Jumped(JumpNews news, Duration by)
    {
    }

    /// <summary>The port's state has changed.</summary>
    void Changed(PortState before, PortState after, PortEvent why);
}
