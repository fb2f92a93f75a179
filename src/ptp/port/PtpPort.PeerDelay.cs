namespace TimeSuite.Ptp;

/// <content>The peer delay mechanism: every port of it asks, and every port answers.</content>
public sealed partial class PtpPort
{
    private const int AllowedLostResponses = 3, PendingResponses = 16;

    private readonly PeerDelayRequester _peer = new();
    private readonly (bool Used, ushort Ticket, ushort Sequence, PortIdentity Requester, TimeInterval Correction, Destination To)[] _answers = new (bool, ushort, ushort, PortIdentity, TimeInterval, Destination)[PendingResponses];
    private ushort _answerTicket;

    /// <summary>Pdelay_Reqs since the other end answered the last time, and since the port was started.</summary>
    public int UnansweredPeerRequests { get; private set; }

    private void SendPdelayReq(Instant<Boot> now)
    {
        UnansweredPeerRequests++;
        ushort sequence = _peer.Begin();
        if (_peer.Lost > AllowedLostResponses)
        {
            SetLinkDelay(null, now); // who does not answer is not there any more
        }

        var message = _buffer.AsSpan(0, ResponseBody.Size);
        message.Clear();
        Header(MessageType.PdelayReq, ResponseBody.Size, sequence, _logPdelayReq, PtpFlags.None).Write(message);
        Counters.CountSent(MessageType.PdelayReq);
        _output.SendEvent(message, Destination.PeerGroup, new(MessageType.PdelayReq, sequence));
    }

    private void OnPdelayReq(in PtpHeader request, Instant<Local> stamp, PtpAddress from, Instant<Boot> now)
    {
        bool isUnicast = request.Is(PtpFlags.Unicast);
        if (_settings.DelayMechanism == DelayMechanism.Auto && Mechanism == DelayMechanism.E2E && !isUnicast)
        {
            BecomePeerToPeer(now);
        }

        if (Mechanism != DelayMechanism.P2P)
        {
            Counters.Count(Drop.NotNow);
            return;
        }

        if (!request.Correction.IsRepresentable)
        {
            Counters.Count(Drop.Implausible);
            return;
        }

        if (isUnicast && IsTooOften(ref _replies, now)) // two answers to whatever address it says that it came from
        {
            Counters.Count(Drop.TooOften);
            return;
        }

        unchecked
        {
            _answerTicket++;
        }

        var to = isUnicast ? new(true, from) : Destination.PeerGroup;
        _answers[_answerTicket % PendingResponses] = (true, _answerTicket, request.Sequence, request.Source, request.Correction, to);
        var message = _buffer.AsSpan(0, ResponseBody.Size);
        new ResponseBody(ByLocalClock(stamp), request.Source).Write(message, Header(MessageType.PdelayResp, ResponseBody.Size, request.Sequence, PtpHeader.NoInterval, PtpFlags.TwoStep | UnicastFlag(to)), fractionSign: -1);
        Counters.CountSent(MessageType.PdelayResp);
        _output.SendEvent(message, to, new(MessageType.PdelayResp, _answerTicket));
    }

    private void SendPdelayRespFollowUp(ushort ticket, Instant<Local> stamp)
    {
        ref var answer = ref _answers[ticket % PendingResponses];
        if (!answer.Used || answer.Ticket != ticket)
        {
            return;
        }

        answer.Used = false;
        var header = Header(MessageType.PdelayRespFollowUp, ResponseBody.Size, answer.Sequence, PtpHeader.NoInterval, UnicastFlag(answer.To));
        var message = _buffer.AsSpan(0, ResponseBody.Size);
        new ResponseBody(ByLocalClock(stamp), answer.Requester).Write(message, header with { Correction = answer.Correction }, fractionSign: 1);
        Counters.CountSent(MessageType.PdelayRespFollowUp);
        _output.SendGeneral(message, answer.To);
    }

    // Only the difference of two such stamps is used, and its rate: a clock that nobody steps nor slews is best for both, whatever it shows.
    private static Instant<Tai> ByLocalClock(Instant<Local> stamp) => new(stamp.SinceEpoch);

    private void OnPdelayResp(in PtpHeader header, ReadOnlySpan<byte> message, Instant<Local>? stamp, Instant<Boot> now)
    {
        if (Mechanism != DelayMechanism.P2P)
        {
            Counters.Count(Drop.NotNow);
            return;
        }

        if (!ResponseBody.TryParse(message, out var body))
        {
            Counters.Count(Drop.Implausible);
            return;
        }

        if (body.Requester != Identity)
        {
            return; // another port's
        }

        UnansweredPeerRequests = 0;
        bool finished = header.Type == MessageType.PdelayResp
            ? _peer.Response(header, body, stamp!.Value, out var measurement)
            : _peer.FollowUp(header, body, out measurement);
        CountPeerDrop();
        if (_peer.SeveralAnswered)
        {
            SetLinkDelay(null, now); // a delay of two links is none
        }

        if (finished)
        {
            TakePeerDelay(measurement, now);
        }
    }

    private void CountPeerDrop()
    {
        if (_peer.Dropped is { } reason)
        {
            Counters.Count(reason);
        }
    }

    private void TakePeerDelay(in PeerDelayMeasurement measurement, Instant<Boot> now)
    {
        SetLinkDelay(measurement.MeanLinkDelay, now);
        _output.PeerDelayed(measurement);
    }

    private void SetLinkDelay(Duration? delay, Instant<Boot> now)
    {
        bool before = IsCapable;
        MeanLinkDelay = delay;
        if (IsCapable != before)
        {
            _instance.Decide(now);
        }
    }
}
