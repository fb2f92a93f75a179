using TimeSuite.Config;
using TimeSuite.Ptp;

namespace TimeSuite.Ptpd;

/// <summary>What is known of a port when it is asked why its master is not used.</summary>
internal readonly record struct PortFacts
{
    /// <summary>How far the master's time has jumped; null: it has not.</summary>
    public Duration? Jump { get; init; }

    /// <summary>How long a jump has to last.</summary>
    public Duration JumpConfirmation { get; init; }

    /// <summary>By peer delays; null: not known.</summary>
    public Duration? LinkDelay { get; init; }

    /// <summary>A longer link is not used; null: any is.</summary>
    public Duration? MaxLinkDelay { get; init; }

    /// <summary>Pdelay_Reqs in a row; 0 where none are sent, or nobody is to be followed.</summary>
    public int Unanswered { get; init; }

    /// <summary>The master that it follows serves a time scale of which nobody knows where UTC is.</summary>
    public bool FollowsUnknownScale { get; init; }

    public static PortFacts Of(PortDriver driver, PtpConfig config, Instant<Boot> now)
    {
        var port = driver.Port;
        if (driver.Trouble is not null)
        {
            return default; // that says it all
        }

        bool isPeerToPeer = port.Mechanism == DelayMechanism.P2P;
        bool mayFollow = config.Role is PtpConfig.PtpRole.Follow or PtpConfig.PtpRole.Boundary && port.Settings.Role != PortRole.Master
            && (port.State is not (PortState.Master or PortState.PreMaster) || port.Masters(now).Any()); // else there may be nobody on that side yet
        return new()
        {
            Jump = port.Jump,
            JumpConfirmation = port.Settings.JumpConfirmation,
            LinkDelay = isPeerToPeer ? port.MeanLinkDelay : null,
            MaxLinkDelay = port.Settings.NeighborDelayThreshold,
            Unanswered = isPeerToPeer && mayFollow ? port.UnansweredPeerRequests : 0,
            FollowsUnknownScale = port.State.Follows() && port.Followed is not null && (port.Instance.Time.Flags & PtpFlags.PtpTimescale) == 0 && !config.ArbitraryIsUtc,
        };
    }

    /// <summary>The delay that is shown: that of the link where it is measured, that of the way to the master where there is one, and none that was measured before.</summary>
    public static Duration? PathDelay(PortState state, DelayMechanism mechanism, Duration? link, Duration? path) =>
        mechanism == DelayMechanism.P2P && (link is null || state < PortState.Listening) ? null
        : state.Follows() ? path ?? link
        : mechanism == DelayMechanism.P2P ? link
        : null;
}

/// <summary>Why what a port hears is not used, and what to do about it.</summary>
internal static class PortAlarm
{
    private const int Enough = 5;

    /// <returns>One sentence; null: nothing is wrong.</returns>
    public static string? Of(in PortFacts facts) =>
        facts.Jump is { } jump
            ? $"the master's time has jumped by {jump} against our oscillator; it is not used until it is back or has stayed there for {facts.JumpConfirmation.WholeSeconds} s"
        : facts is { LinkDelay: { } delay, MaxLinkDelay: { } most } && delay.Magnitude > most
            ? $"the link is {Text(delay)} long, more than max-link-delay ({Text(most)}), and not used: raise max-link-delay in [ptp], or set ingress-latency and egress-latency if that is not the cable's"
        : facts.Unanswered > Enough
            ? facts.MaxLinkDelay is null
                ? "the other end answers no Pdelay_Req: it may not speak peer to peer, and then delay = \"e2e\" in [ptp]"
                : "the other end answers no Pdelay_Req, without which its link is not used: it may not speak gPTP, and then another profile in [ptp]"
        : facts.FollowsUnknownScale
            ? "the master serves an arbitrary time scale, which is not used: arbitrary-timescale = \"utc\" in [ptp] if it is known to show UTC, and then timectl reload and systemctl restart timesuite-ptpd"
        : null;

    private static string Text(Duration time)
    {
        double seconds = time.Seconds, size = Math.Abs(seconds);
        return size < 1e-6 ? FormattableString.Invariant($"{seconds * 1e9:0} ns") : size < 1e-3 ? FormattableString.Invariant($"{seconds * 1e6:0.#} us") : size < 1 ? FormattableString.Invariant($"{seconds * 1e3:0.#} ms") : FormattableString.Invariant($"{seconds:0.#} s");
    }
}
