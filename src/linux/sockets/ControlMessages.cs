using System.Runtime.InteropServices;

namespace TimeSuite.Linux;

/// <summary>Walks the control messages that recvmsg delivered, without copying. Stops at the first that is cut short. See cmsg(3).</summary>
/// <remarks>A header is 16 octets: length (8, header included), level (4), type (4); the next begins at a multiple of 8.</remarks>
/// <param name="rest">The control buffer, as long as recvmsg said.</param>
internal ref struct ControlMessages(ReadOnlySpan<byte> rest)
{
    public const int HeaderSize = 16;

    private ReadOnlySpan<byte> _rest = rest;

    public int Level { get; private set; }

    public int Type { get; private set; }

    public ReadOnlySpan<byte> Content { get; private set; }

    /// <summary>Octets that a message with this much content takes in the buffer.</summary>
    public static int SpaceFor(int content) => (HeaderSize + content + 7) & ~7;

    /// <summary>Writes one message and returns its content, cleared, for the caller to fill.</summary>
    public static Span<byte> Write(Span<byte> buffer, int level, int type, int content)
    {
        buffer[..SpaceFor(content)].Clear();
        MemoryMarshal.Write(buffer, (long)(HeaderSize + content));
        MemoryMarshal.Write(buffer[8..], level);
        MemoryMarshal.Write(buffer[12..], type);
        return buffer.Slice(HeaderSize, content);
    }

    /// <summary>Steps to the next message. False at the end and at a length that is short or past the end.</summary>
    public bool MoveNext()
    {
        if (_rest.Length < HeaderSize)
        {
            return false;
        }

        long length = MemoryMarshal.Read<long>(_rest);
        if (length < HeaderSize || length > _rest.Length)
        {
            return false;
        }

        Level = MemoryMarshal.Read<int>(_rest[8..]);
        Type = MemoryMarshal.Read<int>(_rest[12..]);
        Content = _rest[HeaderSize..(int)length];
        _rest = _rest[Math.Min((int)(length + 7) & ~7, _rest.Length)..];
        return true;
    }

    /// <summary>Whether the message at hand is this one and has at least this much content.</summary>
    public readonly bool Is(int level, int type, int content) => Level == level && Type == type && Content.Length >= content;
}
