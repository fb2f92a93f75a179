using TimeSuite.Ptp;

namespace TimeSuite.Fuzz;

/// <summary>A port whose stamps come at once and whose clock shows TAI; what it sends is looked at.</summary>
internal sealed class PtpFuzzedPort : IPortOutput, ILocalTime
{
    private readonly Func<PtpPort, PtpHeader, int, bool> _isRight;
    private TransmitTicket? _ticket;

    /// <param name="instance">Whose port it is.</param>
    /// <param name="settings">Of the port.</param>
    /// <param name="isRight">Whether the port may send a message of this header and so many octets, beyond being well-formed.</param>
    public PtpFuzzedPort(PtpInstance instance, PortSettings settings, Func<PtpPort, PtpHeader, int, bool> isRight)
    {
        _isRight = isRight;
        Of = instance.AddPort(settings, this, this);
    }

    public PtpPort Of { get; }

    /// <summary>Messages sent since this was set to 0.</summary>
    public int Counted { get; set; }

    /// <summary>Octets sent since this was set to 0.</summary>
    public int Octets { get; set; }

    public long SentInAll { get; private set; }

    public long Measured { get; private set; }

    /// <summary>Of the last event message.</summary>
    public ushort LastSequence { get; private set; }

    /// <summary>An instance with one port.</summary>
    public static PtpFuzzedPort Alone(ulong clock, PortSettings settings, DefaultDataSet own, Func<PtpPort, PtpHeader, int, bool> isRight) =>
        new(Instance(clock, own), settings, isRight);

    public static PtpInstance Instance(ulong clock, DefaultDataSet own) => new(own with { Identity = new(clock) }, ComparisonRule.Ieee1588, () => 0.5);

    public void GiveStamp(Instant<Boot> now)
    {
        if (_ticket is { } ticket)
        {
            _ticket = null;
            Of.Sent(ticket, new(now.SinceEpoch), now);
        }
    }

    public bool TryToTai(Instant<Local> stamp, out Instant<Tai> time)
    {
        time = new(stamp.SinceEpoch);
        return true;
    }

    public void SendEvent(ReadOnlySpan<byte> message, Destination to, TransmitTicket ticket)
    {
        Check(message, isEvent: true);
        LastSequence = ticket.Sequence;
        _ticket = ticket.IsOneStep ? null : ticket;
    }

    public void SendGeneral(ReadOnlySpan<byte> message, Destination to) => Check(message, isEvent: false);

    public void Synchronized(in SyncPair pair) => Measured++;

    public void Delayed(in DelayPair pair) => Measured++;

    public void PeerDelayed(in PeerDelayMeasurement measurement) => Measured++;

    public void Changed(PortState before, PortState after, PortEvent why)
    {
    }

    private void Check(ReadOnlySpan<byte> message, bool isEvent)
    {
        Counted++;
        Octets += message.Length;
        SentInAll++;
        if (!PtpHeader.TryParse(message, out var header) || header.Length != message.Length || header.Type.IsEvent() != isEvent || !Tlvs.AreWellFormed(message, header) || !_isRight(Of, header, message.Length))
        {
            throw new InvalidOperationException($"port {Of.Identity} sent {Convert.ToHexStringLower(message)}");
        }
    }
}
