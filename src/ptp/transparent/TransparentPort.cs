namespace TimeSuite.Ptp;

/// <summary>
/// A port of a transparent clock (IEEE 1588-2019 clauses 10.2 and 10.3): event messages go out by all other ports, and the general message that belongs to each tells how long it lay here.
/// Two steps always: a Sync in one step goes on in two, with a Follow_Up of ours.
/// </summary>
/// <remarks>
/// End to end, Delay_Req and Delay_Resp pass and peer delays do not; peer to peer it is the other way round, and the delay of the link that a Sync came by is added to what is said of it.
/// Announce, signaling and management pass as they are, whatever their domain. Nothing passes twice.
/// </remarks>
internal sealed class TransparentPort(PtpInstance instance, PtpPort port, IPortOutput output) : IPortMode
{
    private const int Passages = 64;
    private const int FlagsAt = 6; // of the header
    private const byte TwoStep = (byte)((int)PtpFlags.TwoStep >> 8);

    private static readonly Duration LongestWait = Duration.FromSeconds(2L);

    private readonly byte[] _buffer = new byte[1500], _followUp = new byte[TimestampBody.Size];
    private readonly Passage[] _passages = new Passage[Passages]; // of what leaves here
    private ushort _ticket;

    private bool IsPeerToPeer => port.Settings.DelayMechanism == DelayMechanism.P2P;

    /// <inheritdoc/>
    public void Start(Instant<Boot> now) => Array.Clear(_passages);

    /// <inheritdoc/>
    public Drop? WhyNot(in PtpHeader header) => IsOfLink(header.Type) ? port.WhyNot(header) : header.Source.Clock == port.Identity.Clock ? Drop.Own : null;

    /// <inheritdoc/>
    public bool Received(in PtpHeader header, ReadOnlySpan<byte> message, Instant<Local>? stamp, PtpAddress from, Instant<Boot> now)
    {
        if (IsOfLink(header.Type) && IsPeerToPeer)
        {
            return false;
        }

        var drop = header.Is(PtpFlags.Unicast) ? Drop.NotNow : header.Type switch // unicast to us is to nobody behind us
        {
            MessageType.Sync => OnSync(header, message, stamp!.Value, now),
            MessageType.FollowUp => OnFollowUp(header, message, now),
            MessageType.DelayReq when !IsPeerToPeer => OnDelayReq(header, message, stamp!.Value, now),
            MessageType.DelayResp when !IsPeerToPeer => OnDelayResp(header, message, now),
            MessageType.Announce => PassOn(header, message, default, now),
            MessageType.Signaling => PassOn(header, message, SignalingBody.Target(message), now),
            MessageType.Management => PassOn(header, message, ManagementBody.Parse(message).Target, now),
            _ => Drop.NotNow,
        };
        if (drop is { } reason)
        {
            port.Counters.Count(reason);
        }

        return true;
    }

    /// <inheritdoc/>
    public bool Sent(TransmitTicket ticket, Instant<Local> stamp, Instant<Boot> now)
    {
        if (IsOfLink(ticket.Type))
        {
            return false;
        }

        foreach (ref var passage in _passages.AsSpan())
        {
            if (passage.IsUsed && passage.Ticket == ticket.Sequence && passage.Type == ticket.Type && passage.Residence is null)
            {
                passage.Residence = stamp - passage.Received;
                Complete(ref passage);
                break;
            }
        }

        return true;
    }

    private static bool IsOfLink(MessageType type) => type is MessageType.PdelayReq or MessageType.PdelayResp or MessageType.PdelayRespFollowUp;

    private Drop? OnSync(in PtpHeader header, ReadOnlySpan<byte> message, Instant<Local> stamp, Instant<Boot> now)
    {
        if (IsPeerToPeer && port.MeanLinkDelay is null)
        {
            return Drop.NotNow; // a time whose way is not known is worse than none
        }

        if (!instance.Recent.IsNew(header, default, now))
        {
            return Drop.Loop;
        }

        message.CopyTo(_buffer);
        _buffer[FlagsAt] |= TwoStep;
        foreach (var other in instance.Ports)
        {
            if (Way(other) is { } egress)
            {
                ref var passage = ref egress.Begin(MessageType.Sync, header, this, now);
                if (passage.Ticket is null)
                {
                    if (!header.Is(PtpFlags.TwoStep))
                    {
                        passage.Keep(FollowUpOf(header, message));
                    }

                    egress.Send(ref passage, _buffer.AsSpan(0, message.Length), stamp);
                }
            }
        }

        return null;
    }

    private Drop? OnFollowUp(in PtpHeader header, ReadOnlySpan<byte> message, Instant<Boot> now)
    {
        if (!instance.Recent.IsNew(header, default, now))
        {
            return Drop.Loop;
        }

        Drop? drop = null;
        foreach (var other in instance.Ports)
        {
            if (Way(other) is { } egress)
            {
                // It may well be here before its Sync, which came by another socket.
                ref var passage = ref egress.Begin(MessageType.Sync, header, this, now);
                if (passage.Keep(message))
                {
                    egress.Complete(ref passage);
                }
                else
                {
                    drop = Drop.Unmatched;
                }
            }
        }

        return drop;
    }

    private Drop? OnDelayReq(in PtpHeader header, ReadOnlySpan<byte> message, Instant<Local> stamp, Instant<Boot> now)
    {
        if (!instance.Recent.IsNew(header, default, now))
        {
            return Drop.Loop;
        }

        foreach (var other in instance.Ports)
        {
            if (Way(other) is { } egress)
            {
                ref var passage = ref egress.Begin(MessageType.DelayReq, header, this, now);
                if (passage.Ticket is null)
                {
                    egress.Send(ref passage, message, stamp);
                }
            }
        }

        return null;
    }

    /// <summary>It comes by the port that the request left by, and goes where that came from, and nowhere else.</summary>
    private Drop? OnDelayResp(in PtpHeader header, ReadOnlySpan<byte> message, Instant<Boot> now)
    {
        var requester = PortIdentity.Read(message[(PtpHeader.Size + PtpTimestamp.Size)..]);
        if (!instance.Recent.IsNew(header, requester, now))
        {
            return Drop.Loop;
        }

        int at = Find(MessageType.DelayReq, header, requester, null, now, out _);
        if (at < 0 || !_passages[at].Keep(message))
        {
            return Drop.Unmatched;
        }

        Complete(ref _passages[at]);
        return null;
    }

    private Drop? PassOn(in PtpHeader header, ReadOnlySpan<byte> message, PortIdentity target, Instant<Boot> now)
    {
        if (target.Clock == port.Identity.Clock)
        {
            return Drop.NotNow; // for us, who have nothing to say to it
        }

        if (!instance.Recent.IsNew(header, target, now))
        {
            return Drop.Loop;
        }

        foreach (var other in instance.Ports)
        {
            Way(other)?.SendGeneral(header.Type, message);
        }

        return null;
    }

    private TransparentPort? Way(PtpPort other) => other != port && other.State >= PortState.Listening ? other.Mode as TransparentPort : null;

    /// <summary>Finds what leaves here and came by <paramref name="ingress"/>, or begins it in the place of the oldest.</summary>
    private ref Passage Begin(MessageType type, in PtpHeader header, TransparentPort ingress, Instant<Boot> now)
    {
        int at = Find(type, header, header.Source, ingress, now, out int oldest);
        if (at < 0)
        {
            at = oldest;
            _passages[at].Begin(type, header, ingress, now);
        }

        return ref _passages[at];
    }

    /// <returns>-1 if it is not there.</returns>
    private int Find(MessageType type, in PtpHeader header, PortIdentity source, TransparentPort? ingress, Instant<Boot> now, out int oldest)
    {
        oldest = 0;
        for (int i = 0; i < Passages; i++)
        {
            ref var passage = ref _passages[i];
            if (passage.IsUsed && now - passage.Since > LongestWait)
            {
                passage.End();
            }

            if (passage.IsUsed && passage.Type == type && passage.Source == source && passage.Sequence == header.Sequence && passage.Domain == header.Domain && passage.SdoId == header.SdoId
                && (ingress is null || passage.Ingress == ingress))
            {
                return i;
            }

            oldest = _passages[oldest].IsUsed && (!passage.IsUsed || passage.Since < _passages[oldest].Since) ? i : oldest;
        }

        return -1;
    }

    private void Send(ref Passage passage, ReadOnlySpan<byte> message, Instant<Local> received)
    {
        unchecked
        {
            _ticket++;
        }

        passage.Ticket = _ticket;
        passage.Received = received;
        port.Counters.CountSent(passage.Type);
        output.SendEvent(message, Destination.Group, new(passage.Type, _ticket));
    }

    private void SendGeneral(MessageType type, ReadOnlySpan<byte> message)
    {
        port.Counters.CountSent(type);
        output.SendGeneral(message, Destination.Group);
    }

    /// <summary>With the stamp and the general message both here, the latter goes: away from us behind a Sync, back behind a Delay_Req.</summary>
    private void Complete(ref Passage passage)
    {
        if (passage.Residence is not { } residence || passage.General.IsEmpty || !PtpHeader.TryParse(passage.General, out var header))
        {
            return;
        }

        bool isSync = passage.Type == MessageType.Sync;
        var lay = residence + (isSync ? passage.Ingress.LinkBehind : -port.Settings.DelayAsymmetry);
        PtpHeader.WriteCorrection(passage.General, header.Correction + TimeInterval.FromDuration(lay));
        (isSync ? this : passage.Ingress).SendGeneral(header.Type, passage.General);
        passage.End();
    }

    private Duration LinkBehind => port.Settings.DelayAsymmetry + (IsPeerToPeer ? port.MeanLinkDelay ?? Duration.Zero : Duration.Zero);

    /// <summary>The Sync keeps its correction, so the Follow_Up begins with none.</summary>
    private Span<byte> FollowUpOf(in PtpHeader header, ReadOnlySpan<byte> sync)
    {
        sync[PtpHeader.Size..TimestampBody.Size].CopyTo(_followUp.AsSpan(PtpHeader.Size));
        (header with { Type = MessageType.FollowUp, Length = TimestampBody.Size, Correction = TimeInterval.Zero }).Write(_followUp);
        return _followUp;
    }
}
