using TimeSuite.Ptp;

namespace TimeSuite.Ptpd;

/// <summary>What comes to a slave's sockets and may wait there until the port is awake anyway: each waking costs more than what it is for.</summary>
/// <remarks>
/// To a slave whose master sends Follow_Ups a Sync says nothing before its Follow_Up is there, which comes right behind it: to wait for that is one waking less for each. What else comes to that
/// socket is not for a slave. Where no Follow_Up comes any more, the next due time finds the Sync, and that was the last one that waited.
/// Where they come often, by the group, and the kernel has stamped them, all of it waits for our own next Delay_Req: nobody uses them sooner. The stamps of a hardware clock, which may be set
/// meanwhile, do not.
/// </remarks>
internal sealed class Patience
{
    private const sbyte OftenLogSync = -2, OftenestLogSync = -5; // as often as is looked at what waits; no more Syncs meanwhile than wait for their Follow_Ups

    private static readonly Duration LongestWait = Duration.FromNanoseconds(250_000_000), Recent = Duration.FromSeconds(2L);

    private bool _isByFollowUp; // the last Sync was paired by a Follow_Up that came after it
    private bool _isCrowded; // more comes than may wait
    private Instant<Boot> _looked; // at what waits

    /// <summary>What comes to the socket of events waits.</summary>
    public bool Events { get; private set; }

    /// <summary>And so does the routine.</summary>
    public bool Routine { get; private set; }

    /// <summary>When what waits is to be looked at; null: it may wait on.</summary>
    public Instant<Boot>? Wake => Routine ? _looked + LongestWait : null;

    /// <summary>A Sync was paired.</summary>
    public void Paired(bool byFollowUp) => _isByFollowUp = byFollowUp;

    /// <summary>The routine was looked at.</summary>
    public void Looked(Instant<Boot> now) => _looked = now;

    /// <summary>In a network with many slaves we hear all of their requests; they must not pile up.</summary>
    public void Crowded() => _isCrowded = true;

    /// <summary>Sees what may wait now.</summary>
    /// <param name="port">The port.</param>
    /// <param name="isBySoftware">The kernel stamps what comes, by a clock that nobody sets.</param>
    /// <param name="hasRoutine">The routine has a socket of its own.</param>
    /// <param name="age">Since the last Sync.</param>
    public void Judge(PtpPort port, bool isBySoftware, bool hasRoutine, Duration age)
    {
        Events = _isByFollowUp && port.State == PortState.Slave && port.Mechanism == DelayMechanism.E2E;
        Routine = Events && !_isCrowded && isBySoftware && hasRoutine && port.MasterLogSync is >= OftenestLogSync and <= OftenLogSync && age < Recent;
    }

    /// <summary>The sockets are closed.</summary>
    public void Clear() => (Events, Routine, _isByFollowUp, _isCrowded) = (false, false, false, false);
}
