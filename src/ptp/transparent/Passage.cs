namespace TimeSuite.Ptp;

/// <summary>An event message that leaves by a port of a transparent clock, and the general message that says, behind it, how long it lay here.</summary>
internal struct Passage
{
    private const int LongestGeneral = 512; // a Follow_Up with gPTP's TLV and a seal has 120

    private byte[]? _general; // kept for the next one that uses this place
    private int _length;

    public bool IsUsed { get; private set; }

    /// <summary>Sync or Delay_Req.</summary>
    public MessageType Type { get; private set; }

    /// <summary>Who sent it.</summary>
    public PortIdentity Source { get; private set; }

    public ushort Sequence { get; private set; }

    public byte Domain { get; private set; }

    public ushort SdoId { get; private set; }

    /// <summary>The port that it came by.</summary>
    public TransparentPort Ingress { get; private set; }

    public Instant<Boot> Since { get; private set; }

    /// <summary>Which transmit stamp is its own; null: it has not come yet, but its Follow_Up has.</summary>
    public ushort? Ticket { get; set; }

    public Instant<Local> Received { get; set; }

    /// <summary>How long it lay here; null: it has not been stamped yet.</summary>
    public Duration? Residence { get; set; }

    /// <summary>The general message that waits for <see cref="Residence"/>.</summary>
    public readonly Span<byte> General => _general.AsSpan(0, _length);

    public void Begin(MessageType type, in PtpHeader header, TransparentPort ingress, Instant<Boot> now)
    {
        this = new()
        {
            _general = _general, IsUsed = true, Type = type, Source = header.Source, Sequence = header.Sequence, Domain = header.Domain, SdoId = header.SdoId, Ingress = ingress, Since = now,
        };
    }

    public void End() => IsUsed = false;

    /// <summary>Keeps the general message.</summary>
    /// <returns>False if it is longer than any that is known, or if there is one already.</returns>
    public bool Keep(ReadOnlySpan<byte> message)
    {
        if (message.Length > LongestGeneral || _length > 0)
        {
            return false;
        }

        _general ??= new byte[LongestGeneral];
        message.CopyTo(_general);
        _length = message.Length;
        return true;
    }
}
