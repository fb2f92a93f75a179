using TimeSuite.Config;
using TimeSuite.Discipline;
using TimeSuite.Ntp;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Serving;

/// <summary>What the clock follows, or followed before the sources fell silent.</summary>
/// <param name="Name">Of the source.</param>
/// <param name="ReferenceId">Under which clients see it.</param>
/// <param name="Stratum">Ours: the source's and one.</param>
internal sealed record Reference(string Name, ReferenceId ReferenceId, int Stratum);

/// <summary>What we say of ourselves to clients, from what the discipline found (RFC 5905 section 11.1).</summary>
internal static class SystemVariables
{
    private static readonly ReferenceId LocalReference = ReferenceId.FromAscii("LOCL");

    /// <param name="outcome">The discipline's last word; null before there is one.</param>
    /// <param name="bound">What clockd publishes of the clock's error, the pending phase included; null if it is not synchronised.</param>
    /// <param name="reference">What is or was followed.</param>
    /// <param name="local">[local], if configured: what we say when there is no source.</param>
    /// <param name="clock">The clock's reading now.</param>
    /// <param name="leap">What today ends with.</param>
    public static ServerState Of(Outcome? outcome, Duration? bound, Reference? reference, LocalConfig? local, Instant<Utc> clock, LeapSecond leap)
    {
        var indicator = leap switch
        {
            LeapSecond.Insert => LeapIndicator.Insert,
            LeapSecond.Delete => LeapIndicator.Delete,
            _ => LeapIndicator.None,
        };
        if (outcome is { Announcement.Synchronized: true } && bound is { } error && reference is not null)
        {
            return new ServerState
            {
                Leap = indicator,
                Stratum = reference.Stratum,
                Precision = NtpServer.Precision,
                ReferenceId = reference.ReferenceId,
                ReferenceTime = NtpTimestamp.FromUtc(outcome.Tracking.ReferenceTime ?? clock),
                RootDelay = outcome.Tracking.RootDelay,
                RootDispersion = Duration.Max(outcome.Tracking.RootDispersion, error - outcome.Tracking.RootDelay.Half()),
                AsOf = NtpTimestamp.FromUtc(clock),
                Growth = outcome.Announcement.BoundGrowth,
            };
        }

        return local is null
            ? ServerState.Unsynchronized(NtpServer.Precision)
            : new ServerState
            {
                Leap = indicator,
                Stratum = local.Stratum,
                Precision = NtpServer.Precision,
                ReferenceId = LocalReference,
                ReferenceTime = NtpTimestamp.FromUtc(clock),
                AsOf = NtpTimestamp.FromUtc(clock),
                Growth = FrequencyOffset.Zero, // by its own word it is the reference
            };
    }
}
