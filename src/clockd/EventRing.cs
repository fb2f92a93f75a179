using System.Threading.Channels;
using TimeSuite.Rpc.Clock.V1;

namespace TimeSuite.Clockd;

/// <summary>The last 1,024 events, and those who want to hear of the next ones.</summary>
public sealed class EventRing
{
    public const int Size = 1024;

    private const int Unheard = 256; // events that a reader may lag behind

    private readonly Queue<Event> _past = new();
    private readonly List<Channel<Event>> _readers = [];

    public void Add(Event happened)
    {
        lock (_past)
        {
            if (_past.Count == Size)
            {
                _past.Dequeue();
            }

            _past.Enqueue(happened);

            // A reader that does not keep up is let go; its stream ends with RESOURCE_EXHAUSTED.
            foreach (var slow in _readers.Where(reader => !reader.Writer.TryWrite(happened)).ToList())
            {
                _readers.Remove(slow);
                slow.Writer.Complete();
            }
        }
    }

    /// <summary>Past events and a channel of those to come; it completes when its reader is too slow.</summary>
    public (IReadOnlyList<Event> Past, Channel<Event> Coming) Listen(int backlog)
    {
        lock (_past)
        {
            var channel = Channel.CreateBounded<Event>(Unheard);
            _readers.Add(channel);
            return ([.. _past.Skip(Math.Max(0, _past.Count - backlog))], channel);
        }
    }

    public void Leave(Channel<Event> channel)
    {
        lock (_past)
        {
            _readers.Remove(channel);
        }
    }
}
