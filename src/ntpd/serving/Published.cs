namespace TimeSuite.Ntpd.Serving;

/// <summary>A value that one thread replaces and others read, whole and without waiting.</summary>
internal sealed class Published<T>(T first)
    where T : struct
{
    private Box _box = new(first);

    /// <summary>The latest. May be replaced while it is read, and stays as it was for who has it.</summary>
    public ref readonly T Value => ref Volatile.Read(ref _box).Value;

    public void Replace(in T value) => Volatile.Write(ref _box, new(value));

    private sealed class Box(T value)
    {
        public readonly T Value = value;
    }
}
