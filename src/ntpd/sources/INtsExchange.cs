using System.Net;
using TimeSuite.Config;
using TimeSuite.Nts;

namespace TimeSuite.Ntpd.Sources;

/// <summary>What came of a key exchange.</summary>
internal abstract record NtsAnswer
{
    private NtsAnswer()
    {
    }

    /// <summary>Keys and cookies, and who takes them.</summary>
    /// <param name="Name">Of the NTP server, as a pool's others are told not to be it again.</param>
    /// <param name="Address">Its address.</param>
    /// <param name="Port">UDP.</param>
    /// <param name="Client">Whoever gets this disposes of it.</param>
    public sealed record Established(string Name, IPAddress Address, int Port, NtsClient Client) : NtsAnswer;

    /// <summary>None.</summary>
    /// <param name="Why">In words.</param>
    /// <param name="IsLocal">ntskeyd was not there: the server has not been bothered.</param>
    public sealed record Failed(string Why, bool IsLocal) : NtsAnswer;
}

/// <summary>Exchanges keys with servers without ever making the loop wait. No TLS in this process: ntskeyd does it.</summary>
internal interface INtsExchange
{
    /// <summary>Begins; the answer goes to <paramref name="answer"/> later, on another thread, exactly once.</summary>
    /// <param name="source">Whose name, port and trust it is.</param>
    /// <param name="have">Names of servers of this source that we have already.</param>
    /// <param name="answer">Takes it.</param>
    void Establish(SourceConfig source, IReadOnlyList<string> have, Action<NtsAnswer> answer);
}
