namespace TimeSuite.Ptp;

/// <summary>The granting side of unicast negotiation (IEEE 1588-2019 clause 16.1): who gets which messages, until when, and whose turn it is.</summary>
/// <remarks>The table has a fixed size. A flood of requests fills what one address may have, and is answered so often and no more; what was granted to others goes on.</remarks>
internal sealed class UnicastServer
{
    private const int Counters = 256;

    private readonly UnicastLimits _limits;
    private readonly Grant[] _grants;
    private readonly Stack<int> _free;
    private readonly Dictionary<(PtpAddress, PortIdentity, MessageType), int> _places;
    private readonly Dictionary<PtpAddress, int> _ofAddress;
    private readonly PriorityQueue<int, Instant<Boot>> _turns;
    private readonly int[] _requests = new int[Counters];
    private long _second;
    private int _answered;
    private double _rate;
    private Instant<Boot>? _sweep;

    public UnicastServer(UnicastLimits limits)
    {
        _limits = limits;
        _grants = new Grant[limits.Grants];
        _free = new(Enumerable.Range(0, limits.Grants).Reverse());
        _places = new(limits.Grants);
        _ofAddress = new(limits.Grants);
        _turns = new(limits.Grants);
    }

    /// <summary>Grants that hold.</summary>
    public int Count => _places.Count;

    /// <summary>When <see cref="TryNext"/> has something to say; null: never.</summary>
    public Instant<Boot>? Wake => _turns.TryPeek(out _, out var due) ? _sweep is { } sweep && sweep < due ? sweep : due : _sweep;

    /// <summary>Whether a request may be looked at at all: false for those beyond what is answered in a second.</summary>
    public bool MayAsk(PtpAddress from, Instant<Boot> now)
    {
        if (now.SinceEpoch.WholeSeconds is var second && second != _second)
        {
            _second = second;
            _answered = 0;
            Array.Clear(_requests);
        }

        ref int ofAddress = ref _requests[unchecked((uint)HashCode.Combine(from.Bits)) % Counters]; // its seed is chance's: nobody chooses with whom he shares a count
        if (ofAddress >= _limits.RequestsOfAddress || _answered >= _limits.Requests)
        {
            return false;
        }

        ofAddress++;
        _answered++;
        return true;
    }

    /// <summary>Grants what is asked for, or denies it.</summary>
    public UnicastGrant Request(in UnicastRequest request, PortIdentity requester, PtpAddress from, Instant<Boot> now)
    {
        var denial = new UnicastGrant(request.Type, request.LogInterval, 0, MayRenew: false);
        if (request.Seconds == 0 || request.Type is not (MessageType.Announce or MessageType.Sync or MessageType.DelayResp or MessageType.PdelayResp)
            || request.LogInterval < _limits.FastestLogInterval || request.LogInterval > _limits.SlowestLogInterval)
        {
            return denial;
        }

        uint seconds = Math.Min(request.Seconds, _limits.Seconds);
        var key = (from, requester, request.Type);
        bool known = _places.TryGetValue(key, out int place);
        double rate = _rate - (known ? _grants[place].Rate : 0) + RateOf(request.LogInterval);
        if (rate > _limits.MessagesPerSecond)
        {
            return denial;
        }

        if (!known)
        {
            if (_free.Count == 0)
            {
                Sweep(now);
            }

            if (_free.Count == 0 || _ofAddress.GetValueOrDefault(from) >= _limits.GrantsOfAddress)
            {
                return denial;
            }

            place = _free.Pop();
            _places.Add(key, place);
            _ofAddress[from] = _ofAddress.GetValueOrDefault(from) + 1;
            _grants[place] = new() { Type = request.Type, Requester = requester, Address = from, Generation = unchecked(_grants[place].Generation + 1) };
        }

        ref var grant = ref _grants[place];
        bool another = grant.LogInterval != request.LogInterval || !known;
        (grant.LogInterval, grant.Until, grant.Rate, _rate) = (request.LogInterval, now + Duration.FromSeconds((long)seconds), RateOf(request.LogInterval), rate);
        _sweep ??= now + Duration.FromSeconds((long)_limits.Seconds);
        if (another && request.Type is MessageType.Announce or MessageType.Sync)
        {
            _turns.Remove(place, out _, out _);
            _turns.Enqueue(place, now);
        }

        return new(request.Type, request.LogInterval, seconds, MayRenew: true);
    }

    /// <summary>Whether responses to this port are granted.</summary>
    public bool IsGranted(MessageType type, PortIdentity requester, PtpAddress from, Instant<Boot> now) =>
        _places.TryGetValue((from, requester, type), out int place) && now < _grants[place].Until;

    /// <summary>Ends a grant.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Cancel(MessageType type, PortIdentity requester, PtpAddress from)
    {
        bool known = _places.TryGetValue((from, requester, type), out int place);
        if (known)
        {
            Free(place);
        }

        return known;
    }

    /// <summary>Forgets all: this port serves no more.</summary>
    public void Clear()
    {
        foreach (int place in _places.Values.ToList())
        {
            Free(place);
        }

        _sweep = null;
    }

    /// <summary>The next message that is due; call it until there is none, or until it is enough for once.</summary>
    /// <param name="now">The time.</param>
    /// <param name="turn">Whose turn it is, and what is sent.</param>
    public bool TryNext(Instant<Boot> now, out UnicastTurn turn)
    {
        if (_sweep is { } sweep && sweep <= now)
        {
            Sweep(now);
            _sweep = _places.Count == 0 ? null : now + Duration.FromSeconds((long)_limits.Seconds);
        }

        while (_turns.TryPeek(out int place, out var due) && due <= now)
        {
            ref var grant = ref _grants[place];
            if (grant.Until <= now)
            {
                Free(place);
                continue;
            }

            var interval = LogInterval.ToDuration(grant.LogInterval);
            _turns.DequeueEnqueue(place, now - due > interval ? now + interval : due + interval);
            turn = new(grant.Type, grant.Address, grant.Sequence, grant.LogInterval, place, grant.Generation);
            unchecked
            {
                grant.Sequence++;
            }

            return true;
        }

        turn = default;
        return false;
    }

    /// <summary>Where the Follow_Up of a Sync goes.</summary>
    /// <returns>False if the grant is over.</returns>
    public bool IsCurrent(in UnicastTurn turn) => _grants[turn.Place].Generation == turn.Generation && _places.ContainsKey(KeyOf(_grants[turn.Place]));

    private void Sweep(Instant<Boot> now)
    {
        foreach (int place in _places.Values.Where(place => _grants[place].Until <= now).ToList())
        {
            Free(place);
        }
    }

    private void Free(int place)
    {
        ref var grant = ref _grants[place];
        _places.Remove(KeyOf(grant));
        _turns.Remove(place, out _, out _);
        _rate -= grant.Rate;
        if (_ofAddress[grant.Address] == 1)
        {
            _ofAddress.Remove(grant.Address);
        }
        else
        {
            _ofAddress[grant.Address]--;
        }

        _free.Push(place);
    }

    private static (PtpAddress, PortIdentity, MessageType) KeyOf(in Grant grant) => (grant.Address, grant.Requester, grant.Type);

    private static double RateOf(sbyte logInterval) => Math.ScaleB(1, -logInterval); // messages a second

    private struct Grant
    {
        public MessageType Type;
        public PortIdentity Requester;
        public PtpAddress Address;
        public sbyte LogInterval;
        public ushort Sequence;
        public int Generation;
        public Instant<Boot> Until;
        public double Rate;
    }
}

/// <summary>A message that is due to a client.</summary>
/// <param name="Type">Announce or Sync.</param>
/// <param name="Address">Where it goes.</param>
/// <param name="Sequence">Of the message: each client's count.</param>
/// <param name="LogInterval">log2 s, as granted.</param>
/// <param name="Place">In the table.</param>
/// <param name="Generation">Of the place: another number, another grant.</param>
internal readonly record struct UnicastTurn(MessageType Type, PtpAddress Address, ushort Sequence, sbyte LogInterval, int Place, int Generation);
