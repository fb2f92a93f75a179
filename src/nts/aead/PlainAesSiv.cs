using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Macs;
using Org.BouncyCastle.Crypto.Modes;
using Org.BouncyCastle.Crypto.Parameters;

namespace TimeSuite.Nts;

/// <summary>AES-SIV (RFC 5297) from BouncyCastle's CMAC and counter mode: for processors without AES instructions. It allocates.</summary>
internal sealed class PlainAesSiv : AeadCipher
{
    private const int Block = 16;

    private readonly CMac _mac = new(new AesEngine());
    private readonly SicBlockCipher _counter = new(new AesEngine());
    private KeyParameter? _counterKey;

    public override void SetKey(ReadOnlySpan<byte> key)
    {
        _mac.Init(new KeyParameter(key[..(key.Length / 2)]));
        _counterKey = new(key[(key.Length / 2)..]);
    }

    public override void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> plaintext, Span<byte> output) =>
        Seal([associated.ToArray(), nonce.ToArray()], plaintext, output);

    /// <summary>With any strings, the nonce the last of them, if there is one (section 3).</summary>
    internal void Seal(IReadOnlyList<byte[]> strings, ReadOnlySpan<byte> plaintext, Span<byte> output)
    {
        byte[] tag = Vector(strings, plaintext);
        tag.CopyTo(output);
        Count(tag, plaintext, output.Slice(Block, plaintext.Length));
    }

    public override bool TryOpen(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> input, Span<byte> plaintext)
    {
        if (input.Length < Block || nonce.IsEmpty)
        {
            return false;
        }

        plaintext = plaintext[..(input.Length - Block)];
        Count(input[..Block].ToArray(), input[Block..], plaintext);
        if (CryptographicOperations.FixedTimeEquals(Vector([associated.ToArray(), nonce.ToArray()], plaintext), input[..Block]))
        {
            return true;
        }

        plaintext.Clear();
        return false;
    }

    private byte[] Vector(IReadOnlyList<byte[]> strings, ReadOnlySpan<byte> plaintext)
    {
        byte[] sum = Mac(new byte[Block]);
        foreach (byte[] text in strings)
        {
            sum = Xor(Double(sum), Mac(text));
        }

        if (plaintext.Length >= Block)
        {
            byte[] whole = plaintext.ToArray();
            Xor(whole[^Block..], sum).CopyTo(whole, whole.Length - Block);
            return Mac(whole);
        }

        byte[] last = [.. plaintext, 0x80, .. new byte[Block - 1 - plaintext.Length]];
        return Mac(Xor(Double(sum), last));
    }

    private byte[] Mac(ReadOnlySpan<byte> message)
    {
        byte[] tag = new byte[Block];
        _mac.BlockUpdate(message);
        _mac.DoFinal(tag);
        return tag;
    }

    private void Count(byte[] tag, ReadOnlySpan<byte> input, Span<byte> output)
    {
        byte[] start = [.. tag];
        start[8] &= 0x7F;
        start[12] &= 0x7F;
        _counter.Init(forEncryption: true, new ParametersWithIV(_counterKey, start));
        Span<byte> block = stackalloc byte[Block];
        Span<byte> made = stackalloc byte[Block];
        for (; !input.IsEmpty; input = input[Math.Min(Block, input.Length)..], output = output[Math.Min(Block, output.Length)..])
        {
            block.Clear();
            input[..Math.Min(Block, input.Length)].CopyTo(block);
            _counter.ProcessBlock(block, made);
            made[..Math.Min(Block, input.Length)].CopyTo(output);
        }
    }

    private static byte[] Double(byte[] value)
    {
        byte[] twice = new byte[Block];
        for (int octet = 0; octet < Block; octet++)
        {
            twice[octet] = unchecked((byte)(value[octet] << 1 | (octet + 1 < Block ? value[octet + 1] >> 7 : 0)));
        }

        twice[^1] = (byte)(twice[^1] ^ (value[0] >> 7) * 0x87);
        return twice;
    }

    private static byte[] Xor(byte[] a, byte[] b) => [.. a.Zip(b, (x, y) => (byte)(x ^ y))];
}
