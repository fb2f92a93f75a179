using Microsoft.Extensions.Logging;
using TimeSuite.Linux;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Sources;

/// <summary>Sources under NTS: who the server is comes out of the key exchange, together with what is needed to ask it. Never is one asked without.</summary>
internal sealed partial class SourceSet
{
    private void ExchangeKeys(ConfiguredSource source)
    {
        if (exchange is null)
        {
            source.IsResolving = false;
            source.ResolveFailure = "no key exchange here";
            return;
        }

        source.BeginExchange(clocks.Raw());
        var have = source.Sessions.Where(session => session.Association.KeysWantedAt is null).Select(session => session.NtsName).ToList();
        var time = Knowledge();
        exchange.Establish(source.Config, have, source.DefersPeriod && !time.IsTrusted ? null : time.Now, answer => post(() => OnKeys(source, answer)));
    }

    private void OnKeys(ConfiguredSource source, NtsAnswer answer)
    {
        source.IsResolving = false;
        var now = clocks.Raw();
        switch (answer)
        {
            case NtsAnswer.Established late when !_sources.Contains(source):
                late.Client.Dispose();
                return;
            case NtsAnswer.Established established:
                source.ResolveFailure = null;
                if (established.IsKept)
                {
                    source.ResetRetry(); // no server was bothered
                }

                if (TryTake(source, established, now) && source.Sessions.Count < source.Wanted)
                {
                    source.ResetRetry();
                    source.ResolveAt = now; // the next member of the pool
                    return;
                }

                break;
            case NtsAnswer.Failed failed:
                if (source.ResolveFailure != failed.Why)
                {
                    LogNoKeys(log, source.Config.Name, failed.Why);
                }

                source.ResolveFailure = failed.Why;
                if (failed.IsPeriod && !source.DefersPeriod && !Knowledge().IsTrusted)
                {
                    LogDeferred(log, source.Config.Name);
                    source.DefersPeriod = true;
                    source.ResetRetry();
                    source.ResolveAt = now;
                    return;
                }

                if (failed.IsLocal)
                {
                    source.ResetRetry();
                    source.ResolveLater(now);
                    return;
                }

                break;
        }

        if (source.Sessions.Count < source.Wanted)
        {
            source.ResolveAt = source.NoExchangeBefore ?? now;
        }
    }

    /// <summary>Gives the keys to whom they are for: a server that we have, or a new one, in the place of one that has no keys if there is no other.</summary>
    /// <returns>Whether it is a new one.</returns>
    private bool TryTake(ConfiguredSource source, NtsAnswer.Established established, Instant<Raw> now)
    {
        var address = DatagramAddress.From(established.Address, established.Port);
        var knowledge = Knowledge();
        bool fits = established.Period.Holds(knowledge.Now);
        if (!fits && knowledge.IsTrusted)
        {
            established.Client.Dispose(); // kept ones, or the clock was set in the meantime: the next exchange says more
            return false;
        }

        var since = established.IsKept ? now - Duration.Max(Duration.Zero, knowledge.Now - established.At) : now;
        if (source.Sessions.Find(session => session.Address == address) is { } present)
        {
            present.UseNts(established, since);
            Await(present, fits);
            return false;
        }

        if (source.Sessions.Count >= source.Wanted && source.Sessions.Find(session => session.Association.KeysWantedAt is not null) is { } bereft)
        {
            Drop(source, bereft, now, avoid: false);
            source.ResolveAt = null;
        }

        if (source.Sessions.Count >= source.Wanted)
        {
            established.Client.Dispose();
            return false;
        }

        var session = AddSession(source, address, now, session => session.UseNts(established, since));
        Await(session, fits);
        LogKeys(log, source.Config.Name, address.ToString(), established.Client.Aead);
        return true;
    }

    [LoggerMessage(LogLevel.Information, "Source {Name}: using {Address} with NTS ({Aead})")]
    private static partial void LogKeys(ILogger log, string name, string address, Nts.NtsAead aead);

    [LoggerMessage(LogLevel.Warning, "Source {Name}: its certificate does not fit the clock's time, and the clock was not synchronised yet. Keys are exchanged all the same; it counts when enough servers agree on a time that fits their certificates")]
    private static partial void LogDeferred(ILogger log, string name);

    [LoggerMessage(LogLevel.Warning, "Source {Name}: no NTS keys: {Reason}")]
    private static partial void LogNoKeys(ILogger log, string name, string reason);
}
