namespace TimeSuite.Ptpd;

/// <summary>Why a port does not work, when it is tried again, and what of that is news.</summary>
internal sealed class PortTrouble
{
    private string? _last;

    /// <summary>How long after it stopped a port is opened anew.</summary>
    public static Duration RetryAfter { get; } = Duration.FromSeconds(4L);

    /// <summary>Why there are no sockets.</summary>
    public string Why => _last ?? "not started";

    /// <summary>When the port is to be opened anew; null: it is open.</summary>
    public Instant<Boot>? Retry { get; private set; }

    /// <summary>Opened anew after it did not work, and nothing has gone out yet: what it does meanwhile is not news.</summary>
    public bool IsOnTrial { get; private set; }

    /// <summary>It is opened now.</summary>
    public void Begin() => Retry = null;

    /// <summary>It is open.</summary>
    public void Opened() => _last = IsOnTrial ? _last : null;

    /// <summary>It does not work.</summary>
    /// <param name="why">In words.</param>
    /// <param name="wasOpen">It did, or was tried.</param>
    /// <param name="isUnusable">There is nothing to be tried on the interface.</param>
    /// <param name="now">The time.</param>
    /// <returns>Whether that is news.</returns>
    public bool Stopped(string why, bool wasOpen, bool isUnusable, Instant<Boot> now)
    {
        bool isNews = why != _last;
        (_last, IsOnTrial, Retry) = (why, wasOpen && !isUnusable, now + RetryAfter);
        return isNews;
    }

    /// <summary>Something has gone out: the trouble is over, and would be said again.</summary>
    /// <returns>Whether that is news.</returns>
    public bool Works()
    {
        bool isNews = IsOnTrial;
        if (isNews)
        {
            (_last, IsOnTrial) = (null, false);
        }

        return isNews;
    }
}
