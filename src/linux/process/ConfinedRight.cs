using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace TimeSuite.Linux;

/// <summary>A capability that one thread of the process has, for what it is asked to do, until it is given up for good.</summary>
/// <remarks>
/// Capabilities are each thread's own, and a thread has those of the one that started it. So this is made before there are others: the thread that
/// makes it and the runtime's finalizer thread, the only one that is there already, give the capability up, and none that follows ever has it.
/// </remarks>
public sealed class ConfinedRight : IDisposable
{
    private readonly Lock _oneAtATime = new();
    private readonly object _door = new();
    private Thread? _holder;
    private Action? _deed;
    private bool _ended;

    private ConfinedRight()
    {
    }

    /// <summary>Nobody's: what <see cref="Run"/> is asked for is done with the rights that the caller has.</summary>
    public static ConfinedRight None { get; } = new();

    /// <summary>Whether the thread with the capability is still there.</summary>
    public bool IsHeld => Volatile.Read(ref _holder) is not null;

    /// <summary>Confines the capability, if the calling thread has it.</summary>
    /// <param name="capability">0 to 31, as in capabilities(7).</param>
    public static ConfinedRight Take(int capability)
    {
        if (!Capabilities.Read().Has(capability))
        {
            return None;
        }

        var right = new ConfinedRight();
        right._holder = new Thread(right.Hold) { Name = "rights", IsBackground = true };
        right._holder.Start();
        Capabilities.GiveUp(capability);
        LeaveToTheFinalizer(() => Capabilities.GiveUp(capability));
        GC.Collect(0);
        GC.WaitForPendingFinalizers();
        return right;
    }

    /// <summary>Does something with the capability, while it is held, and returns when it is done.</summary>
    public T Run<T>(Func<T> deed)
    {
        ArgumentNullException.ThrowIfNull(deed);
        lock (_oneAtATime)
        {
            return IsHeld ? RunThere(deed) : deed();
        }
    }

    /// <summary>Nobody has it from now on.</summary>
    public void Dispose()
    {
        lock (_oneAtATime)
        {
            lock (_door)
            {
                _ended = true;
                Monitor.PulseAll(_door);
            }

            _holder?.Join();
            Volatile.Write(ref _holder, null);
        }
    }

    private T RunThere<T>(Func<T> deed)
    {
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        lock (_door)
        {
            _deed = () =>
            {
                try
                {
                    result = deed();
                }
#pragma warning disable CA1031 // Whatever it is, the caller gets it.
                catch (Exception exception)
#pragma warning restore CA1031
                {
                    failure = ExceptionDispatchInfo.Capture(exception);
                }
            };
            Monitor.PulseAll(_door);
            while (_deed is not null)
            {
                Monitor.Wait(_door);
            }
        }

        failure?.Throw();
        return result;
    }

    private void Hold()
    {
        lock (_door)
        {
            while (!_ended)
            {
                if (_deed is { } deed)
                {
                    deed();
                    _deed = null;
                    Monitor.PulseAll(_door);
                }
                else
                {
                    Monitor.Wait(_door);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // nothing of the caller may hold on to it
    private static void LeaveToTheFinalizer(Action deed) => _ = new LastDeed(deed);

    private sealed class LastDeed(Action deed)
    {
        ~LastDeed() => deed();
    }
}
