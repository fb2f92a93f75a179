namespace TimeSuite.Ptp;

/// <content>Unicast negotiation (IEEE 1588-2019 clause 16.1), as the one who asks and as the one who grants.</content>
public sealed partial class PtpPort
{
    private const int UnicastPending = 128, AtOnce = 32;

    private readonly UnicastClient? _client;
    private readonly UnicastServer? _server;
    private readonly UnicastTurn[] _turns = [];
    private ushort _turnTicket;

    /// <summary>For people: the masters that are asked, who they are, and what they grant; empty: none is configured.</summary>
    public IEnumerable<(PtpAddress Address, PortIdentity? Identity, bool Announces, bool Syncs, bool Denies)> UnicastMasters(Instant<Boot> now) => _client?.All(now) ?? [];

    /// <summary>Grants that hold, of all clients.</summary>
    public int UnicastGrants => _server?.Count ?? 0;

    private Instant<Boot>? UnicastWake => Earliest(_client?.Wake, State == PortState.Master && IsCapable ? _server?.Wake : null);

    /// <summary>Whether an Announce from there may be looked at: with masters configured, only theirs; without multicast, none of strangers.</summary>
    private bool MayAnnounce(PtpAddress from) => _client?.Knows(from) ?? _settings.Multicast;

    /// <summary>This host's own preference: the port's, or for frequency the order in which masters are configured (ITU-T G.8265.1 clause 6.7.3).</summary>
    private byte PriorityOf(PtpAddress from) => _instance.Rule == ComparisonRule.G8265 && _client is { } client ? (byte)(1 + client.IndexOf(from)) : _settings.LocalPriority;

    private void OnUnicastTime(Instant<Boot> now)
    {
        while (_client is { } client && client.TryNext(now, out var to, out var target, out var request, out var cancel))
        {
            if (cancel is { } end)
            {
                end.Write(_buffer.AsSpan(SignalingBody.Size));
                SendSignaling(SignalingBody.Size + UnicastCancel.Size, target, new(false, to));
            }
            else
            {
                request.Write(_buffer.AsSpan(SignalingBody.Size));
                SendSignaling(SignalingBody.Size + UnicastRequest.Size, target, new(false, to));
            }
        }

        // So many at once as stamps can be waited for; the owner comes back at once for the rest.
        for (int i = 0; i < AtOnce && State == PortState.Master && IsCapable && _server is { } server && server.TryNext(now, out var turn); i++)
        {
            if (turn.Type == MessageType.Announce)
            {
                SendAnnounce(turn.Sequence, turn.LogInterval, new(false, turn.Address));
            }
            else
            {
                unchecked
                {
                    _turnTicket++;
                }

                _turns[_turnTicket % UnicastPending] = turn;
                SendSync(turn.Sequence, PtpHeader.NoInterval, new(false, turn.Address), new(MessageType.Sync, _turnTicket, _settings.OneStepSync, IsUnicast: true));
            }
        }
    }

    private void SendUnicastFollowUp(ushort ticket, Instant<Local> stamp)
    {
        var turn = _turns[ticket % UnicastPending];
        if (_server is { } server && server.IsCurrent(turn))
        {
            SendFollowUp(turn.Sequence, stamp, PtpHeader.NoInterval, new(false, turn.Address));
        }
    }

    private void OnUnicastRequest(in PtpHeader header, in UnicastRequest request, PtpAddress from, Instant<Boot> now)
    {
        // While it is not clear yet whether this port will serve there is no answer: the client asks again soon.
        if (_server is not { } server || State is PortState.Listening or PortState.PreMaster)
        {
            Counters.Count(Drop.NotNow);
            return;
        }

        if (!server.MayAsk(from, now))
        {
            Counters.Count(Drop.TooOften);
            return;
        }

        var grant = State == PortState.Master ? server.Request(request, header.Source, from, now) : new(request.Type, request.LogInterval, 0, MayRenew: false);
        Counters.CountUnicast(isGranted: grant.Seconds > 0);
        grant.Write(_buffer.AsSpan(SignalingBody.Size));
        SendSignaling(SignalingBody.Size + UnicastGrant.Size, header.Source, new(false, from));
    }

    private void OnUnicastCancel(in PtpHeader header, in UnicastCancel cancel, PtpAddress from, Instant<Boot> now)
    {
        bool known = false;
        if (!cancel.IsAcknowledgement && !cancel.KeepsRequest && _server is { } server && server.MayAsk(from, now))
        {
            known = server.Cancel(cancel.Type, header.Source, from);
        }

        if ((cancel.IsAcknowledgement || !cancel.KeepsGrant) && _client is { } client)
        {
            known |= client.Take(cancel, from, now);
        }

        if (!known)
        {
            return; // an acknowledgement, or nothing that we know of
        }

        (cancel with { IsAcknowledgement = true }).Write(_buffer.AsSpan(SignalingBody.Size));
        SendSignaling(SignalingBody.Size + UnicastCancel.Size, header.Source, new(false, from));
    }

    private bool TakeGrant(in UnicastGrant grant, PtpAddress from, Instant<Boot> now)
    {
        if (_client?.Take(grant, from, now) != true)
        {
            return false;
        }

        if (grant.Type == MessageType.DelayResp && grant.Seconds > 0 && _followed is { } followed && _client.LogDelayInterval(followed, now) is { } granted)
        {
            _logDelayReq = Math.Min(granted, SlowestLog);
            ScheduleDelayReq(now); // not with the pace of before
        }

        return true;
    }
}
