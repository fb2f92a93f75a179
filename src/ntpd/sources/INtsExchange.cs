using System.Net;
using TimeSuite.Config;
using TimeSuite.Nts;
using TimeSuite.Time;

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
    /// <param name="Period">In which all certificates of the exchange are valid.</param>
    /// <param name="At">When it was held, by the clock of then.</param>
    /// <param name="IsKept">It was held before this daemon was started.</param>
    public sealed record Established(string Name, IPAddress Address, int Port, NtsClient Client, Period Period, Instant<Utc> At, bool IsKept) : NtsAnswer;

    /// <summary>None.</summary>
    /// <param name="Why">In words.</param>
    /// <param name="IsLocal">ntskeyd was not there: the server has not been bothered.</param>
    /// <param name="IsPeriod">Only the time stands against the certificate.</param>
    public sealed record Failed(string Why, bool IsLocal, bool IsPeriod = false) : NtsAnswer;
}

/// <summary>Exchanges keys with servers without ever making the loop wait. No TLS in this process: ntskeyd does it.</summary>
internal interface INtsExchange
{
    /// <summary>Begins; the answer goes to <paramref name="answer"/> later, on another thread, exactly once.</summary>
    /// <param name="source">Whose name, port and trust it is.</param>
    /// <param name="have">Names of servers of this source that we have already.</param>
    /// <param name="verifyAt">In whose light the period of certificates is judged; null: the caller judges.</param>
    /// <param name="answer">Takes it.</param>
    void Establish(SourceConfig source, IReadOnlyList<string> have, Instant<Utc>? verifyAt, Action<NtsAnswer> answer);
}
