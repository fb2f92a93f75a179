using System.Collections;
using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>The newest 64 samples, oldest first.</summary>
internal sealed class SampleRing : IReadOnlyList<Sample>
{
    public const int Capacity = 64;

    private readonly Sample[] _items = new Sample[Capacity];

    private int _start;

    public int Count { get; private set; }

    public Sample this[int index] => _items[(_start + index) % Capacity];

    public Duration Span => Count == 0 ? Duration.Zero : this[Count - 1].At - this[0].At;

    public void Add(in Sample sample)
    {
        if (Count == Capacity)
        {
            _items[_start] = sample;
            _start = (_start + 1) % Capacity;
            return;
        }

        _items[(_start + Count) % Capacity] = sample;
        Count++;
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
}
