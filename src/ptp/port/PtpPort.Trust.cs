namespace TimeSuite.Ptp;

/// <content>What of a master is believed.</content>
public sealed partial class PtpPort
{
    private readonly JumpGuard? _guard;

    /// <summary>How far the time of this port's master has jumped, while it is not used for that; null: it is used, or there is none.</summary>
    public Duration? Jump => State.Follows() ? _guard?.Jump : null;

    private ushort Line => _settings.Description is { HasHardwareStamps: true } ? Identity.Port : JumpGuard.SoftwareLine;

    private bool IsAcceptable(in PtpHeader header, in AnnounceBody body) =>
        Accepts(_settings.AcceptableMasters, header.Source.Clock) && Accepts(_settings.AcceptableGrandmasters, body.Grandmaster) && body.Quality.Class <= _settings.MaxClockClass;

    private static bool Accepts(IReadOnlySet<ClockIdentity> list, ClockIdentity clock) => list.Count == 0 || list.Contains(clock);

    internal void Hand(in SyncPair pair, Instant<Boot> now)
    {
        var news = JumpNews.None;
        if (_guard is { } guard)
        {
            var before = guard.Jump;
            bool passes = guard.Passes(pair, Line, now, out news);
            if (news != JumpNews.None)
            {
                _output.Jumped(news, guard.Jump ?? before ?? Duration.Zero);
            }

            if (!passes)
            {
                Counters.Count(Drop.Jumped);
                return;
            }
        }

        _output.Synchronized(pair);
    }

    internal void Hand(in DelayPair pair)
    {
        if (_guard?.Jump is null)
        {
            _output.Delayed(pair);
        }
    }
}
