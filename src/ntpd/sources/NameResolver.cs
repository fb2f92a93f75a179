using System.Net;
using TimeSuite.Host;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Sources;

/// <summary>Turns names into addresses without ever making the loop wait.</summary>
public interface INameResolver
{
    /// <summary>Begins; the answer goes to <paramref name="answer"/>, exactly once, and for a name later and on another thread. Empty: no such name, or nobody who knows now.</summary>
    /// <param name="name">Host name, or an address in text.</param>
    /// <param name="family">4, 6, or null for both.</param>
    /// <param name="answer">Takes at most 64 addresses.</param>
    void Resolve(string name, int? family, Action<IReadOnlyList<IPAddress>> answer);
}

/// <summary>Has lookupd do it.</summary>
internal sealed class NameResolver(NameLookup lookup) : INameResolver
{
    private static readonly Duration s_patience = Duration.FromSeconds(30L);

    public void Resolve(string name, int? family, Action<IReadOnlyList<IPAddress>> answer)
    {
        if (IPAddress.TryParse(name, out var literal))
        {
            answer([literal]);
            return;
        }

        _ = Task.Run(async () => answer(await lookup.FindAsync(name, family ?? 0, s_patience, CancellationToken.None)));
    }
}
