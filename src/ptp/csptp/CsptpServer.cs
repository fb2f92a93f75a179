namespace TimeSuite.Ptp;

/// <summary>Answers clients of IEEE 1588.1 and remembers none: a request is answered when it came, from what stands in it.</summary>
/// <remarks>
/// What is sent is never longer than what was asked, the second datagram's headers counted. A request that has room for both is answered in two steps, with the stamp
/// of the answer; a shorter one in one step, with the time just before it is sent; one that has no room for the answer is not answered.
/// </remarks>
internal sealed class CsptpServer(PtpInstance instance, PtpPort port, ILocalTime time, IPortOutput output) : IPortMode
{
    /// <summary>What a Follow_Up costs beside its own octets: headers of Ethernet, IPv6 and UDP.</summary>
    internal const int HeadersOfSecond = 62;

    /// <summary>Octets of the shortest answer.</summary>
    internal const int Shortest = TimestampBody.Size + CsptpResponse.Size;

    /// <summary>Octets that a request needs for an answer in two steps with status.</summary>
    internal const int Whole = Shortest + CsptpStatus.Size + TimestampBody.Size + HeadersOfSecond;

    private const int Pending = 64, Longest = 1_400;
    private const PtpFlags OfTime = PtpFlags.Leap61 | PtpFlags.Leap59 | PtpFlags.UtcOffsetValid | PtpFlags.PtpTimescale | PtpFlags.TimeTraceable | PtpFlags.FrequencyTraceable;

    private readonly byte[] _buffer = new byte[Longest];
    private readonly (bool Waits, ushort Ticket, ushort Sequence, PtpAddress To)[] _answered = new (bool, ushort, ushort, PtpAddress)[Pending];
    private ushort _ticket;

    /// <inheritdoc/>
    public Drop? WhyNot(in PtpHeader header) => port.WhyNot(header);

    /// <inheritdoc/>
    public bool Received(in PtpHeader header, ReadOnlySpan<byte> message, Instant<Local>? stamp, PtpAddress from, Instant<Boot> now)
    {
        if (header.Type == MessageType.Management)
        {
            return false;
        }

        if (header.Type != MessageType.Sync || !header.Is(PtpFlags.Unicast) || !CsptpRequest.TryFind(message, header, out var request))
        {
            port.Counters.Count(Drop.NotNow);
        }
        else if (header.Length < Shortest)
        {
            port.Counters.Count(Drop.TooShort);
        }
        else if (!header.Correction.IsRepresentable || !time.TryToTai(stamp!.Value, out var received))
        {
            port.Counters.Count(Drop.Implausible);
        }
        else
        {
            Answer(header, request, received, from);
        }

        return true;
    }

    /// <inheritdoc/>
    public bool Sent(TransmitTicket ticket, Instant<Local> stamp, Instant<Boot> now)
    {
        ref var answered = ref _answered[ticket.Sequence % Pending];
        if (answered.Waits && answered.Ticket == ticket.Sequence)
        {
            answered.Waits = false;
            if (time.TryToTai(stamp, out var sent))
            {
                TimestampBody.Write(_buffer, Header(MessageType.FollowUp, TimestampBody.Size, answered.Sequence, PtpFlags.None), sent);
                port.Counters.CountSent(MessageType.FollowUp);
                output.SendGeneral(_buffer.AsSpan(0, TimestampBody.Size), new(false, answered.To));
            }
        }

        return true;
    }

    private void Answer(in PtpHeader asked, in CsptpRequest request, Instant<Tai> received, PtpAddress from)
    {
        int room = Math.Min((int)asked.Length, Longest) & ~1;
        bool isTwoStep = room >= Shortest + TimestampBody.Size + HeadersOfSecond;
        room -= isTwoStep ? TimestampBody.Size + HeadersOfSecond : 0;

        int length = TimestampBody.Size;
        new CsptpResponse(received, asked.Correction).Write(_buffer.AsSpan(length));
        length += CsptpResponse.Size;
        if (request.WantsStatus && room >= length + CsptpStatus.Size)
        {
            Status().Write(_buffer.AsSpan(length));
            length += CsptpStatus.Size;
        }

        if (room >= length + Tlvs.Head)
        {
            Tlvs.Begin(_buffer.AsSpan(length), TlvType.Pad, room - length - Tlvs.Head).Clear(); // as long as the request, so that both take as long
            length = room;
        }

        var header = Header(MessageType.Sync, length, asked.Sequence, isTwoStep ? PtpFlags.TwoStep : PtpFlags.None);
        if (isTwoStep)
        {
            unchecked
            {
                _ticket++;
            }

            _answered[_ticket % Pending] = (true, _ticket, asked.Sequence, from);
            TimestampBody.Write(_buffer, header, default);
        }
        else if (time.Now is { } at && time.TryToTai(at, out var sent))
        {
            TimestampBody.Write(_buffer, header, sent);
        }
        else
        {
            port.Counters.Count(Drop.TooShort);
            return;
        }

        port.Counters.CountSent(MessageType.Sync);
        output.SendEvent(_buffer.AsSpan(0, length), new(false, from), new(MessageType.Sync, _ticket, IsOneStep: !isTwoStep));
    }

    private PtpHeader Header(MessageType type, int length, ushort sequence, PtpFlags flags) => new()
    {
        Type = type,
        SdoId = CsptpTlv.SdoId,
        MinorVersion = 1,
        Domain = instance.Default.Domain,
        Length = (ushort)length,
        Flags = flags | PtpFlags.Unicast | (instance.Time.Flags & OfTime),
        Sequence = sequence,
        LogInterval = PtpHeader.NoInterval,
    };

    private CsptpStatus Status() => new(
        instance.Parent.Priority1, instance.Parent.Quality, instance.Parent.Priority2, (ushort)Math.Min(instance.StepsRemoved, ushort.MaxValue), instance.Time.UtcOffset, instance.Parent.Grandmaster);
}
