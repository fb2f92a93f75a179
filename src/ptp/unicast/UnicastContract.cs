namespace TimeSuite.Ptp;

/// <summary>Messages of one type from one master: asked for, granted, renewed before the grant ends, asked for again when they stay out.</summary>
internal struct UnicastContract
{
    private const int MostSlower = 4, PatientAsks = 3, MaxBackoff = 4, CancelRepeats = 3;

    private static readonly Duration BetweenAsks = Duration.FromSeconds(1L), AfterDenial = Duration.FromSeconds(10L), Grace = Duration.FromSeconds(2L);

    private sbyte _configured;
    private int _slower, _unanswered, _cancelsLeft;
    private Instant<Boot> _until, _heard;

    /// <summary>The messages are wanted.</summary>
    public bool IsWanted { get; private set; }

    /// <summary>log2 s between the messages that are granted.</summary>
    public sbyte LogInterval { get; private set; }

    /// <summary>When to ask, again or for the first time; null: never.</summary>
    public Instant<Boot>? Ask { get; private set; }

    /// <summary>The last answer was no.</summary>
    public bool IsDenied { get; private set; }

    /// <summary>Whether the messages are due to us at this time.</summary>
    public readonly bool IsGranted(Instant<Boot> now) => IsWanted && now < _until;

    /// <summary>Begins to want them.</summary>
    public void Want(sbyte logInterval, Instant<Boot> now)
    {
        if (!IsWanted)
        {
            this = new() { IsWanted = true, LogInterval = logInterval, Ask = now, _configured = logInterval, _until = now };
        }
    }

    /// <summary>When to cancel what is not wanted any more, again or for the first time; null: never.</summary>
    public Instant<Boot>? Cancel { get; private set; }

    /// <summary>Wants them no more: what is granted is cancelled.</summary>
    public void Drop(Instant<Boot> now)
    {
        if (IsWanted)
        {
            bool granted = IsGranted(now);
            this = new() { Cancel = granted ? now : null, _cancelsLeft = granted ? CancelRepeats : 0 };
        }
    }

    /// <summary>Cancels, and will do so again unless it is acknowledged: three times at most, for then the grant ends by itself.</summary>
    public void MakeCancel(Instant<Boot> now) => Cancel = --_cancelsLeft > 0 ? now + BetweenAsks : null;

    /// <summary>The master has heard it.</summary>
    public void Acknowledged() => Cancel = null;

    /// <summary>What is to be asked for now.</summary>
    /// <param name="type">Of the messages.</param>
    /// <param name="seconds">For how long.</param>
    /// <param name="now">The time.</param>
    public UnicastRequest MakeRequest(MessageType type, uint seconds, Instant<Boot> now)
    {
        // A master that is not there is asked three times in three seconds, and then every 16 s: it may come back.
        Ask = now + BetweenAsks.Times(_unanswered < PatientAsks ? 1 : 1 << Math.Min(_unanswered - PatientAsks + 1, MaxBackoff));
        _unanswered++;
        return new(type, (sbyte)(_configured + _slower), seconds);
    }

    /// <summary>The answer to the last request.</summary>
    public void Take(in UnicastGrant grant, uint asked, Instant<Boot> now)
    {
        _unanswered = 0;
        IsDenied = grant.Seconds == 0 || grant.LogInterval is < -10 or > 10;
        if (IsDenied)
        {
            // Perhaps it was too often for this master: less often will do, until all was tried.
            _slower = _slower == MostSlower ? 0 : _slower + 1;
            Ask = now + (_slower == 0 ? AfterDenial : BetweenAsks);
            _until = now;
            return;
        }

        long seconds = Math.Min(grant.Seconds, asked);
        LogInterval = grant.LogInterval;
        (_until, _heard) = (now + Duration.FromSeconds(seconds), now);
        Ask = now + Duration.FromSeconds(Math.Max(1L, seconds * 3 / 4)); // a quarter is left for answers that get lost
    }

    /// <summary>The master ends it.</summary>
    public void Cancelled(Instant<Boot> now)
    {
        if (IsWanted)
        {
            (_until, Ask) = (now, now + AfterDenial);
        }
    }

    /// <summary>One of the messages came.</summary>
    public void Heard(Instant<Boot> now) => _heard = now;

    /// <summary>The messages stay out although they are granted: the master was started anew and knows nothing of it, or is gone.</summary>
    public void Watch(Instant<Boot> now)
    {
        var silence = Ptp.LogInterval.ToDuration(LogInterval).Times(8) + Grace;
        if (IsGranted(now) && now - _heard > silence)
        {
            Lost(now);
        }
    }

    /// <summary>Asks anew at once.</summary>
    public void Lost(Instant<Boot> now)
    {
        if (IsWanted)
        {
            (_until, Ask, _unanswered) = (now, now, 0);
        }
    }
}
