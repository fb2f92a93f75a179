namespace TimeSuite.Ptp;

/// <summary>How a port asks masters for messages.</summary>
/// <param name="LogAnnounceInterval">log2 s.</param>
/// <param name="LogSyncInterval">log2 s.</param>
/// <param name="LogDelayInterval">log2 s between Delay_Resps.</param>
/// <param name="Seconds">For how long at a time.</param>
/// <param name="AsksDelayResp">End to end: the master answers our requests.</param>
internal readonly record struct UnicastTerms(sbyte LogAnnounceInterval, sbyte LogSyncInterval, sbyte LogDelayInterval, uint Seconds, bool AsksDelayResp);

/// <summary>The asking side of unicast negotiation (IEEE 1588-2019 clause 16.1): Announces from all configured masters, Sync and Delay_Resp from the one that is followed.</summary>
/// <remarks>So when that one dies the next best is known already, and only two requests away (threats.md row 70; linuxptp's test 29).</remarks>
internal sealed class UnicastClient
{
    /// <summary>Masters that may be configured: as many as a port remembers.</summary>
    public const int MostMasters = ForeignMasters.Limit;

    private const int Kinds = 3;
    private static readonly Duration Look = Duration.FromSeconds(1L);

    private readonly Master[] _masters;
    private readonly UnicastTerms _terms;
    private Instant<Boot>? _look;

    /// <param name="addresses">Of the masters, the preferred first.</param>
    /// <param name="terms">What is asked of them.</param>
    public UnicastClient(IReadOnlyList<PtpAddress> addresses, UnicastTerms terms)
    {
        _masters = [.. addresses.Take(MostMasters).Select(address => new Master { Address = address })];
        _terms = terms;
    }

    /// <summary>When <see cref="TryNext"/> has something to say; null: never.</summary>
    public Instant<Boot>? Wake
    {
        get
        {
            var wake = _look;
            foreach (var master in _masters)
            {
                for (int kind = 0; kind < Kinds; kind++)
                {
                    wake = Earliest(Earliest(wake, master.Contracts[kind].Ask), master.Contracts[kind].Cancel);
                }
            }

            return wake;
        }
    }

    /// <summary>log2 s between Announces: of the slowest master, for none shall be forgotten between two of its messages.</summary>
    public sbyte LogAnnounceInterval => _masters.Max(master => master.Contracts[0].IsWanted ? master.Contracts[0].LogInterval : _terms.LogAnnounceInterval);

    /// <summary>For people: each master, who it is, and what it has granted.</summary>
    public IEnumerable<(PtpAddress Address, PortIdentity? Identity, bool Announces, bool Syncs, bool Denies)> All(Instant<Boot> now) => _masters.Select(master => (
        master.Address, master.Identity, master.Contracts[0].IsGranted(now), master.Contracts[1].IsGranted(now), master.Contracts.Any(contract => contract.IsDenied)));

    /// <summary>Begins anew.</summary>
    public void Start(Instant<Boot> now)
    {
        foreach (var master in _masters)
        {
            Array.Clear(master.Contracts);
            master.Identity = null;
            master.Contracts[0].Want(_terms.LogAnnounceInterval, now);
        }

        _look = now + Look;
    }

    /// <summary>Asks nobody any more.</summary>
    public void Stop()
    {
        foreach (var master in _masters)
        {
            Array.Clear(master.Contracts);
        }

        _look = null;
    }

    /// <summary>Whether a message from there is of one of the masters.</summary>
    public bool Knows(PtpAddress from) => IndexOf(from) >= 0;

    /// <summary>The place of a master in the list: 0 for the preferred one.</summary>
    public int IndexOf(PtpAddress from) => Array.FindIndex(_masters, master => master.Address == from);

    /// <summary>Where a master is.</summary>
    /// <returns>None if it was not heard.</returns>
    public PtpAddress AddressOf(PortIdentity identity) => Array.Find(_masters, master => master.Identity == identity)?.Address ?? default;

    /// <summary>The time between the responses that the followed master grants, log2 s; null: it grants none.</summary>
    public sbyte? LogDelayInterval(PortIdentity followed, Instant<Boot> now) =>
        Array.Find(_masters, master => master.Identity == followed) is { } one && one.Contracts[2].IsGranted(now) ? one.Contracts[2].LogInterval : null;

    /// <summary>A message of a master came.</summary>
    public void Heard(PtpAddress from, PortIdentity source, MessageType type, Instant<Boot> now)
    {
        if (KindOf(type) is var kind and >= 0 && IndexOf(from) is var at and >= 0)
        {
            _masters[at].Contracts[kind].Heard(now);
            _masters[at].Identity = type == MessageType.Announce ? source : _masters[at].Identity;
        }
    }

    /// <summary>Takes another master to follow, or none: what the others send beside Announces is cancelled.</summary>
    public void Follow(PortIdentity? followed, Instant<Boot> now)
    {
        foreach (var master in _masters)
        {
            bool chosen = followed is { } identity && master.Identity == identity;
            for (int kind = 1; kind < Kinds; kind++)
            {
                if (!chosen)
                {
                    master.Contracts[kind].Drop(now);
                }
                else if (kind == 1 || _terms.AsksDelayResp)
                {
                    master.Contracts[kind].Want(kind == 1 ? _terms.LogSyncInterval : _terms.LogDelayInterval, now);
                }
            }
        }
    }

    /// <summary>The followed master has fallen silent: if it is only that it was started anew, it is to hear of us.</summary>
    public void Lost(PortIdentity lost, Instant<Boot> now)
    {
        if (Array.Find(_masters, master => master.Identity == lost) is { } one)
        {
            for (int kind = 0; kind < Kinds; kind++)
            {
                one.Contracts[kind].Lost(now);
            }
        }
    }

    /// <summary>A grant, or a denial.</summary>
    /// <returns>False if it answers nothing.</returns>
    public bool Take(in UnicastGrant grant, PtpAddress from, Instant<Boot> now)
    {
        if (KindOf(grant.Type) is not (var kind and >= 0) || IndexOf(from) is not (var at and >= 0) || !_masters[at].Contracts[kind].IsWanted)
        {
            return false;
        }

        _masters[at].Contracts[kind].Take(grant, _terms.Seconds, now);
        return true;
    }

    /// <summary>The master cancels, or acknowledges that we do.</summary>
    /// <returns>Whether it is to be acknowledged.</returns>
    public bool Take(in UnicastCancel cancel, PtpAddress from, Instant<Boot> now)
    {
        if (KindOf(cancel.Type) is not (var kind and >= 0) || IndexOf(from) is not (var at and >= 0))
        {
            return false;
        }

        if (cancel.IsAcknowledgement)
        {
            _masters[at].Contracts[kind].Acknowledged();
            return false;
        }

        _masters[at].Contracts[kind].Cancelled(now);
        return true;
    }

    /// <summary>The next message that is to be sent now; call it until there is none.</summary>
    /// <param name="now">The time.</param>
    /// <param name="to">Where.</param>
    /// <param name="target">Whom.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="cancel">What is cancelled; null: something is asked for.</param>
    public bool TryNext(Instant<Boot> now, out PtpAddress to, out PortIdentity target, out UnicastRequest request, out UnicastCancel? cancel)
    {
        if (_look is { } look && look <= now)
        {
            _look = now + Look;
            foreach (var master in _masters)
            {
                for (int kind = 0; kind < Kinds; kind++)
                {
                    master.Contracts[kind].Watch(now);
                }
            }
        }

        (request, cancel) = (default, null);
        foreach (var master in _masters)
        {
            (to, target) = (master.Address, master.Identity ?? PortIdentity.All);
            for (int kind = 0; kind < Kinds; kind++)
            {
                if (master.Contracts[kind].Cancel is { } due && due <= now)
                {
                    master.Contracts[kind].MakeCancel(now);
                    cancel = new(TypeOf(kind), IsAcknowledgement: false, KeepsRequest: false, KeepsGrant: true);
                    return true;
                }

                if (master.Contracts[kind].Ask is { } ask && ask <= now)
                {
                    request = master.Contracts[kind].MakeRequest(TypeOf(kind), _terms.Seconds, now);
                    return true;
                }
            }
        }

        (to, target) = (default, default);
        return false;
    }

    private static Instant<Boot>? Earliest(Instant<Boot>? a, Instant<Boot>? b) => a is { } first && (b is not { } second || first <= second) ? a : b;

    private static int KindOf(MessageType type) => type switch
    {
        MessageType.Announce => 0,
        MessageType.Sync => 1,
        MessageType.DelayResp => 2,
        _ => -1,
    };

    private static MessageType TypeOf(int kind) => kind switch { 0 => MessageType.Announce, 1 => MessageType.Sync, _ => MessageType.DelayResp };

    private sealed class Master
    {
        public PtpAddress Address { get; init; }

        public PortIdentity? Identity { get; set; }

        public UnicastContract[] Contracts { get; } = new UnicastContract[Kinds];
    }
}
