using System.Collections;
using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>The newest 64 samples, oldest first.</summary>
internal sealed class SampleRing : IReadOnlyList<Sample>
{
    public const int Capacity = 64;

    private readonly Sample[] _items = new Sample[Capacity];

    private readonly Trip[] _trips = new Trip[Capacity];

    private int _start;

    public int Count { get; private set; }

    public Sample this[int index] => _items[(_start + index) % Capacity];

    /// <summary>Of a sample, what is asked for so often that it is kept beside it.</summary>
    public ref readonly Trip TripOf(int index) => ref _trips[(_start + index) % Capacity];

    public Duration Span => Count == 0 ? Duration.Zero : TripOf(Count - 1).At - TripOf(0).At;

    public void Add(in Sample sample)
    {
        int place = (_start + Count) % Capacity;
        (_items[place], _trips[place]) = (sample, new(sample.At, sample.Delay));
        if (Count == Capacity)
        {
            _start = (_start + 1) % Capacity;
        }
        else
        {
            Count++;
        }
    }

    /// <summary>Moves the remote end of every sample.</summary>
    public void Shift(Duration by)
    {
        for (int i = 0; i < _items.Length; i++)
        {
            ref var item = ref _items[i];
            item = item with { Forward = Moved(item.Forward), Backward = Moved(item.Backward) };
        }

        Leg? Moved(Leg? leg) => leg is { } there ? there with { Remote = there.Remote + by } : null;
    }

    public void Clear() => (Count, _start) = (0, 0);

    public IEnumerator<Sample> GetEnumerator()
    {
        for (int i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <param name="At">When the sample was complete.</param>
    /// <param name="Delay">Its round trip, if it has one.</param>
    public readonly record struct Trip(Instant<Raw> At, Duration? Delay);
}
