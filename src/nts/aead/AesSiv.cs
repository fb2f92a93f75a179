using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using TimeSuite.Ntp;

namespace TimeSuite.Nts;

/// <summary>AES-SIV (RFC 5297) with the associated data and the nonce as its two strings. By the processor's instructions.</summary>
internal sealed class AesSiv : AeadCipher
{
    private const int Block = AesKey.BlockSize;

    private readonly State[] _state = GC.AllocateArray<State>(1, pinned: true); // one; pinned, so that no copy is left behind

    ~AesSiv() => _state[0].Clear();

    public override void SetKey(ReadOnlySpan<byte> key)
    {
        ref var state = ref _state[0];
        state.Mac.Set(key[..(key.Length / 2)]);
        state.Counter.Set(key[(key.Length / 2)..]);
        state.WholeMask = Double(state.Mac.Encrypt(Vector128<byte>.Zero));
        state.CutMask = Double(state.WholeMask);
        state.OfZero = state.Mac.Encrypt(state.WholeMask); // CMAC of a block of zeros
    }

    public override void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> plaintext, Span<byte> output)
    {
        ref readonly var state = ref _state[0];
        var tag = Vector(in state, nonce, associated, plaintext);
        tag.CopyTo(output);
        Count(in state, tag, plaintext, output.Slice(Block, plaintext.Length));
    }

    public override bool TryOpen(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> input, Span<byte> plaintext)
    {
        if (input.Length < Block || nonce.IsEmpty)
        {
            return false;
        }

        ref readonly var state = ref _state[0];
        plaintext = plaintext[..(input.Length - Block)];
        Count(in state, Vector128.Create(input[..Block]), input[Block..], plaintext);
        Span<byte> tag = stackalloc byte[Block];
        Vector(in state, nonce, associated, plaintext).CopyTo(tag);
        if (CryptographicOperations.FixedTimeEquals(tag, input[..Block]))
        {
            return true;
        }

        plaintext.Clear();
        return false;
    }

    /// <summary>S2V, section 2.4: the tag of two strings and the plaintext.</summary>
    private static Vector128<byte> Vector(in State state, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> plaintext)
    {
        var sum = Double(state.OfZero) ^ Mac(in state, associated, default, Vector128<byte>.Zero);
        sum = Double(sum) ^ Mac(in state, nonce, default, Vector128<byte>.Zero);
        if (plaintext.Length < Block)
        {
            Span<byte> last = stackalloc byte[Block];
            Pad(plaintext, last);
            var block = Double(sum) ^ Vector128.Create<byte>(last);
            return state.Mac.Encrypt(block ^ state.WholeMask);
        }

        // The last 16 octets are xored with the sum; they lie in the last two blocks.
        int head = Math.Max(0, (plaintext.Length - 1) / Block - 1) * Block;
        Span<byte> tail = stackalloc byte[2 * Block];
        tail = tail[..(plaintext.Length - head)];
        plaintext[head..].CopyTo(tail);
        (Vector128.Create<byte>(tail[^Block..]) ^ sum).CopyTo(tail[^Block..]);
        return Mac(in state, plaintext[..head], tail, Vector128<byte>.Zero);
    }

    /// <summary>CMAC (RFC 4493) of two parts as one; the first is whole blocks if there is a second.</summary>
    private static Vector128<byte> Mac(in State state, ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail, Vector128<byte> sum)
    {
        if (tail.IsEmpty)
        {
            tail = head;
            head = default;
        }

        foreach (var block in MemoryMarshal.Cast<byte, Vector128<byte>>(head))
        {
            sum = state.Mac.Encrypt(sum ^ block);
        }

        while (tail.Length > Block)
        {
            sum = state.Mac.Encrypt(sum ^ Vector128.Create(tail));
            tail = tail[Block..];
        }

        if (tail.Length == Block)
        {
            return state.Mac.Encrypt(sum ^ Vector128.Create(tail) ^ state.WholeMask);
        }

        Span<byte> last = stackalloc byte[Block];
        Pad(tail, last);
        return state.Mac.Encrypt(sum ^ Vector128.Create<byte>(last) ^ state.CutMask);
    }

    /// <summary>Counter mode from a tag with two bits cleared, section 2.5.</summary>
    private static void Count(in State state, Vector128<byte> tag, ReadOnlySpan<byte> input, Span<byte> output)
    {
        Span<byte> start = stackalloc byte[Block];
        tag.CopyTo(start);
        start[8] &= 0x7F;
        start[12] &= 0x7F;
        uint counter = BinaryPrimitives.ReadUInt32BigEndian(start[12..]); // its highest bit is clear: no carry goes beyond it
        var upper = Vector128.Create<byte>(start).AsUInt32();
        Span<byte> stream = stackalloc byte[4 * Block];
        while (!input.IsEmpty)
        {
            var (a, b, c, d) = (At(upper, counter), At(upper, counter + 1), At(upper, counter + 2), At(upper, counter + 3));
            state.Counter.Encrypt(ref a, ref b, ref c, ref d);
            counter += 4;
            if (input.Length >= stream.Length)
            {
                (a ^ Vector128.Create(input)).CopyTo(output);
                (b ^ Vector128.Create(input[Block..])).CopyTo(output[Block..]);
                (c ^ Vector128.Create(input[(2 * Block)..])).CopyTo(output[(2 * Block)..]);
                (d ^ Vector128.Create(input[(3 * Block)..])).CopyTo(output[(3 * Block)..]);
                input = input[stream.Length..];
                output = output[stream.Length..];
                continue;
            }

            a.CopyTo(stream);
            b.CopyTo(stream[Block..]);
            c.CopyTo(stream[(2 * Block)..]);
            d.CopyTo(stream[(3 * Block)..]);
            for (int octet = 0; octet < input.Length; octet++)
            {
                output[octet] = (byte)(input[octet] ^ stream[octet]);
            }

            stream.Clear();
            return;
        }
    }

    private static Vector128<byte> At(Vector128<uint> upper, uint counter) => upper.WithElement(3, BinaryPrimitives.ReverseEndianness(counter)).AsByte();

    private static void Pad(ReadOnlySpan<byte> cut, Span<byte> block)
    {
        block.Clear();
        cut.CopyTo(block);
        block[cut.Length] = 0x80;
    }

    /// <summary>Doubling in GF(2^128), section 2.3.</summary>
    private static Vector128<byte> Double(Vector128<byte> value)
    {
        ulong high = BinaryPrimitives.ReverseEndianness(value.AsUInt64()[0]), low = BinaryPrimitives.ReverseEndianness(value.AsUInt64()[1]);
        ulong carry = high >> 63;
        high = high << 1 | low >> 63;
        low = low << 1 ^ carry * 0x87;
        return Vector128.Create(BinaryPrimitives.ReverseEndianness(high), BinaryPrimitives.ReverseEndianness(low)).AsByte();
    }

    private struct State
    {
        public AesKey Mac, Counter;
        public Vector128<byte> WholeMask, CutMask, OfZero;

        public void Clear()
        {
            Mac.Clear();
            Counter.Clear();
            (WholeMask, CutMask, OfZero) = (default, default, default);
        }
    }
}
