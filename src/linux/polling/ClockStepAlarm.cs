using System.Runtime.InteropServices;

namespace TimeSuite.Linux;

/// <summary>Becomes readable when somebody steps the system's clock. See timerfd_create(2), TFD_TIMER_CANCEL_ON_SET.</summary>
/// <remarks>A leap second that the kernel inserts is such a step too.</remarks>
public sealed partial class ClockStepAlarm : IDisposable
{
    private const int ClockRealtime = 0;
    private const int TimerFlags = 0x80800; // TFD_CLOEXEC | TFD_NONBLOCK
    private const int AbsoluteCancelOnSet = 0x1 | 0x2;
    private const long NeverReached = 1L << 33; // s since 1970: the kernel's own clock ends in 2262, before this

    /// <summary>Is armed from the start.</summary>
    public ClockStepAlarm() => Arm();

    /// <summary>For a <see cref="Poller"/>.</summary>
    public Descriptor Descriptor { get; } = Descriptor.FromCall(TimerfdCreate(ClockRealtime, TimerFlags), "timerfd_create");

    /// <summary>Whether the clock was stepped since the last call (or since the start). Arms the alarm again.</summary>
    public bool Drain()
    {
        ulong expirations = 0;
        if (Read(Descriptor, ref expirations, sizeof(ulong)) >= 0)
        {
            return false; // the far date came: not a step
        }

        if (Errno.Last != Errno.ECANCELED)
        {
            return Errno.Last is Errno.EAGAIN or Errno.EINTR ? false : throw Errno.Failure("read timerfd");
        }

        Arm();
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => Descriptor.Dispose();

    private void Arm()
    {
        var setting = new TimerSetting { First = new() { tv_sec = NeverReached } };
        Errno.Check(TimerfdSettime(Descriptor, AbsoluteCancelOnSet, in setting, 0), "timerfd_settime");
    }

    // struct itimerspec
    private struct TimerSetting
    {
        public TimeSpec Interval;
        public TimeSpec First;
    }

    [LibraryImport("libc", EntryPoint = "timerfd_create", SetLastError = true)]
    private static partial int TimerfdCreate(int clock, int flags);

    [LibraryImport("libc", EntryPoint = "timerfd_settime", SetLastError = true)]
    private static partial int TimerfdSettime(Descriptor timer, int flags, in TimerSetting setting, nint old);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(Descriptor descriptor, ref ulong value, nuint length);
}
