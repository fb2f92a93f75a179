using System.Buffers.Binary;
using TimeSuite.Ntp;

namespace TimeSuite.Fuzz;

/// <summary>Makes a datagram out of others: flips, overwrites, cuts, inserts, splices, and signs or seals, so that what lies behind a good MAC or cookie is reached too.</summary>
internal sealed class Mutator(int seed)
{
    private const int Longest = 1_500, MostFields = 4_096;

    private static readonly byte[] s_octets = [0, 1, 3, 4, 0x0B, 0x13, 0x1B, 0x23, 0x24, 0x2B, 0x7F, 0x80, 0xFF];
    private static readonly ushort[] s_words = [0, 1, 3, 4, 8, 15, 16, 20, 24, 28, 32, 36, 0x0104, 0x0204, 0x0304, 0x0404, 0x7FFF, 0x8000, 0xFFFC, 0xFFFF];

    private readonly Random _dice = new(seed);
    private readonly byte[] _buffer = new byte[Longest + MostFields];
    private readonly NtsFields _nts = new();

    /// <summary>A message of PTP, the length in its header right in half of the cases: else it goes no further than that.</summary>
    /// <param name="corpus">Not empty.</param>
    /// <returns>Valid until the next call.</returns>
    public ReadOnlySpan<byte> NextMessage(List<byte[]> corpus)
    {
        int length = Begin(corpus);
        if (_dice.Next(2) == 0 && length >= 4)
        {
            _buffer[1] = (byte)(_buffer[1] & 0xF0 | 2);
            BinaryPrimitives.WriteUInt16BigEndian(_buffer.AsSpan(2), (ushort)length);
        }

        return _buffer.AsSpan(0, length);
    }

    /// <summary>Octets for NTS, in a quarter of the cases with the record behind them that ends a message of the key exchange.</summary>
    /// <param name="corpus">Not empty.</param>
    /// <returns>Valid until the next call.</returns>
    public ReadOnlySpan<byte> NextExchange(List<byte[]> corpus)
    {
        int length = Begin(corpus);
        if (_dice.Next(4) == 0)
        {
            BinaryPrimitives.WriteUInt32BigEndian(_buffer.AsSpan(length), 0x8000_0000);
            length += 4;
        }

        return _buffer.AsSpan(0, length);
    }

    /// <summary>A request of NTP.</summary>
    /// <param name="corpus">Not empty.</param>
    /// <returns>Valid until the next call.</returns>
    public ReadOnlySpan<byte> Next(List<byte[]> corpus)
    {
        int length = Begin(corpus);
        if (_dice.Next(2) == 0)
        {
            // What is no client's request ends at once: half of the runs are to go further.
            _buffer[0] = (byte)(_dice.Next(4) << 6 | _dice.Next(1, 5) << 3 | (int)NtpMode.Client);
            length = Math.Max(length, NtpHeader.Size);
        }

        length = _dice.Next(4) switch
        {
            0 => Sign(length),
            1 => Seal(length),
            _ => length,
        };
        return _buffer.AsSpan(0, length);
    }

    private int Begin(List<byte[]> corpus)
    {
        byte[] origin = corpus[_dice.Next(corpus.Count)];
        int length = Math.Min(origin.Length, Longest);
        origin.AsSpan(0, length).CopyTo(_buffer);
        for (int times = 1 << _dice.Next(4); times > 0; times--)
        {
            length = Mutate(length, corpus[_dice.Next(corpus.Count)]);
        }

        return length;
    }

    private int Mutate(int length, byte[] other)
    {
        int at = length == 0 ? 0 : _dice.Next(length);
        int aligned = at & ~3;
        switch (length == 0 ? 6 : _dice.Next(9))
        {
            case 0:
                _buffer[at] ^= (byte)(1 << _dice.Next(8));
                return length;
            case 1:
                _buffer[at] = (byte)_dice.Next(256);
                return length;
            case 2:
                _buffer[at] = s_octets[_dice.Next(s_octets.Length)];
                return length;
            case 3:
                BinaryPrimitives.WriteUInt16BigEndian(_buffer.AsSpan(at & ~1), s_words[_dice.Next(s_words.Length)]);
                return length;
            case 4:
                _buffer[0] = s_octets[_dice.Next(s_octets.Length)];
                return length;
            case 5:
                return at; // cut
            case 6:
                int more = 4 * _dice.Next(1, 20);
                _buffer.AsSpan(length, Math.Min(more, Longest - length)).Fill((byte)_dice.Next(256));
                return Math.Min(length + more, Longest);
            case 7:
                int end = Math.Min(aligned + other.Length, Longest);
                other.AsSpan(0, end - aligned).CopyTo(_buffer.AsSpan(aligned)); // splice
                return end;
            default:
                int removed = Math.Min(4 * _dice.Next(1, 8), length - aligned);
                _buffer.AsSpan(aligned + removed, length - aligned - removed).CopyTo(_buffer.AsSpan(aligned));
                return length - removed;
        }
    }

    /// <summary>Fields of NTS, right behind the header mostly; then perhaps a flaw in them.</summary>
    private int Seal(int length)
    {
        int from = _dice.Next(4) == 0 ? length : Math.Min(length, NtpHeader.Size);
        int idSize = _dice.Next(8) == 0 ? 4 * _dice.Next(80) : 32, placeholders = _dice.Next(2) * _dice.Next(12), sealedSize = _dice.Next(8) == 0 ? 4 * _dice.Next(300) : 0;
        length = _nts.Protect(_buffer, from, NtsFields.Aeads[_dice.Next(NtsFields.Aeads.Length)], idSize, placeholders, sealedSize);
        return _dice.Next(3) == 0 && length <= Longest ? Mutate(length, []) : length;
    }

    private int Sign(int length)
    {
        var key = RequestTarget.Keys[_dice.Next(RequestTarget.Keys.Length)];
        int size = key.MacSize(length == 0 ? 4 : _buffer[0] >> 3 & 7);
        key.Sign(_buffer.AsSpan(0, length), _buffer.AsSpan(length, size));
        return length + size;
    }
}
