namespace TimeSuite.Ntp;

/// <summary>When a server without a source of time is one itself.</summary>
public sealed record LocalReferenceOptions
{
    /// <summary>1 to 15: what it then says.</summary>
    public int Stratum { get; init; } = 10;

    /// <summary>A clock that is further from its reference than this is as good as none.</summary>
    public Duration Distance { get; init; } = Duration.FromSeconds(1L);

    /// <summary>Not before the clock was nearer to a reference than this once. Null: at once.</summary>
    public Duration? Activate { get; init; }

    /// <summary>Not before there was none for so long.</summary>
    public Duration Wait { get; init; }
}

/// <summary>Whether we are our own reference now, from how far the clock was from others since the start.</summary>
public sealed class LocalReference
{
    private Instant<Raw>? _since; // without a reference since
    private bool _wasGood;

    /// <summary>May change at any time.</summary>
    public LocalReferenceOptions Options { get; set; } = new();

    public bool IsActive { get; private set; }

    /// <summary>When that will change if nothing else does; null: not by itself.</summary>
    public Instant<Raw>? Due => !IsActive && _since is { } since && IsAllowed ? since + Options.Wait : null;

    private bool IsAllowed => Options.Activate is null || _wasGood;

    /// <summary>The clock was looked at.</summary>
    /// <param name="now">When.</param>
    /// <param name="distance">Root distance: half the root delay and the dispersion. Null: not synchronised.</param>
    public void Update(Instant<Raw> now, Duration? distance)
    {
        _wasGood |= distance is { } near && near < (Options.Activate ?? Duration.Zero);
        _since = distance is { } good && good <= Options.Distance ? null : _since ?? now;
        IsActive = _since is { } since && IsAllowed && now - since >= Options.Wait;
    }
}
