using TimeSuite.Config;
using TimeSuite.Linux;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Sources;

/// <summary>One [[source]]: a name with the addresses behind it, of which one (server) or some (pool) are used.</summary>
internal sealed class ConfiguredSource(SourceConfig config)
{
    private static readonly Duration FirstRetry = Duration.FromSeconds(2L), LastRetry = Duration.FromSeconds(512L);

    /// <summary>Between key exchanges: they cost a server a thousand times what a reply costs.</summary>
    private static readonly Duration FirstExchangeRetry = Duration.FromSeconds(16L), LastExchangeRetry = Duration.FromSeconds(1L << 17);

    private Duration _retry = FirstRetry, _exchangeRetry = FirstExchangeRetry;

    public SourceConfig Config { get; set; } = config;

    public List<SourceSession> Sessions { get; } = [];

    /// <summary>Addresses that were bad or told us to go away; they are taken again only when there is no other.</summary>
    public HashSet<DatagramAddress> Avoided { get; } = [];

    public bool IsOnline { get; set; } = !config.Offline;

    /// <summary>Added by timectl, not by the file: a reload leaves it alone.</summary>
    public bool IsOfRunTime { get; init; }

    /// <summary>Not before this are addresses looked up again because one is dead.</summary>
    public Instant<Raw> DeadCheckAt { get; set; }

    /// <summary>When to ask for addresses; null while none are needed or the question is under way.</summary>
    public Instant<Raw>? ResolveAt { get; set; }

    public bool IsResolving { get; set; }

    /// <summary><see cref="ResolveAt"/>, if the question can be asked and there is still one: what was wanted may have come in the meantime.</summary>
    public Instant<Raw>? ResolveDue => IsOnline && !IsResolving && Sessions.Count < Wanted ? ResolveAt : null;

    /// <summary>When new NTS keys are to be fetched for a server that we have; null: none are needed, or they are being fetched.</summary>
    public Instant<Raw>? KeysDue
    {
        get
        {
            var wanted = IsOnline && !IsResolving ? Sessions.Min(session => session.Association.KeysWantedAt) : null;
            return wanted is { } at && NoExchangeBefore is { } pause && at < pause ? pause : wanted;
        }
    }

    /// <summary>The clock, which nobody has set yet, contradicts the certificates: keys are exchanged all the same, and what the server says counts when others agree.</summary>
    public bool DefersPeriod { get; set; }

    /// <summary>The pause after a key exchange, whatever came of it.</summary>
    public Instant<Raw>? NoExchangeBefore { get; private set; }

    /// <summary>The last key exchange.</summary>
    public Instant<Raw>? ExchangedAt { get; private set; }

    /// <summary>Why there are no addresses, in words.</summary>
    public string? ResolveFailure { get; set; }

    public int Wanted => Config.Kind == SourceConfig.SourceKind.Pool ? Config.MaxSources : 1;

    /// <summary>The name did not resolve or gave nothing new: when to ask again, later each time.</summary>
    public void ResolveLater(Instant<Raw> now)
    {
        ResolveAt = now + _retry;
        _retry = Duration.Min(_retry.Times(2), LastRetry);
    }

    /// <summary>A key exchange begins: the pause until another one is longer each time, until keys have proved good.</summary>
    public void BeginExchange(Instant<Raw> now)
    {
        _exchangeRetry = Sessions.Exists(session => session.KeysAreProven) ? FirstExchangeRetry : _exchangeRetry;
        NoExchangeBefore = now + _exchangeRetry;
        ExchangedAt = now;
        _exchangeRetry = Duration.Min(_exchangeRetry.Times(2), LastExchangeRetry);
    }

    /// <summary>The network has changed, or addresses were found.</summary>
    public void ResetRetry() => (_retry, _exchangeRetry, NoExchangeBefore) = (FirstRetry, FirstExchangeRetry, null);
}
