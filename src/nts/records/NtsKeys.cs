using System.Security.Cryptography;

namespace TimeSuite.Nts;

/// <summary>Exports keying material from the TLS connection that the exchange is held on, with the label of RFC 8915 section 5.1.</summary>
/// <param name="context">Five octets: protocol, AEAD, direction.</param>
/// <param name="key">To be filled.</param>
public delegate void KeExporter(ReadOnlySpan<byte> context, Span<byte> key);

/// <summary>The two keys of an association. Zeroed by <see cref="Dispose"/>.</summary>
public sealed class NtsKeys : IDisposable
{
    private readonly byte[] _octets = GC.AllocateArray<byte>(2 * NtsAeads.LongestKey, pinned: true);

    /// <summary>Copies; the caller zeroes its own.</summary>
    /// <exception cref="ArgumentException">The AEAD is not known or a key has not its length.</exception>
    public NtsKeys(NtsAead aead, ReadOnlySpan<byte> clientToServer, ReadOnlySpan<byte> serverToClient)
        : this(aead)
    {
        if (clientToServer.Length != aead.KeySize() || serverToClient.Length != aead.KeySize())
        {
            throw new ArgumentException("the keys have not the length of the AEAD's", nameof(aead));
        }

        clientToServer.CopyTo(_octets);
        serverToClient.CopyTo(_octets.AsSpan(NtsAeads.LongestKey));
    }

    private NtsKeys(NtsAead aead)
    {
        if (!aead.IsKnown())
        {
            throw new ArgumentException($"AEAD {(int)aead} is not known", nameof(aead));
        }

        Aead = aead;
    }

    ~NtsKeys() => CryptographicOperations.ZeroMemory(_octets);

    public NtsAead Aead { get; }

    /// <summary>Protects requests.</summary>
    public ReadOnlySpan<byte> ClientToServer => _octets.AsSpan(0, Aead.KeySize());

    /// <summary>Protects replies.</summary>
    public ReadOnlySpan<byte> ServerToClient => _octets.AsSpan(NtsAeads.LongestKey, Aead.KeySize());

    /// <summary>Exports both keys for NTPv4.</summary>
    /// <param name="aead">They are for.</param>
    /// <param name="contextAead">What the context says: the same, but for the early way of AEAD 30, where it says 15.</param>
    /// <param name="export">Of the connection.</param>
    public static NtsKeys Export(NtsAead aead, NtsAead contextAead, KeExporter export)
    {
        var keys = new NtsKeys(aead);
        Span<byte> context = [0, 0, (byte)((ushort)contextAead >> 8), (byte)((ushort)contextAead & 0xFF), 0];
        export(context, keys._octets.AsSpan(0, aead.KeySize()));
        context[^1] = 1;
        export(context, keys._octets.AsSpan(NtsAeads.LongestKey, aead.KeySize()));
        return keys;
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_octets);
        GC.SuppressFinalize(this);
    }
}
