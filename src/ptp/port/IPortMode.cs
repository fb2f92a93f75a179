namespace TimeSuite.Ptp;

/// <summary>What a port is, if it is none of an ordinary or boundary clock.</summary>
public enum PortMode : byte
{
    /// <summary>Of an ordinary or boundary clock.</summary>
    Ordinary,

    /// <summary>Of a transparent clock: it hands messages on, and says how long they lay here (IEEE 1588-2019 clause 10).</summary>
    Transparent,

    /// <summary>Asks a server of IEEE 1588.1.</summary>
    CsptpClient,

    /// <summary>Answers clients of IEEE 1588.1.</summary>
    CsptpServer,
}

/// <summary>Takes the place of a port's own timers and of what it does with messages. Peer delays stay the port's.</summary>
internal interface IPortMode
{
    /// <summary>When <see cref="OnTime"/> has something to do; null: never.</summary>
    Instant<Boot>? Wake => null;

    /// <summary>For people: as <see cref="PtpPort.Masters"/>, of a mode that has its own way to them.</summary>
    IEnumerable<(Candidate Candidate, Instant<Boot> Last, bool Counts)> Masters => [];

    /// <summary>The port begins, or begins anew.</summary>
    void Start(Instant<Boot> now)
    {
    }

    void OnTime(Instant<Boot> now)
    {
    }

    /// <summary>Why a message is not looked at; null: it is.</summary>
    Drop? WhyNot(in PtpHeader header);

    /// <summary>Takes a message whose form is right.</summary>
    /// <returns>False: it is the port's own.</returns>
    bool Received(in PtpHeader header, ReadOnlySpan<byte> message, Instant<Local>? stamp, PtpAddress from, Instant<Boot> now);

    /// <summary>Takes the stamp of a message that it sent.</summary>
    /// <returns>False: it is the port's own.</returns>
    bool Sent(TransmitTicket ticket, Instant<Local> stamp, Instant<Boot> now);
}
