using System.Net;
using Microsoft.Extensions.Logging;
using TimeSuite.Config;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Sources;

/// <summary>Addresses that have been silent for long.</summary>
internal sealed partial class SourceSet
{
    /// <summary>Polls without an answer after which an address is taken for dead.</summary>
    private const int DeadAfter = 8;

    private static readonly Duration DeadCheckInterval = Duration.FromSeconds(256L);

    /// <summary>An address that has been silent for long: a pool has others, and a server's name may point elsewhere by now. It stays until there is one.</summary>
    private void ReplaceDead(Instant<Raw> now)
    {
        foreach (var source in _sources)
        {
            if (source is { IsOnline: true, IsResolving: false, Config.Nts: false } && source.DeadCheckAt <= now && source.Sessions.Exists(IsDead) && !IPAddress.TryParse(source.Config.Name, out _))
            {
                source.DeadCheckAt = now + DeadCheckInterval;
                Resolve(source);
            }
        }
    }

    private static bool IsDead(SourceSession session) => session.Association.IsOnline && session.Association.Unanswered >= DeadAfter;

    /// <summary>Makes room for addresses that were just found.</summary>
    private void DropDead(ConfiguredSource source, IReadOnlyList<IPAddress> found, int fresh, Instant<Raw> now)
    {
        bool isPool = source.Config.Kind == SourceConfig.SourceKind.Pool;
        foreach (var session in source.Sessions.FindAll(IsDead).Take(fresh))
        {
            if (isPool || !found.Contains(session.Address.ToIPAddress()))
            {
                LogDead(log, source.Config.Name, session.Address.ToString());
                Drop(source, session, now, avoid: isPool);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Source {Name}: {Address} has not answered for long; another address takes its place")]
    private static partial void LogDead(ILogger log, string name, string address);
}
