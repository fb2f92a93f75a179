using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace TimeSuite.Nts;

/// <summary>AES-SIV (RFC 5297) with the associated data and the nonce as its two strings. By the processor's instructions.</summary>
internal sealed class AesSiv : AeadCipher
{
    private const int Block = AesKey.BlockSize;

    private readonly Keys[] _keys = GC.AllocateArray<Keys>(1, pinned: true); // one; pinned, so that no copy is left behind

    ~AesSiv() => _keys[0].Clear();

    public override void SetKey(ReadOnlySpan<byte> key)
    {
        ref var keys = ref _keys[0];
        keys.Mac.Set(key[..(key.Length / 2)]);
        keys.Counter.Set(key[(key.Length / 2)..]);
    }

    public override void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> plaintext, Span<byte> output)
    {
        ref readonly var keys = ref _keys[0];
        var tag = Vector(in keys.Mac, nonce, associated, plaintext);
        tag.CopyTo(output);
        Count(in keys.Counter, tag, plaintext, output.Slice(Block, plaintext.Length));
    }

    public override bool TryOpen(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> input, Span<byte> plaintext)
    {
        if (input.Length < Block || nonce.IsEmpty)
        {
            return false;
        }

        ref readonly var keys = ref _keys[0];
        plaintext = plaintext[..(input.Length - Block)];
        Count(in keys.Counter, Vector128.Create(input[..Block]), input[Block..], plaintext);
        Span<byte> tag = stackalloc byte[Block];
        Vector(in keys.Mac, nonce, associated, plaintext).CopyTo(tag);
        if (CryptographicOperations.FixedTimeEquals(tag, input[..Block]))
        {
            return true;
        }

        plaintext.Clear();
        return false;
    }

    /// <summary>S2V, section 2.4: the tag of two strings and the plaintext.</summary>
    /// <remarks>
    /// A block of CMAC waits for the one before it, a whole encryption long. So the two long chains, associated data and plaintext, go side by side; the masks and
    /// the nonce are short and wait for neither, the processor fits them in.
    /// </remarks>
    private static Vector128<byte> Vector(in AesKey key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> plaintext)
    {
        var wholeMask = Double(key.Encrypt(Vector128<byte>.Zero));
        var sum = Double(key.Encrypt(wholeMask)); // of the CMAC of a block of zeros
        Vector128<byte> ofNonce = default, ofAssociated = default, ofPlaintext = default;
        Chain(in key, Before(nonce, 1), ref ofNonce);
        ofNonce = Finish(in key, ofNonce, nonce, wholeMask);
        Chain(in key, Before(associated, 1), ref ofAssociated, Before(plaintext, 2), ref ofPlaintext);
        sum ^= Finish(in key, ofAssociated, associated, wholeMask);
        sum = Double(sum) ^ ofNonce;
        if (plaintext.Length < Block)
        {
            return key.Encrypt(Double(sum) ^ Pad(plaintext) ^ wholeMask);
        }

        // The last 16 octets are xored with the sum; they lie in the last two blocks.
        Span<byte> tail = stackalloc byte[2 * Block];
        tail = tail[..(plaintext.Length - Before(plaintext, 2).Length)];
        plaintext[^tail.Length..].CopyTo(tail);
        (Vector128.Create<byte>(tail[^Block..]) ^ sum).CopyTo(tail[^Block..]);
        if (tail.Length > Block)
        {
            ofPlaintext = key.Encrypt(ofPlaintext ^ Vector128.Create<byte>(tail));
        }

        return Finish(in key, ofPlaintext, tail, wholeMask);
    }

    /// <summary>The blocks of a string but the last ones, of which the very last may be cut.</summary>
    private static ReadOnlySpan<byte> Before(ReadOnlySpan<byte> octets, int blocks) => octets[..(Math.Max(0, (octets.Length + Block - 1) / Block - blocks) * Block)];

    /// <summary>CMAC (RFC 4493) of whole blocks without the end.</summary>
    private static void Chain(in AesKey key, ReadOnlySpan<byte> blocks, ref Vector128<byte> sum)
    {
        var local = sum;
        foreach (ref readonly var block in MemoryMarshal.Cast<byte, Vector128<byte>>(blocks))
        {
            local = key.Encrypt(local ^ block);
        }

        sum = local;
    }

    private static void Chain(in AesKey key, ReadOnlySpan<byte> one, ref Vector128<byte> sumOfOne, ReadOnlySpan<byte> other, ref Vector128<byte> sumOfOther)
    {
        var blocks = MemoryMarshal.Cast<byte, Vector128<byte>>(one);
        var others = MemoryMarshal.Cast<byte, Vector128<byte>>(other);
        int both = Math.Min(blocks.Length, others.Length);
        for (int at = 0; at < both; at++)
        {
            var (a, b) = (sumOfOne ^ blocks[at], sumOfOther ^ others[at]);
            key.Encrypt(ref a, ref b);
            (sumOfOne, sumOfOther) = (a, b);
        }

        Chain(in key, one[(both * Block)..], ref sumOfOne);
        Chain(in key, other[(both * Block)..], ref sumOfOther);
    }

    /// <summary>CMAC's end: the last block of a string, whole or cut.</summary>
    private static Vector128<byte> Finish(in AesKey key, Vector128<byte> sum, ReadOnlySpan<byte> octets, Vector128<byte> wholeMask)
    {
        var last = octets[Before(octets, 1).Length..];
        return key.Encrypt(sum ^ (last.Length == Block ? Vector128.Create(last) ^ wholeMask : Pad(last) ^ Double(wholeMask)));
    }

    /// <summary>Counter mode from a tag with two bits cleared, section 2.5.</summary>
    private static void Count(in AesKey key, Vector128<byte> tag, ReadOnlySpan<byte> input, Span<byte> output)
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
            key.Encrypt(ref a, ref b, ref c, ref d);
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
            int at = 0;
            for (; at + Block <= input.Length; at += Block)
            {
                (Vector128.Create<byte>(stream[at..]) ^ Vector128.Create(input[at..])).CopyTo(output[at..]);
            }

            for (; at < input.Length; at++)
            {
                output[at] = (byte)(input[at] ^ stream[at]);
            }

            stream.Clear();
            return;
        }
    }

    private static Vector128<byte> At(Vector128<uint> upper, uint counter) => upper.WithElement(3, BinaryPrimitives.ReverseEndianness(counter)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Pad(ReadOnlySpan<byte> cut)
    {
        Span<byte> block = stackalloc byte[Block];
        block.Clear();
        cut.CopyTo(block);
        block[cut.Length] = 0x80;
        return Vector128.Create<byte>(block);
    }

    /// <summary>Doubling in GF(2^128), section 2.3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Double(Vector128<byte> value)
    {
        ulong high = BinaryPrimitives.ReverseEndianness(value.AsUInt64()[0]), low = BinaryPrimitives.ReverseEndianness(value.AsUInt64()[1]);
        ulong carry = high >> 63;
        high = high << 1 | low >> 63;
        low = low << 1 ^ carry * 0x87;
        return Vector128.Create(BinaryPrimitives.ReverseEndianness(high), BinaryPrimitives.ReverseEndianness(low)).AsByte();
    }

    private struct Keys
    {
        public AesKey Mac, Counter;

        public void Clear()
        {
            Mac.Clear();
            Counter.Clear();
        }
    }
}
