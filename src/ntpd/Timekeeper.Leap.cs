using Microsoft.Extensions.Logging;
using TimeSuite.Config;
using TimeSuite.Discipline;
using TimeSuite.Time;

namespace TimeSuite.Ntpd;

/// <summary>Leap seconds: what is announced, and what is done when one comes.</summary>
internal sealed partial class Timekeeper
{
    private void LookForLeap(Outcome outcome, in LocalClock clock)
    {
        var time = clock.Reading;
        var bound = outcome.Announcement.Synchronized ? outcome.Announcement.Bound
            : Local is not null ? Duration.Zero // by its own word this clock is right
            : Duration.FromSeconds(16L);
        _leapWatch.Look(time + outcome.Tracking.Offset, clock.At, bound, LeapTable?.AtEndOfDay(time), outcome.Announcement.Leap);
        var before = (Steering.TaiOffset, Steering.KernelLeap);
        Steering.TaiOffset = LeapTable?.TaiMinusUtc(time);
        Steering.KernelLeap = _config.Leap.Mode == LeapConfig.LeapMode.System ? _leapWatch.Pending : LeapSecond.None;
        if ((Steering.TaiOffset, Steering.KernelLeap) != before)
        {
            Steering.UpdateSoon(); // clockd is told with the next announcement, and midnight may come before that
        }
    }

    /// <summary>The leap second itself: UTC jumps, and the clock follows as configured.</summary>
    private void PassLeap(Instant<Raw> now)
    {
        if (!_leapWatch.TryPass(now, out var leap))
        {
            return;
        }

        LogLeap(_log, leap, _config.Leap.Mode);

        // The kernel, and clockd for a shadow, act when the clock itself shows midnight, which may be a little later. Until then
        // nothing is to be said: "no leap second" would take it away.
        Steering.KernelLeap = LeapSecond.None;
        if (_config.Leap.Mode == LeapConfig.LeapMode.Ignore)
        {
            Discipline.OnGap(); // the clock may be a second off from now on, or not: nothing is claimed until it is measured
            Steering.Update(now);
            Sources.BurstAll(now);
            return;
        }

        Discipline.OnLeap(leap);
        Steering.TaiOffset += leap == LeapSecond.Insert ? 1 : -1;
        if (_config.Leap.Mode == LeapConfig.LeapMode.Step)
        {
            Steering.StepBy(Duration.FromSeconds(leap == LeapSecond.Insert ? -1L : 1L));
        }
        else if (_config.Leap.Mode == LeapConfig.LeapMode.Slew)
        {
            Steering.Update(now); // a second off, and says so
        }
    }

    [LoggerMessage(LogLevel.Information, "Leap second ({Leap}), mode {Mode}")]
    private static partial void LogLeap(ILogger log, LeapSecond leap, LeapConfig.LeapMode mode);
}
