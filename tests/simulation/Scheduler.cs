namespace TimeSuite.Simulation;

/// <summary>What is to happen when, in order of true time; at the same time, in the order in which it was asked for.</summary>
public sealed class Scheduler
{
    private readonly PriorityQueue<Action, (double At, long Order)> _queue = new();
    private long _order;

    /// <summary>When the next thing happens, s; infinite if nothing will.</summary>
    public double Next => _queue.TryPeek(out _, out var key) ? key.At : double.PositiveInfinity;

    public void At(double time, Action action) => _queue.Enqueue(action, (time, ++_order));

    /// <summary>Does the next thing.</summary>
    public void RunOne() => _queue.Dequeue()();
}
