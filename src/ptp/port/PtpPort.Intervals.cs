namespace TimeSuite.Ptp;

/// <content>The intervals as they are now: the configured ones, until the other end of the link asks for others (IEEE 802.1AS-2020 clause 10.6.4.3).</content>
public sealed partial class PtpPort
{
    private const sbyte SlowestLog = 7; // 128 s: a port that was asked for less would seem dead

    private sbyte _logAnnounce, _logSync, _logPdelayReq;
    private bool _stopsAnnounce, _stopsSync, _stopsPdelayReq;
    private sbyte? _masterLogSync;

    /// <summary>log2 s between the Syncs of the followed master, by its own word; null: it has not said, or nobody is followed.</summary>
    public sbyte? MasterLogSync => _masterLogSync;
    private ushort _signalingSequence;

    /// <summary>log2 s between Announces, now.</summary>
    public sbyte LogAnnounceInterval => _logAnnounce;

    /// <summary>log2 s between Syncs that are sent, now.</summary>
    public sbyte LogSyncInterval => _logSync;

    /// <summary>log2 s between Pdelay_Reqs, now.</summary>
    public sbyte LogPdelayReqInterval => _logPdelayReq;

    /// <summary>How this port learns the delay, now: with <see cref="DelayMechanism.Auto"/>, end to end until the other end of the link asks for peer delays.</summary>
    public DelayMechanism Mechanism { get; private set; }

    private Duration AnnounceInterval => LogInterval.ToDuration(_client?.LogAnnounceInterval ?? _logAnnounce);

    /// <summary>Of the master's Syncs: as it says; else as configured.</summary>
    private Duration ReceivedSyncInterval => LogInterval.ToDuration(_masterLogSync ?? _settings.LogSyncInterval);

    private void ResetIntervals()
    {
        (_logAnnounce, _logSync, _logPdelayReq) = (_settings.LogAnnounceInterval, _settings.LogSyncInterval, _settings.LogMinPdelayReqInterval);
        (_stopsAnnounce, _stopsSync, _stopsPdelayReq) = (false, false, false);
    }

    private void ResetMechanism() => Mechanism = _settings.DelayMechanism == DelayMechanism.Auto ? DelayMechanism.E2E : _settings.DelayMechanism;

    /// <summary>The other end of the link measures peer delays: so do we from now on.</summary>
    private void BecomePeerToPeer(Instant<Boot> now)
    {
        Mechanism = DelayMechanism.P2P;
        (_delayDue, _peerDelayDue) = (null, now);
        _delays.Clear();
    }

    private void OnIntervalRequest(in MessageIntervalRequest request, Instant<Boot> now)
    {
        if (!_settings.HonorsIntervalRequests)
        {
            Counters.Count(Drop.NotNow);
            return;
        }

        // A faster rate begins at once; a slower one after what was due.
        if (Take(request.LinkDelay, _settings.LogMinPdelayReqInterval, ref _logPdelayReq, ref _stopsPdelayReq) && _peerDelayDue is not null)
        {
            _peerDelayDue = now;
        }

        if (Take(request.Sync, _settings.LogSyncInterval, ref _logSync, ref _stopsSync) && _syncDue is not null)
        {
            _syncDue = now;
        }

        if (Take(request.Announce, _settings.LogAnnounceInterval, ref _logAnnounce, ref _stopsAnnounce) && _announceDue is not null)
        {
            _announceDue = now;
        }
    }

    /// <summary>Takes one wish, within what is sane: nobody makes us send faster than configured for, or hardly ever.</summary>
    /// <returns>Whether it is faster than before.</returns>
    private bool Take(sbyte wish, sbyte configured, ref sbyte log, ref bool stops)
    {
        sbyte before = stops ? sbyte.MaxValue : log;
        switch (wish)
        {
            case MessageIntervalRequest.Unchanged:
                return false;
            case MessageIntervalRequest.Stop:
                stops = true;
                return false;
            case MessageIntervalRequest.Initial:
                (log, stops) = (configured, false);
                break;
            default:
                if (wish < Math.Min(configured, _settings.FastestLogInterval) || wish > SlowestLog)
                {
                    Counters.Count(Drop.Implausible);
                    return false;
                }

                (log, stops) = (wish, false);
                break;
        }

        return log < before;
    }

    /// <summary>Tells the other end how often to send: once the time is had, less often will do; when it is lost, as in the beginning.</summary>
    private void RequestIntervals(bool isCalibrated)
    {
        _logPdelayReq = isCalibrated ? _settings.LogOperationalPdelayReqInterval ?? _logPdelayReq : _settings.LogMinPdelayReqInterval;
        if (_settings.OperationalIntervals is not { } wish)
        {
            return;
        }

        var request = isCalibrated ? wish : wish with { Sync = MessageIntervalRequest.Initial };
        int length = SignalingBody.Size + MessageIntervalRequest.Size;
        request.Write(_buffer.AsSpan(SignalingBody.Size));
        SendSignaling(length, PortIdentity.All, Destination.Group);
    }

    private void SendSignaling(int length, PortIdentity target, Destination to)
    {
        SignalingBody.Write(_buffer, Header(MessageType.Signaling, length, Next(ref _signalingSequence), PtpHeader.NoInterval, UnicastFlag(to)), target);
        Counters.CountSent(MessageType.Signaling);
        _output.SendGeneral(_buffer.AsSpan(0, length), to);
    }
}
