namespace TimeSuite.Ptp;

/// <content>A port that follows: Sync in, Delay_Req out.</content>
public sealed partial class PtpPort
{
    private readonly SyncReceiver _syncs = new();
    private readonly DelayRequester _delays = new();
    private PortIdentity? _followed;
    private PtpAddress _masterAddress;
    private sbyte _logDelayReq;

    /// <summary>log2 s between Delay_Reqs, as the master allows or the configuration says, whichever is slower.</summary>
    public sbyte LogDelayReqInterval => _logDelayReq;

    /// <summary>The master that this port follows.</summary>
    public PortIdentity? Followed => _followed;

    private void OnSync(in PtpHeader header, ReadOnlySpan<byte> message, Instant<Local> stamp, PtpAddress from, Instant<Boot> now)
    {
        if (!IsFromMaster(header))
        {
            return;
        }

        if (!TimestampBody.TryParse(message, out var origin))
        {
            Counters.Count(Drop.Implausible);
            return;
        }

        _masterAddress = from;
        if (header.LogInterval is >= -SlowestLog and <= SlowestLog)
        {
            _masterLogSync = header.LogInterval;
        }

        ExpectSync(now);
        if (_syncs.Sync(header, origin, stamp, _settings.DelayAsymmetry, out var pair))
        {
            Hand(pair, now);
        }
    }

    private void OnFollowUp(in PtpHeader header, ReadOnlySpan<byte> message, Instant<Boot> now)
    {
        if (!IsFromMaster(header))
        {
            return;
        }

        if (!TimestampBody.TryParse(message, out var origin))
        {
            Counters.Count(Drop.Implausible);
            return;
        }

        if (_settings.FollowUpInformation && FollowUpInformation.TryFind(message, header, out var told))
        {
            _instance.Told = told;
        }

        if (_syncs.FollowUp(header, origin, _settings.DelayAsymmetry, out var pair))
        {
            Hand(pair, now);
        }
    }

    private bool IsFromMaster(in PtpHeader header)
    {
        if (!State.Follows() || !IsCapable)
        {
            Counters.Count(Drop.NotNow);
            return false;
        }

        if (_followed is null && _settings.Role == PortRole.Slave)
        {
            if (!Accepts(_settings.AcceptableMasters, header.Source.Clock))
            {
                Counters.Count(Drop.NotAcceptable);
                return false;
            }

            _followed = header.Source; // no Announce says who it is: the first that speaks
            _instance.Follow(header.Source);
        }

        bool ours = header.Source == _followed;
        if (!ours)
        {
            Counters.Count(Drop.NotOurMaster);
        }

        return ours;
    }

    private void OnDelayResp(in PtpHeader header, ReadOnlySpan<byte> message)
    {
        if (!State.Follows() || Mechanism != DelayMechanism.E2E)
        {
            Counters.Count(Drop.NotNow);
        }
        else if (header.Source != _followed)
        {
            Counters.Count(Drop.NotOurMaster);
        }
        else if (!ResponseBody.TryParse(message, out var body))
        {
            Counters.Count(Drop.Implausible);
        }
        else if (body.Requester != Identity)
        {
            // It answers another slave: no drop, just not ours.
        }
        else if (!_delays.Awaits(header.Sequence))
        {
            Counters.Count(Drop.Unmatched); // not even its interval is taken
        }
        else
        {
            if (header.LogInterval is >= -SlowestLog and <= SlowestLog)
            {
                _logDelayReq = Math.Max(header.LogInterval, _settings.LogMinDelayReqInterval); // the master's wish, if it is the slower
            }

            if (_delays.Response(header, body.Timestamp, _settings.DelayAsymmetry, out var pair))
            {
                Hand(pair);
            }
        }
    }

    private void SendDelayReq()
    {
        bool unicast = (_settings.UnicastDelay || _client is not null) && _masterAddress.Kind != PtpAddressKind.None;
        ushort sequence = _delays.Begin();
        var message = _buffer.AsSpan(0, TimestampBody.Size);
        TimestampBody.Write(message, Header(MessageType.DelayReq, TimestampBody.Size, sequence, PtpHeader.NoInterval, unicast ? PtpFlags.Unicast : PtpFlags.None), default);
        Counters.CountSent(MessageType.DelayReq);
        _output.SendEvent(message, unicast ? new(false, _masterAddress) : Destination.Group, new(MessageType.DelayReq, sequence));
    }

    // Anywhere within twice the interval, so that slaves do not all ask at once (clause 9.5.11.2).
    private void ScheduleDelayReq(Instant<Boot> now) => _delayDue = now + LogInterval.ToDuration(_logDelayReq).Times(2 * _instance.Chance());

    private void ExpectSync(Instant<Boot> now) =>
        _syncTimeout = _settings.SyncReceiptTimeout > 0 && State.Follows() ? now + ReceivedSyncInterval.Times(_settings.SyncReceiptTimeout) : null;
}
