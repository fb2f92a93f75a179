using System.Buffers.Binary;
using System.Numerics;

namespace TimeSuite.Ntp;

/// <summary>MD5 of a message of one block (RFC 1321): what makes a reference id of an IPv6 address. For nothing that has to be secure.</summary>
/// <remarks>.NET's own is OpenSSL's: to load that costs a daemon at its start more than all else that it does there, and a megabyte for good.</remarks>
internal static class Md5
{
    /// <summary>More does not fit into a block with its padding.</summary>
    private const int LongestMessage = 55;

    private const int BlockSize = 64, Rounds = 64;

    private static ReadOnlySpan<byte> Rotations => [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];

    /// <summary>The first four octets of the digest, in network order.</summary>
    /// <param name="message">At most 55 octets.</param>
    public static uint Start(ReadOnlySpan<byte> message)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(message.Length, LongestMessage);
        Span<byte> block = stackalloc byte[BlockSize];
        block.Clear();
        message.CopyTo(block);
        block[message.Length] = 0x80;
        BinaryPrimitives.WriteUInt64LittleEndian(block[^8..], (ulong)message.Length * 8);

        const uint start = 0x6745_2301;
        uint a = start, b = 0xEFCD_AB89, c = 0x98BA_DCFE, d = 0x1032_5476;
        for (int round = 0; round < Rounds; round++)
        {
            var (mixed, word) = (round / 16) switch
            {
                0 => ((b & c) | (~b & d), round),
                1 => ((d & b) | (~d & c), (5 * round) + 1),
                2 => (b ^ c ^ d, (3 * round) + 5),
                _ => (c ^ (b | ~d), 7 * round),
            };
            uint constant = (uint)(Math.Abs(Math.Sin(round + 1)) * 4_294_967_296.0);
            uint read = BinaryPrimitives.ReadUInt32LittleEndian(block[(word % 16 * 4)..]);
            uint turned = BitOperations.RotateLeft(unchecked(a + mixed + constant + read), Rotations[(round / 16 * 4) + (round % 4)]);
            (a, d, c, b) = (d, c, b, unchecked(b + turned));
        }

        return BinaryPrimitives.ReverseEndianness(unchecked(a + start));
    }
}
