using System.Buffers.Binary;
using System.Text;

namespace TimeSuite.Nts;

/// <summary>Writes records into memory that grows.</summary>
internal sealed class KeWriter
{
    private const ushort Critical = 0x8000;

    private readonly List<byte> _octets = [];

    public void Add(KeRecordType type, bool critical, ReadOnlySpan<byte> body)
    {
        Span<byte> head = stackalloc byte[KeRecord.HeaderSize];
        BinaryPrimitives.WriteUInt16BigEndian(head, (ushort)((ushort)type | (critical ? Critical : 0)));
        BinaryPrimitives.WriteUInt16BigEndian(head[2..], checked((ushort)body.Length));
        _octets.AddRange(head);
        _octets.AddRange(body);
    }

    public void Add(KeRecordType type, bool critical, params ReadOnlySpan<ushort> numbers)
    {
        Span<byte> body = stackalloc byte[numbers.Length * 2];
        for (int index = 0; index < numbers.Length; index++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(body[(index * 2)..], numbers[index]);
        }

        Add(type, critical, (ReadOnlySpan<byte>)body);
    }

    public void Add(KeRecordType type, bool critical, string name) => Add(type, critical, (ReadOnlySpan<byte>)Encoding.ASCII.GetBytes(name));

    /// <summary>The message, its end included.</summary>
    public byte[] Finish()
    {
        Add(KeRecordType.EndOfMessage, critical: true, ReadOnlySpan<byte>.Empty);
        return [.. _octets];
    }
}
