using System.Collections.Concurrent;
using TimeSuite.Time;

namespace TimeSuite.Linux;

/// <summary>One thread that waits for descriptors, timers and messages from other threads, and does one thing at a time.</summary>
public sealed class EventLoop : IDisposable
{
    private readonly Poller _poller = new();
    private readonly PollEvent[] _events = new PollEvent[32];
    private readonly Dictionary<long, Action> _ready = [];
    private readonly Dictionary<Descriptor, long> _tokens = [];
    private readonly ConcurrentQueue<Action> _mail = new();
    private long _lastToken;
    private volatile bool _stopped;
    private Readiness? _readiness;

    /// <summary>Calls <paramref name="ready"/> when there is something to read or an error, until <see cref="Unwatch"/>.</summary>
    public void Watch(Descriptor descriptor, Action ready)
    {
        long token = ++_lastToken; // never used twice: an event that waits for a closed socket finds nobody
        _poller.Add(descriptor, token);
        _tokens.Add(descriptor, token);
        _ready.Add(token, ready);
    }

    /// <summary>Whether input there is worth a waking. Errors always are, and what comes meanwhile stays where it is.</summary>
    public void Heed(Descriptor descriptor, bool input)
    {
        if (_tokens.TryGetValue(descriptor, out long token))
        {
            _poller.Change(descriptor, token, input);
        }
    }

    /// <summary>To be called before the descriptor is closed.</summary>
    public void Unwatch(Descriptor descriptor)
    {
        if (_tokens.Remove(descriptor, out long token))
        {
            _ready.Remove(token);
            _poller.Remove(descriptor);
        }
    }

    /// <summary>Does something on the loop's thread, soon. From any thread.</summary>
    public void Post(Action action)
    {
        _mail.Enqueue(action);
        _poller.Wake();
    }

    /// <summary>Has the loop tell the service manager that it lives, each round. Call it before <see cref="Run"/>.</summary>
    public void Reassure(Readiness readiness) => _readiness = readiness;

    /// <summary>Asks the loop for something and waits without blocking. From any thread.</summary>
    /// <exception cref="OperationCanceledException">The loop did not answer in time: the daemon is stopping or stuck.</exception>
    public async Task<T> AskAsync<T>(Func<T> question, CancellationToken cancel)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            try
            {
                answer.TrySetResult(question());
            }
#pragma warning disable CA1031 // Whatever it is, it belongs to the one who asked.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                answer.TrySetException(exception);
            }
        });
        return await answer.Task.WaitAsync(cancel);
    }

    /// <summary>Ends <see cref="Run"/> after what it is doing. From any thread.</summary>
    public void Stop()
    {
        _stopped = true;
        _poller.Wake();
    }

    /// <summary>Runs until <see cref="Stop"/>.</summary>
    /// <param name="due">When <paramref name="onTime"/> wants to be called next; null: not by the clock.</param>
    /// <param name="onTime">Called after each round, due or not.</param>
    public void Run(Func<Instant<Raw>?> due, Action<Instant<Raw>> onTime)
    {
        while (!_stopped)
        {
            Duration? wait = due() is { } next ? Duration.Max(next - Clocks.Raw(), Duration.Zero) : null;
            Turn(_readiness is null ? wait : _readiness.WatchdogWait(wait));
            onTime(Clocks.Raw());
        }
    }

    /// <summary>Handles what comes until the condition holds, without timers: for tests.</summary>
    public void RunUntil(Func<bool> done)
    {
        while (!done())
        {
            Turn(null);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _poller.Dispose();

    private void Turn(Duration? wait)
    {
        int count = _poller.Wait(_mail.IsEmpty ? wait : Duration.Zero, _events);
        for (int index = 0; index < count; index++)
        {
            // A handler before it in this batch may have closed this one.
            if (_ready.TryGetValue(_events[index].Token, out var ready))
            {
                ready();
            }
        }

        while (_mail.TryDequeue(out var action))
        {
            action();
        }
    }
}
