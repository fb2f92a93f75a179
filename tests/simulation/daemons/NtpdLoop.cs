using TimeSuite.Ntpd;
using TimeSuite.Time;

namespace TimeSuite.Simulation;

/// <summary>ntpd's loop without waiting: what was posted, then the timers, until nothing is left to do now.</summary>
internal sealed class NtpdLoop
{
    private const int MostTurns = 64; // at one moment: more are a daemon that spins

    private readonly Queue<Action> _posted = new();

    public void Post(Action action) => _posted.Enqueue(action);

    /// <summary>What waits is no longer wanted.</summary>
    public void Clear() => _posted.Clear();

    public void Run(Timekeeper keeper, Func<Instant<Raw>> clock)
    {
        for (int turn = 0; turn < MostTurns; turn++)
        {
            while (_posted.TryDequeue(out var action))
            {
                action();
            }

            keeper.OnTime(clock());
            if (_posted.Count == 0 && keeper.Due > clock())
            {
                return;
            }
        }

        throw new InvalidOperationException($"ntpd spins: it is due at {keeper.Due}, and it is {clock()}");
    }
}
