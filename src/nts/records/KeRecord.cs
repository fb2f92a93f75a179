using System.Buffers.Binary;

namespace TimeSuite.Nts;

/// <summary>What a record of the key exchange is (RFC 8915 section 4.1; the pool's by its draft and IANA's registry).</summary>
public enum KeRecordType : ushort
{
    EndOfMessage = 0,
    NextProtocol = 1,
    Error = 2,
    Warning = 3,
    Aead = 4,
    NewCookie = 5,
    Server = 6,
    Port = 7,

    /// <summary>The client would ask more on the same connection (this one to 14: draft-venhoek-nts-pool).</summary>
    KeepAlive = 8,

    /// <summary>Asks which protocols there are, and tells it.</summary>
    SupportedProtocols = 9,

    /// <summary>The same of AEADs, each with the length of its key.</summary>
    SupportedAeads = 10,

    /// <summary>Cookies of these keys are wanted: those of a pool's user. The client's, then the server's.</summary>
    FixedKeys = 12,

    /// <summary>A name that the client of a pool has already.</summary>
    ServerDeny = 13,

    /// <summary>By which a pool shows that it is the one that we have agreed with.</summary>
    PoolToken = 14,

    /// <summary>chrony's: both sides export the keys of AEAD 30 as the standard says.</summary>
    CompliantGcmSiv = 1024,
}

/// <summary>What a server says went wrong (RFC 8915 section 4.1.3).</summary>
public enum KeError : ushort
{
    UnrecognizedCriticalRecord = 0,
    BadRequest = 1,
    InternalServerError = 2,
}

/// <summary>One record.</summary>
/// <param name="isCritical">Who does not know the type must not go on.</param>
/// <param name="type">What it is.</param>
/// <param name="body">0 to 65,535 octets.</param>
public readonly ref struct KeRecord(bool isCritical, KeRecordType type, ReadOnlySpan<byte> body)
{
    /// <summary>Octets in front of a body: critical bit and type, length.</summary>
    public const int HeaderSize = 4;

    public bool IsCritical { get; } = isCritical;

    public KeRecordType Type { get; } = type;

    public ReadOnlySpan<byte> Body { get; } = body;

    /// <summary>Whether the body is a list of 16-bit numbers.</summary>
    public bool IsListOfNumbers => Body.Length % 2 == 0;

    /// <summary>The first number of the body; it has one.</summary>
    public ushort Number => BinaryPrimitives.ReadUInt16BigEndian(Body);
}

/// <summary>Walks the records of a message without copying.</summary>
/// <param name="message">Whole records.</param>
public ref struct KeRecords(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _rest = message;

    public KeRecord Current { get; private set; }

    public readonly KeRecords GetEnumerator() => this;

    /// <summary>False at the end and where a record is cut.</summary>
    public bool MoveNext()
    {
        if (!TryTake(_rest, out var record, out int size))
        {
            return false;
        }

        Current = record;
        _rest = _rest[size..];
        return true;
    }

    internal static bool TryTake(ReadOnlySpan<byte> octets, out KeRecord record, out int size)
    {
        record = default;
        size = KeRecord.HeaderSize;
        if (octets.Length < size)
        {
            return false;
        }

        size += BinaryPrimitives.ReadUInt16BigEndian(octets[2..]);
        if (octets.Length < size)
        {
            return false;
        }

        ushort head = BinaryPrimitives.ReadUInt16BigEndian(octets);
        record = new((head & 0x8000) != 0, (KeRecordType)(head & 0x7FFF), octets[KeRecord.HeaderSize..size]);
        return true;
    }
}
