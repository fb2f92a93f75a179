namespace TimeSuite.Ptp;

/// <content>A port that serves: Announce and Sync out, Delay_Req in.</content>
public sealed partial class PtpPort
{
    private ushort _announceSequence, _syncSequence;

    private PtpHeader Header(MessageType type, int length, ushort sequence, sbyte logInterval, PtpFlags flags) => new()
    {
        Type = type,
        SdoId = _instance.Default.SdoId,
        MinorVersion = _settings.MinorVersion,
        Domain = _instance.Default.Domain,
        Length = checked((ushort)length),
        Flags = flags,
        Source = Identity,
        Sequence = sequence,
        LogInterval = logInterval,
    };

    private void SendAnnounce()
    {
        if (!IsCapable)
        {
            return;
        }

        int length = AnnounceBody.Size;
        if (_settings.PathTrace)
        {
            Span<ClockIdentity> path = stackalloc ClockIdentity[PtpInstance.MaxPath + 1];
            _instance.Path.CopyTo(path);
            path[_instance.Path.Length] = Identity.Clock;
            length += PathTrace.Write(_buffer.AsSpan(length), path[..(_instance.Path.Length + 1)]);
        }

        var parent = _instance.Parent;
        new AnnounceBody
        {
            UtcOffset = _instance.Time.UtcOffset,
            Priority1 = parent.Priority1,
            Quality = parent.Quality,
            Priority2 = parent.Priority2,
            Grandmaster = parent.Grandmaster,
            StepsRemoved = (ushort)Math.Min(_instance.StepsRemoved, ushort.MaxValue),
            TimeSource = _instance.Time.Source,
        }.Write(_buffer, Header(MessageType.Announce, length, _announceSequence, _settings.LogAnnounceInterval, _instance.Time.Flags));
        unchecked
        {
            _announceSequence++;
        }

        Counters.CountSent(MessageType.Announce);
        _output.SendGeneral(_buffer.AsSpan(0, length), Destination.Group);
    }

    private void SendSync()
    {
        if (!IsCapable)
        {
            return;
        }

        var message = _buffer.AsSpan(0, TimestampBody.Size);
        TimestampBody.Write(message, Header(MessageType.Sync, TimestampBody.Size, _syncSequence, _settings.LogSyncInterval, _settings.OneStepSync ? PtpFlags.None : PtpFlags.TwoStep), default);
        Counters.CountSent(MessageType.Sync);
        var ticket = new TransmitTicket(MessageType.Sync, _syncSequence, _settings.OneStepSync);
        unchecked
        {
            _syncSequence++;
        }

        _output.SendEvent(message, Destination.Group, ticket);
    }

    private void SendFollowUp(ushort sequence, Instant<Local> stamp)
    {
        if (State != PortState.Master || !_time.TryToTai(stamp, out var time))
        {
            return;
        }

        int length = TimestampBody.Size;
        if (_settings.FollowUpInformation)
        {
            new FollowUpInformation(_instance.CumulativeRate, 0).Write(_buffer.AsSpan(length));
            length += FollowUpInformation.Size;
        }

        TimestampBody.Write(_buffer, Header(MessageType.FollowUp, length, sequence, _settings.LogSyncInterval, PtpFlags.None), time);
        Counters.CountSent(MessageType.FollowUp);
        _output.SendGeneral(_buffer.AsSpan(0, length), Destination.Group);
    }

    private void OnDelayReq(in PtpHeader request, Instant<Local> stamp, PtpAddress from)
    {
        if (State != PortState.Master || _settings.DelayMechanism != DelayMechanism.E2E)
        {
            Counters.Count(Drop.NotNow);
            return;
        }

        if (!request.Correction.IsRepresentable || !_time.TryToTai(stamp, out var time))
        {
            Counters.Count(Drop.Implausible);
            return;
        }

        bool unicast = request.Is(PtpFlags.Unicast);
        var header = Header(MessageType.DelayResp, ResponseBody.Size, request.Sequence, _settings.LogMinDelayReqInterval, unicast ? PtpFlags.Unicast : PtpFlags.None);
        var message = _buffer.AsSpan(0, ResponseBody.Size);
        new ResponseBody(time, request.Source).Write(message, header with { Correction = request.Correction }, fractionSign: -1);
        Counters.CountSent(MessageType.DelayResp);
        _output.SendGeneral(message, unicast ? new(false, from) : Destination.Group);
    }
}
