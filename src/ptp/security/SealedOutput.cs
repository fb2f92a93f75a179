namespace TimeSuite.Ptp;

/// <summary>Seals all that a port sends.</summary>
internal sealed class SealedOutput(PtpAuthentication rules, IPortOutput output) : IPortOutput
{
    private readonly byte[] _buffer = new byte[1500 + PtpAuthentication.Longest];

    public void SendEvent(ReadOnlySpan<byte> message, Destination to, TransmitTicket ticket) => output.SendEvent(Sealed(message), to, ticket);

    public void SendGeneral(ReadOnlySpan<byte> message, Destination to) => output.SendGeneral(Sealed(message), to);

    public void Synchronized(in SyncPair pair) => output.Synchronized(pair);

    public void Delayed(in DelayPair pair) => output.Delayed(pair);

    public void PeerDelayed(in PeerDelayMeasurement measurement) => output.PeerDelayed(measurement);

    public void Jumped(JumpNews news, Duration by) => output.Jumped(news, by);

    public void Changed(PortState before, PortState after, PortEvent why) => output.Changed(before, after, why);

    private ReadOnlySpan<byte> Sealed(ReadOnlySpan<byte> message)
    {
        message.CopyTo(_buffer);
        return _buffer.AsSpan(0, rules.Write(_buffer, message.Length));
    }
}
