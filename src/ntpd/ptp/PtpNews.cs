using TimeSuite.Time;

namespace TimeSuite.Ntpd.Ptp;

/// <summary>What ptpd tells of a port.</summary>
/// <param name="Port">Its number, 1 and up.</param>
internal abstract record PtpNews(int Port)
{
    /// <summary>A Sync came.</summary>
    /// <param name="Port">The port.</param>
    /// <param name="Sent">By the master, corrections worked in.</param>
    /// <param name="Received">By us.</param>
    /// <param name="Error">Half-width of the error of our stamp.</param>
    public sealed record Sync(int Port, Instant<Tai> Sent, Instant<Raw> Received, Duration Error) : PtpNews(Port);

    /// <summary>A Delay_Req was answered.</summary>
    /// <param name="Port">The port.</param>
    /// <param name="Sent">By us.</param>
    /// <param name="Received">By the master, corrections worked in.</param>
    /// <param name="Error">Half-width of the error of our stamp.</param>
    public sealed record Delay(int Port, Instant<Raw> Sent, Instant<Tai> Received, Duration Error) : PtpNews(Port);

    /// <summary>The delay of the link was measured (peer to peer).</summary>
    /// <param name="Port">The port.</param>
    /// <param name="MeanLinkDelay">One way.</param>
    public sealed record Link(int Port, Duration MeanLinkDelay) : PtpNews(Port);

    /// <summary>The hardware clock that follows by this port was read.</summary>
    /// <param name="Port">The port.</param>
    /// <param name="Shown">On the scale of the master.</param>
    /// <param name="Raw">Beside it.</param>
    /// <param name="Error">Half-width of the error of the two together.</param>
    /// <param name="Bound">Half-width of the error of what it shows against the master; null: it is not to be used.</param>
    public sealed record Phc(int Port, Instant<Tai> Shown, Instant<Raw> Raw, Duration Error, Duration? Bound) : PtpNews(Port);

    /// <summary>The port has another state or another master, or what the master says of its time is other.</summary>
    /// <param name="Port">The port.</param>
    /// <param name="Master">Who is followed; null: nobody.</param>
    public sealed record Changed(int Port, PtpMaster? Master) : PtpNews(Port);
}

/// <summary>Who is followed, and what is to be made of its time.</summary>
/// <param name="Identity">Of its port.</param>
/// <param name="Grandmaster">The clock at the root.</param>
/// <param name="StepsRemoved">From that to us.</param>
/// <param name="IsTai">Its time is TAI; else it is of an arbitrary scale.</param>
/// <param name="TaiMinusUtc">What it vouches for.</param>
/// <param name="Leap">At the end of this UTC day.</param>
/// <param name="Accuracy">What its grandmaster claims; null: nothing.</param>
internal sealed record PtpMaster(string Identity, string Grandmaster, int StepsRemoved, bool IsTai, Duration? TaiMinusUtc, LeapSecond Leap, Duration? Accuracy);
