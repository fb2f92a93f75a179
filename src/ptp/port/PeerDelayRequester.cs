namespace TimeSuite.Ptp;

/// <summary>The asking end of the peer delay mechanism (IEEE 1588-2019 clause 11.4; neighbour rate: IEEE 802.1AS-2020 clause 11.2.19).</summary>
internal sealed class PeerDelayRequester
{
    private const int RateSpan = 8; // exchanges over which the neighbour's rate is taken
    private const double LargestRate = 1e-3; // beyond that no clock runs: one of the two was set

    private readonly (Instant<Tai> Neighbor, Instant<Local> Here)[] _history = new (Instant<Tai>, Instant<Local>)[RateSpan];
    private Exchange _now;
    private ushort _sequence;
    private int _known;
    private PortIdentity _neighbor;

    /// <summary>Exchanges in a row that got no whole answer.</summary>
    public int Lost { get; private set; }

    /// <summary>More than one answered the last request: this is no point-to-point link.</summary>
    public bool SeveralAnswered { get; private set; }

    /// <summary>Why what was taken last gives nothing; null: it does, or its other half is awaited.</summary>
    public Drop? Dropped { get; private set; }

    /// <summary>Begins an exchange; an unfinished one is lost.</summary>
    /// <returns>Its sequence number.</returns>
    public ushort Begin()
    {
        if (_now.Open)
        {
            Lost++;
        }

        unchecked
        {
            _sequence++;
        }

        _now = new() { Open = true };
        SeveralAnswered = false;
        return _sequence;
    }

    /// <summary>Forgets what is under way, and what the neighbour's rate is taken from.</summary>
    public void Forget() => (_now, _known) = (default, 0);

    /// <summary>The request's stamp.</summary>
    public bool Sent(ushort sequence, Instant<Local> stamp, out PeerDelayMeasurement measurement)
    {
        (measurement, Dropped) = (default, null);
        if (sequence != _sequence || _now.Sent is not null)
        {
            return false;
        }

        _now.Sent = stamp;
        return TryFinish(out measurement);
    }

    /// <summary>The response, whose requester is this port.</summary>
    public bool Response(in PtpHeader header, in ResponseBody body, Instant<Local> received, out PeerDelayMeasurement measurement)
    {
        measurement = default;
        if (!IsAwaited(header) || _now.Received is not null)
        {
            Dropped = Drop.Unmatched;
            return false;
        }

        _now.Received = received;
        _now.RequestReceipt = body.Timestamp;
        _now.Correction += header.Correction;
        if (!header.Is(PtpFlags.TwoStep))
        {
            (_now.ResponseOrigin, _now.IsOneStep) = (body.Timestamp, true); // the correction alone tells how long the request lay there
        }

        return TryFinish(out measurement);
    }

    /// <summary>The response's follow-up, whose requester is this port.</summary>
    public bool FollowUp(in PtpHeader header, in ResponseBody body, out PeerDelayMeasurement measurement)
    {
        measurement = default;
        if (!IsAwaited(header) || _now.ResponseOrigin is not null)
        {
            Dropped = Drop.Unmatched;
            return false;
        }

        _now.ResponseOrigin = body.Timestamp;
        _now.Correction += header.Correction;
        return TryFinish(out measurement);
    }

    private bool IsAwaited(in PtpHeader header)
    {
        Dropped = null;
        return header.Sequence == _sequence && IsFromOne(header.Source) && _now.Open;
    }

    private bool IsFromOne(PortIdentity source)
    {
        if (_now.Responder is { } first && first != source)
        {
            SeveralAnswered = true;
            _now = default;
        }

        if (SeveralAnswered)
        {
            return false;
        }

        _now.Responder = source;
        return true;
    }

    private bool TryFinish(out PeerDelayMeasurement measurement)
    {
        measurement = default;
        if (!_now.Open || _now is not { Sent: { } sent, Received: { } received, RequestReceipt: { } requested, ResponseOrigin: { } responded, Responder: { } neighbor })
        {
            return false;
        }

        if (!_now.Correction.IsRepresentable)
        {
            Dropped = Drop.Implausible;
            return false;
        }

        var there = responded - requested + _now.Correction.ToDuration();
        var here = received - sent;
        bool tellsTimes = !_now.IsOneStep && (requested != default || responded != default); // else the corrections alone tell how long the request lay there (clause 11.4.2)
        var rate = tellsTimes ? NeighborRate(neighbor, responded, received) : FrequencyOffset.Zero;
        _now = default;
        Lost = 0;
        if (rate.Magnitude.Fraction > LargestRate)
        {
            _known = 0; // the next one begins anew
            Dropped = Drop.Implausible;
            return false;
        }

        measurement = new((here + here.At(rate) - there).Half(), rate, received, neighbor);
        return true;
    }

    private FrequencyOffset NeighborRate(PortIdentity neighbor, Instant<Tai> there, Instant<Local> here)
    {
        if (neighbor != _neighbor)
        {
            _neighbor = neighbor;
            _known = 0;
        }

        var rate = FrequencyOffset.Zero;
        if (_known > 0)
        {
            var (firstThere, firstHere) = _history[_known < RateSpan ? 0 : _known % RateSpan];
            double span = (here - firstHere).Seconds;
            rate = span > 0 ? FrequencyOffset.FromFraction((there - firstThere - (here - firstHere)).Seconds / span) : rate;
        }

        _history[_known % RateSpan] = (there, here);
        _known = _known == 2 * RateSpan - 1 ? RateSpan : _known + 1;
        return rate;
    }

    private struct Exchange
    {
        public bool Open, IsOneStep;
        public Instant<Local>? Sent, Received;
        public Instant<Tai>? RequestReceipt, ResponseOrigin;
        public PortIdentity? Responder;
        public TimeInterval Correction;
    }
}
