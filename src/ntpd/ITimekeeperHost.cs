using TimeSuite.Config;
using TimeSuite.Discipline;
using TimeSuite.Linux;
using TimeSuite.Ntp;
using TimeSuite.Ntpd.Sources;

namespace TimeSuite.Ntpd;

/// <summary>What the timekeeper needs of the world: sockets and threads in the daemon, made-up ones in a simulation.</summary>
internal interface ITimekeeperHost
{
    /// <summary>The way to a server.</summary>
    IRequestPort OpenPort(SourceConfig config, DatagramAddress server, IRequestListener listener);

    /// <summary>64 bits that nobody can guess.</summary>
    ulong RandomCookie();

    /// <summary>Does something soon, between two steps of the loop.</summary>
    void Post(Action action);

    /// <summary>Whether a server of this stratum and reference id follows us.</summary>
    bool IsLoop(int stratum, ReferenceId reference);

    /// <summary>Under which reference id a server would be seen to follow us if it did: of our address on the way to it. Null if there is no way.</summary>
    ReferenceId? OwnReference(SourceSession session) => null;

    /// <summary>Asks clockd what it allows now; the answer comes as a <see cref="Clock.ClockLinkEvent.Described"/>.</summary>
    void AskPolicy();

    /// <summary>A good exchange has come in.</summary>
    void OnMeasured(SourceSession session, Exchange exchange);

    /// <summary>Everything has been weighed up anew.</summary>
    /// <param name="outcome">What was found.</param>
    /// <param name="clock">The steered clock as it was read just now.</param>
    void OnOutcome(Outcome outcome, in LocalClock clock);
}
