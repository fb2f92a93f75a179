using TimeSuite.Config;
using TimeSuite.Discipline;
using TimeSuite.Ntp;
using TimeSuite.Ntpd.Sources;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Serving;

/// <summary>What we say of ourselves to clients, from what the discipline found (RFC 5905 section 11.1).</summary>
internal static class SystemVariables
{
    private static readonly ReferenceId LocalReference = ReferenceId.FromAscii("LOCL");

    /// <param name="outcome">The discipline's last word; null before there is one.</param>
    /// <param name="selected">The source with the most weight; null if none.</param>
    /// <param name="local">[local], if configured: what we say when there is no source.</param>
    /// <param name="clock">The clock's reading when the outcome was found.</param>
    /// <param name="leap">What today ends with.</param>
    public static ServerState Of(Outcome? outcome, SourceSession? selected, LocalConfig? local, Instant<Utc> clock, LeapSecond leap)
    {
        if (outcome is { Announcement.Synchronized: true } && selected?.Last is { } last)
        {
            return new ServerState
            {
                Leap = leap switch
                {
                    LeapSecond.Insert => LeapIndicator.Insert,
                    LeapSecond.Delete => LeapIndicator.Delete,
                    _ => LeapIndicator.None,
                },
                Stratum = last.Stratum + 1,
                Precision = NtpServer.Precision,
                ReferenceId = OwnReferences.Of(selected.Address.ToIPAddress()),
                ReferenceTime = NtpTimestamp.FromUtc(outcome.Tracking.ReferenceTime ?? clock),
                RootDelay = outcome.Tracking.RootDelay,
                RootDispersion = outcome.Tracking.RootDispersion,
                AsOf = NtpTimestamp.FromUtc(clock),
                Growth = outcome.Announcement.BoundGrowth,
            };
        }

        return local is null
            ? ServerState.Unsynchronized(NtpServer.Precision)
            : new ServerState
            {
                Leap = LeapIndicator.None,
                Stratum = local.Stratum,
                Precision = NtpServer.Precision,
                ReferenceId = LocalReference,
                ReferenceTime = NtpTimestamp.FromUtc(clock),
                AsOf = NtpTimestamp.FromUtc(clock),
                Growth = FrequencyOffset.Zero, // by its own word it is the reference
            };
    }
}
