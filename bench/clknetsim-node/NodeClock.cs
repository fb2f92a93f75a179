using System.ComponentModel;
using TimeSuite.Linux;
using TimeSuite.Time;

namespace TimeSuite.ClknetsimNode;

/// <summary>The clocks of a node, and adjtimex on them. Time stands still between two SELECTs: it is asked for once.</summary>
internal sealed class NodeClock(Wire wire, long start) : IAdjtimex
{
    private const int Einval = 22;
    private const double LeastStep = 1e-7; // s, above the rounding of doubles

    /// <summary>What the raw clock shows when the simulation begins: no daemon of ours has ever seen a zero.</summary>
    private static readonly Duration s_sinceBoot = Duration.FromSeconds(1000L);

    private const double UsualTick = 10_000; // us, of a clock of 100 Hz
    private const double ScaleFreq = 65536e6;

    private NodeTime? _now;
    private double _rate = 1;

    public Instant<Raw> Raw => new(s_sinceBoot + Duration.FromSeconds(Now.Raw));

    public Instant<Utc> Realtime => new(Duration.FromSeconds(start) + Duration.FromSeconds(Now.Real));

    public Moment Moment => new(Raw, new(s_sinceBoot + Duration.FromSeconds(Now.Monotonic)), Realtime, Duration.Zero);

    /// <summary>s of the simulation, by the node's own clock.</summary>
    public double Seconds => Now.Raw;

    /// <summary>What a stretch of the raw clock is on the monotonic one, by which SELECT waits: the two differ by what adjtimex was told.</summary>
    /// <remarks>The loop's slew is not in it: it changes each second. It makes a wait end early, and then the rest is waited for, or late by no more than the phase.</remarks>
    public double ToMonotonic(double rawSeconds) => rawSeconds * _rate;

    /// <summary>SELECT came back.</summary>
    /// <returns>Whether somebody has set the clock meanwhile: the kernel would have raised an alarm (TFD_TIMER_CANCEL_ON_SET).</returns>
    public bool Set(NodeTime now)
    {
        bool stepped = Math.Abs(now.Real - now.Monotonic - (Now.Real - Now.Monotonic)) > LeastStep;
        _now = now;
        return stepped;
    }

    public void Adjust(ref Timex timex)
    {
        uint modes = timex.modes;
        if (wire.Adjtimex(ref timex) < 0)
        {
            throw new Win32Exception(Einval, $"adjtimex (modes {modes:x})");
        }

        _rate = (timex.tick / UsualTick) + (timex.freq / ScaleFreq);
        if ((modes & Timex.ADJ_SETOFFSET) != 0)
        {
            _now = null;
            var nothing = new Timex { modes = Timex.ADJ_OFFSET | Timex.ADJ_NANO };
            wire.Adjtimex(ref nothing); // a step ends a pending slew in Linux, and in clknetsim it does not
        }
    }

    private NodeTime Now => _now ??= wire.GetTime();
}
