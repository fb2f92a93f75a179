namespace TimeSuite.Ntp;

/// <summary>The keys that a server knows, by their numbers. Does not change.</summary>
public sealed class KeyRing
{
    private readonly Dictionary<uint, SymmetricKey> _keys = [];

    /// <param name="keys">Of two with one number, the later one counts.</param>
    public KeyRing(IEnumerable<SymmetricKey> keys)
    {
        foreach (var key in keys)
        {
            _keys[key.Id] = key;
        }
    }

    /// <summary>Knows none.</summary>
    public static KeyRing Empty { get; } = new([]);

    /// <summary>Null if there is none.</summary>
    public SymmetricKey? Find(uint id) => _keys.GetValueOrDefault(id);
}
