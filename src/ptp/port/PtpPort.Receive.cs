namespace TimeSuite.Ptp;

/// <content>What comes in, and what is dropped at the door.</content>
public sealed partial class PtpPort
{
    /// <summary>Takes a datagram. Garbage is counted, never thrown.</summary>
    /// <param name="message">The payload, padding allowed behind it.</param>
    /// <param name="stamp">When it came; null for a general message, or where the stamp is missing.</param>
    /// <param name="from">Who sent it.</param>
    /// <param name="now">The time.</param>
    public void Received(ReadOnlySpan<byte> message, Instant<Local>? stamp, PtpAddress from, Instant<Boot> now)
    {
        if (State < PortState.Listening)
        {
            return;
        }

        stamp -= _settings.IngressLatency;
        if (!PtpHeader.TryParse(message, out var header) || !Tlvs.AreWellFormed(message, header))
        {
            Counters.Count(Drop.Malformed);
            return;
        }

        message = message[..header.Length];
        if ((_mode is null ? WhyNot(header) : _mode.WhyNot(header)) is { } reason)
        {
            Counters.Count(reason);
            return;
        }

        Counters.CountReceived(header.Type);
        if (header.Type is MessageType.Sync or MessageType.FollowUp or MessageType.DelayResp && _client?.Knows(from) == false)
        {
            Counters.Count(Drop.NotOurMaster); // whatever it calls itself
            return;
        }

        if (header.Type.IsEvent() && stamp is null)
        {
            Counters.Count(Drop.NoStamp);
            return;
        }

        if (_seals?.WhyNot(header, message, now) is { } forged)
        {
            Counters.Count(forged);
            return;
        }

        _client?.Heard(from, header.Source, header.Type, now);
        if (_mode?.Received(header, message, stamp, from, now) == true)
        {
            return;
        }

        switch (header.Type)
        {
            case MessageType.Announce:
                OnAnnounce(header, message, from, now);
                break;
            case MessageType.Sync:
                OnSync(header, message, stamp!.Value, from, now);
                break;
            case MessageType.FollowUp:
                OnFollowUp(header, message, now);
                break;
            case MessageType.DelayReq:
                OnDelayReq(header, stamp!.Value, from, now);
                break;
            case MessageType.DelayResp:
                OnDelayResp(header, message);
                break;
            case MessageType.PdelayReq:
                OnPdelayReq(header, stamp!.Value, from, now);
                break;
            case MessageType.PdelayResp or MessageType.PdelayRespFollowUp:
                OnPdelayResp(header, message, stamp, now);
                break;
            case MessageType.Management:
                OnManagement(header, message, from, now);
                break;
            default:
                OnSignaling(header, message, from, now);
                break;
        }
    }

    /// <summary>The stamp of an event message that was sent.</summary>
    public void Sent(TransmitTicket ticket, Instant<Local> stamp, Instant<Boot> now)
    {
        stamp += _settings.EgressLatency;
        if (_mode?.Sent(ticket, stamp, now) == true)
        {
            return;
        }

        switch (ticket.Type)
        {
            case MessageType.Sync:
                if (ticket.IsUnicast)
                {
                    SendUnicastFollowUp(ticket.Sequence, stamp);
                }
                else
                {
                    SendFollowUp(ticket.Sequence, stamp, _logSync, Destination.Group);
                }

                break;
            case MessageType.DelayReq:
                if (_delays.Sent(ticket.Sequence, stamp, _settings.DelayAsymmetry, out var pair))
                {
                    Hand(pair);
                }

                break;
            case MessageType.PdelayReq:
                if (_peer.Sent(ticket.Sequence, stamp, out var measurement))
                {
                    TakePeerDelay(measurement, now);
                }

                CountPeerDrop();
                break;
            case MessageType.PdelayResp:
                SendPdelayRespFollowUp(ticket.Sequence, stamp);
                break;
            default:
                break;
        }
    }

    /// <summary>The clock that stamps was set: what waits for its other half bears a stamp of before.</summary>
    public void ForgetStamps()
    {
        _syncs.Clear();
        _delays.Clear();
        _peer.Forget();
        Array.Clear(_answers);
    }

    /// <summary>The stamp of an event message did not come.</summary>
    public void StampLost(TransmitTicket ticket) => Counters.StampsLost++;

    internal Drop? WhyNot(in PtpHeader header) =>
        header.Domain != _instance.Default.Domain ? Drop.OtherDomain
        : header.SdoId != _instance.Default.SdoId ? Drop.OtherSdo
        : header.Source.Clock == Identity.Clock ? Drop.Own
        : null;

    private void OnAnnounce(in PtpHeader header, ReadOnlySpan<byte> message, PtpAddress from, Instant<Boot> now)
    {
        if (!IsElected || !IsCapable || header.Is(PtpFlags.AlternateMaster) || !MayAnnounce(from))
        {
            Counters.Count(Drop.NotNow);
            return;
        }

        var body = AnnounceBody.Parse(message);
        if (body.StepsRemoved >= _instance.Default.MaxStepsRemoved || (PathTrace.TryFind(message, header, out var trace) && trace.Contains(Identity.Clock)))
        {
            Counters.Count(Drop.Loop);
            return;
        }

        if (!IsAcceptable(header, body))
        {
            Counters.Count(Drop.NotAcceptable);
            return;
        }

        var candidate = Candidate.Of(header, body, Identity, PriorityOf(from));
        _masters.Hear(candidate, header.Sequence, now, AnnounceInterval, _followed);
        bool ours = header.Source == _followed;
        if (ours)
        {
            _masterAddress = from;
        }

        // Who does not qualify keeps nobody waiting (clause 9.2.6.12).
        if (ours || State is PortState.Listening or PortState.Passive && BestHeard(now) is { } best && best.Sender == header.Source)
        {
            _announceTimeout = now + AnnounceTimeout();
        }

        _instance.Decide(now);
        if (header.Source == _followed)
        {
            _instance.TakePath(message, header);
            _instance.Power = PowerProfile.TryFind(message, header, out var power) ? power : null;
        }
    }
}
