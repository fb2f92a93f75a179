using TimeSuite.Config;
using TimeSuite.Linux;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Sources;

/// <summary>One [[source]]: a name with the addresses behind it, of which one (server) or some (pool) are used.</summary>
internal sealed class ConfiguredSource(SourceConfig config)
{
    private static readonly Duration FirstRetry = Duration.FromSeconds(2L), LastRetry = Duration.FromSeconds(512L);

    private Duration _retry = FirstRetry;

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

    /// <summary><see cref="ResolveAt"/>, if the question can be asked.</summary>
    public Instant<Raw>? ResolveDue => IsOnline && !IsResolving ? ResolveAt : null;

    /// <summary>Why there are no addresses, in words.</summary>
    public string? ResolveFailure { get; set; }

    public int Wanted => Config.Kind == SourceConfig.SourceKind.Pool ? Config.MaxSources : 1;

    /// <summary>The name did not resolve or gave nothing new: when to ask again, later each time.</summary>
    public void ResolveLater(Instant<Raw> now)
    {
        ResolveAt = now + _retry;
        _retry = Duration.Min(_retry.Times(2), LastRetry);
    }

    /// <summary>The network has changed, or addresses were found.</summary>
    public void ResetRetry() => _retry = FirstRetry;
}
