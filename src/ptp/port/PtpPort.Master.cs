namespace TimeSuite.Ptp;

/// <content>A port that serves: Announce and Sync out, Delay_Req in.</content>
public sealed partial class PtpPort
{
    private const double MostPpm = 1000;
    private static readonly Duration RateSpan = Duration.FromSeconds(4L);

    private (Instant<Local> Stamp, Instant<Tai> Time)? _rateSince;
    private FrequencyOffset _servedRate;
    private (uint Count, Duration Sum)? _steps;
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

    private void SendAnnounce(ushort sequence, sbyte logInterval, Destination to)
    {
        if (!IsCapable || _instance.HasNothingToSay)
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

        if (_settings.Power is { } own)
        {
            var power = _instance.IsGrandmaster ? own with { Grandmaster = _instance.OwnInaccuracy } : (_instance.Power ?? own with { Network = Duration.Zero }).Beyond(own.Network);
            (power with { Version = own.Version }).Write(_buffer.AsSpan(length));
            length += PowerProfile.Size;
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
        }.Write(_buffer, Header(MessageType.Announce, length, sequence, logInterval, _instance.Time.Flags | UnicastFlag(to)));
        Counters.CountSent(MessageType.Announce);
        _output.SendGeneral(_buffer.AsSpan(0, length), to);
    }

    private static PtpFlags UnicastFlag(Destination to) => to.IsUnicast ? PtpFlags.Unicast : PtpFlags.None;

    private void SendSync(ushort sequence, sbyte logInterval, Destination to, TransmitTicket ticket)
    {
        var origin = default(Instant<Tai>);
        if (!IsCapable || _instance.HasNothingToSay || (_settings.OneStepSync && !(_time.Now is { } now && _time.TryToTai(now, out origin))))
        {
            return; // in one step there is no Follow_Up to leave out while the time is not known
        }

        var message = _buffer.AsSpan(0, TimestampBody.Size);
        var header = Header(MessageType.Sync, TimestampBody.Size, sequence, logInterval, (_settings.OneStepSync ? PtpFlags.None : PtpFlags.TwoStep) | UnicastFlag(to));
        var beyondStamp = _settings.OneStepSync ? TimeInterval.FromDuration(_settings.EgressLatency) : TimeInterval.Zero; // the hardware writes its own stamp
        TimestampBody.Write(message, header with { Correction = beyondStamp }, origin);
        Counters.CountSent(MessageType.Sync);
        _output.SendEvent(message, to, ticket);
    }

    private void SendFollowUp(ushort sequence, Instant<Local> stamp, sbyte logInterval, Destination to)
    {
        if (State != PortState.Master || !_time.TryToTai(stamp, out var time))
        {
            return;
        }

        int length = TimestampBody.Size;
        if (_settings.FollowUpInformation)
        {
            _instance.CumulativeRate = RateOfServed(stamp, time);
            TellSteps();
            new FollowUpInformation(_instance.CumulativeRate, _instance.TimeBase).Write(_buffer.AsSpan(length));
            length += FollowUpInformation.Size;
        }

        TimestampBody.Write(_buffer, Header(MessageType.FollowUp, length, sequence, logInterval, UnicastFlag(to)), time);
        Counters.CountSent(MessageType.FollowUp);
        _output.SendGeneral(_buffer.AsSpan(0, length), to);
    }

    /// <summary>
    /// How much faster what is served runs than the clock of our stamps, by which our neighbours measure rates: the grandmaster's rate against ours, for the one is made to run as the other. Zero until it is known.
    /// </summary>
    private FrequencyOffset RateOfServed(Instant<Local> stamp, Instant<Tai> time)
    {
        if (_rateSince is not { } since || stamp < since.Stamp)
        {
            (_rateSince, _servedRate) = ((stamp, time), FrequencyOffset.Zero);
        }
        else if (stamp - since.Stamp is var span && span >= RateSpan)
        {
            var gained = time - since.Time - span;
            bool isRate = gained.Magnitude <= span.At(FrequencyOffset.FromPpm(MostPpm)); // beyond it is a step
            (_rateSince, _servedRate) = ((stamp, time), isRate ? FrequencyOffset.FromFraction(gained.Seconds / span.Seconds) : _servedRate);
        }

        return _servedRate;
    }

    /// <summary>A grandmaster's time base is another one after a step. Each of its ports may have a clock of its own, and all are stepped: that of the first one that serves counts.</summary>
    private void TellSteps()
    {
        var (before, now) = (_steps, _time.Steps);
        _steps = now;
        if (before is { } known && now.Count != known.Count && _instance.IsGrandmaster && _instance.IsFirstMaster(this))
        {
            _instance.Stepped(now.Sum - known.Sum);
        }
    }

    private void OnDelayReq(in PtpHeader request, Instant<Local> stamp, PtpAddress from, Instant<Boot> now)
    {
        if (State != PortState.Master || Mechanism != DelayMechanism.E2E)
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
        if (!_settings.Multicast && _server?.IsGranted(MessageType.DelayResp, request.Source, from, now) != true)
        {
            Counters.Count(Drop.NotNow); // it was not granted
            return;
        }

        var header = Header(MessageType.DelayResp, ResponseBody.Size, request.Sequence, unicast ? PtpHeader.NoInterval : _settings.LogMinDelayReqInterval, unicast ? PtpFlags.Unicast : PtpFlags.None);
        var message = _buffer.AsSpan(0, ResponseBody.Size);
        new ResponseBody(time, request.Source).Write(message, header with { Correction = request.Correction }, fractionSign: -1);
        Counters.CountSent(MessageType.DelayResp);
        _output.SendGeneral(message, unicast ? new(false, from) : Destination.Group);
    }
}
