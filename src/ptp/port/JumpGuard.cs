namespace TimeSuite.Ptp;

/// <summary>What a <see cref="JumpGuard"/> has to tell.</summary>
public enum JumpNews
{
    /// <summary>Nothing: all is as before.</summary>
    None,

    /// <summary>The master's time has moved: it is not used.</summary>
    Jumped,

    /// <summary>It is where it was: used again.</summary>
    Returned,

    /// <summary>It has stayed where it went: used again.</summary>
    Confirmed,
}

/// <summary>Holds back a master's time that moves by too much against our own clocks, whoever the master is by then: a rogue, a receiver gone mad, a wrong number of leap seconds (threats.md rows 69, 80).</summary>
/// <remarks>
/// Against both of our clocks: the one that stamps alone would jump when the host sleeps or a PHC is stepped, and the boot clock alone when the host is so busy that messages lie about.
/// What is heard first is believed: against that, lists of acceptable grandmasters and other sources help. Of an instance's ports one follows at a time, so they share one guard: what a master on another port
/// says is not the first that is heard.
/// </remarks>
/// <param name="limit">What is no jump, beside the drift of our oscillator.</param>
/// <param name="confirmation">A jump that lasted so long is followed.</param>
internal sealed class JumpGuard(Duration limit, Duration confirmation)
{
    /// <summary>The line of software stamps, which are the bare oscillator's on all ports.</summary>
    public const ushort SoftwareLine = 0;

    private static readonly FrequencyOffset s_drift = FrequencyOffset.FromPpm(500);

    private Point? _trusted, _doubted;
    private Instant<Boot> _since;

    /// <summary>How far the master's time is from where it should be; null: it is used.</summary>
    public Duration? Jump { get; private set; }

    /// <summary>Whether it is one for these.</summary>
    public bool IsFor(Duration jump, Duration confirmed) => (limit, confirmation) == (jump, confirmed);

    /// <summary>Looks at a Sync.</summary>
    /// <param name="pair">The Sync.</param>
    /// <param name="line">Which clock stamped it: <see cref="SoftwareLine"/>, or the number of a port whose hardware stamps.</param>
    /// <param name="now">The time.</param>
    /// <param name="news">What has changed.</param>
    /// <returns>Whether it may be used.</returns>
    public bool Passes(in SyncPair pair, ushort line, Instant<Boot> now, out JumpNews news)
    {
        var point = new Point(pair.Sent, pair.Received, line, now);
        news = JumpNews.None;
        if (_trusted is not { } trusted || point.From(trusted) is var jump && jump.Magnitude <= limit + (now - trusted.Boot).At(s_drift).Magnitude)
        {
            news = Jump is null ? JumpNews.None : JumpNews.Returned;
            (_trusted, _doubted, Jump) = (point, null, null);
            return true;
        }

        if (_doubted is not { } doubted || point.From(doubted).Magnitude > limit + (now - doubted.Boot).At(s_drift).Magnitude)
        {
            (news, _since) = (JumpNews.Jumped, now);
        }

        (_doubted, Jump) = (point, jump);
        if (now - _since < confirmation)
        {
            return false;
        }

        news = JumpNews.Confirmed;
        (_trusted, _doubted, Jump) = (point, null, null);
        return true;
    }

    /// <param name="Master">What the master said.</param>
    /// <param name="Here">When it came, by the clock that stamps.</param>
    /// <param name="Line">Which clock that is.</param>
    /// <param name="Boot">When it was looked at.</param>
    private readonly record struct Point(Instant<Tai> Master, Instant<Local> Here, ushort Line, Instant<Boot> Boot)
    {
        /// <summary>How much the master's time has moved since, more than ours.</summary>
        public Duration From(in Point earlier)
        {
            var there = Master - earlier.Master;
            var byBoot = there - (Boot - earlier.Boot);
            if (Line != earlier.Line)
            {
                return byBoot; // two clocks: between their stamps lies nothing that is known
            }

            var byStamps = there - (Here - earlier.Here);
            return byStamps.Magnitude < byBoot.Magnitude ? byStamps : byBoot;
        }
    }
}
