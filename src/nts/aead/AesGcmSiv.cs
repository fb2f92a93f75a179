using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace TimeSuite.Nts;

/// <summary>AES-128-GCM-SIV (RFC 8452). By the processor's instructions.</summary>
internal sealed class AesGcmSiv : AeadCipher
{
    private const int Block = AesKey.BlockSize, NonceSize = 12;

    private readonly State[] _state = GC.AllocateArray<State>(1, pinned: true); // one; pinned, so that no copy is left behind

    ~AesGcmSiv() => _state[0].Clear();

    public override void SetKey(ReadOnlySpan<byte> key) => _state[0].Generating.Set(key);

    public override void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> plaintext, Span<byte> output)
    {
        ref var state = ref _state[0];
        state.Derive(nonce);
        var tag = state.Tag(nonce, associated, plaintext);
        tag.CopyTo(output);
        Count(in state, tag, plaintext, output[..plaintext.Length]);
        tag.CopyTo(output[plaintext.Length..]);
    }

    public override bool TryOpen(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> input, Span<byte> plaintext)
    {
        if (input.Length < Block || nonce.Length != NonceSize)
        {
            return false;
        }

        ref var state = ref _state[0];
        state.Derive(nonce);
        plaintext = plaintext[..(input.Length - Block)];
        var claimed = input[^Block..];
        Count(in state, Vector128.Create(claimed), input[..^Block], plaintext);
        Span<byte> tag = stackalloc byte[Block];
        state.Tag(nonce, associated, plaintext).CopyTo(tag);
        if (CryptographicOperations.FixedTimeEquals(tag, claimed))
        {
            return true;
        }

        plaintext.Clear();
        return false;
    }

    /// <summary>Counter mode from the tag with its highest bit set, counted in the first 32 bits, section 4.</summary>
    private static void Count(in State state, Vector128<byte> tag, ReadOnlySpan<byte> input, Span<byte> output)
    {
        var upper = (tag | Vector128.Create(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte)0x80)).AsUInt32();
        uint counter = upper[0];
        Span<byte> stream = stackalloc byte[4 * Block];
        while (!input.IsEmpty)
        {
            var (a, b, c, d) = (At(upper, counter), At(upper, unchecked(counter + 1)), At(upper, unchecked(counter + 2)), At(upper, unchecked(counter + 3)));
            state.Encrypting.Encrypt(ref a, ref b, ref c, ref d);
            counter = unchecked(counter + 4);
            a.CopyTo(stream);
            b.CopyTo(stream[Block..]);
            c.CopyTo(stream[(2 * Block)..]);
            d.CopyTo(stream[(3 * Block)..]);
            int count = Math.Min(stream.Length, input.Length);
            for (int octet = 0; octet < count; octet++)
            {
                output[octet] = (byte)(input[octet] ^ stream[octet]);
            }

            input = input[count..];
            output = output[count..];
        }

        stream.Clear();
    }

    private static Vector128<byte> At(Vector128<uint> upper, uint counter) => upper.WithElement(0, counter).AsByte();

    private struct State
    {
        public AesKey Generating, Encrypting;
        private Vector128<ulong> _authenticating, _squared;

        /// <summary>The keys of one message, section 4.</summary>
        public void Derive(ReadOnlySpan<byte> nonce)
        {
            Span<byte> block = stackalloc byte[Block];
            nonce.CopyTo(block[4..]);
            var zeroth = Vector128.Create<byte>(block).AsUInt32();
            var (a, b, c, d) = (zeroth.AsByte(), zeroth.WithElement(0, 1U).AsByte(), zeroth.WithElement(0, 2U).AsByte(), zeroth.WithElement(0, 3U).AsByte());
            Generating.Encrypt(ref a, ref b, ref c, ref d);
            _authenticating = Vector128.Create(a.AsUInt64()[0], b.AsUInt64()[0]);
            _squared = Polyval.Dot(_authenticating, _authenticating);
            Vector128.Create(c.AsUInt64()[0], d.AsUInt64()[0]).AsByte().CopyTo(block);
            Encrypting.Set(block);
            block.Clear();
        }

        public readonly Vector128<byte> Tag(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> plaintext)
        {
            var sum = Absorb(Absorb(Vector128<ulong>.Zero, associated), plaintext);
            sum = Polyval.Dot(sum ^ Vector128.Create((ulong)associated.Length * 8, (ulong)plaintext.Length * 8), _authenticating);
            Span<byte> last = stackalloc byte[Block];
            last.Clear();
            nonce.CopyTo(last);
            var masked = (sum.AsByte() ^ Vector128.Create<byte>(last)) & Vector128.Create(255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, (byte)0x7F);
            return Encrypting.Encrypt(masked);
        }

        private readonly Vector128<ulong> Absorb(Vector128<ulong> sum, ReadOnlySpan<byte> octets)
        {
            // Two blocks at a time: the sum waits for half as many reductions.
            for (; octets.Length >= 2 * Block; octets = octets[(2 * Block)..])
            {
                sum = Polyval.Dot(sum ^ Vector128.Create(octets).AsUInt64(), _squared, Vector128.Create(octets[Block..]).AsUInt64(), _authenticating);
            }

            if (octets.Length >= Block)
            {
                sum = Polyval.Dot(sum ^ Vector128.Create(octets).AsUInt64(), _authenticating);
                octets = octets[Block..];
            }

            if (octets.IsEmpty)
            {
                return sum;
            }

            Span<byte> cut = stackalloc byte[Block];
            cut.Clear();
            octets.CopyTo(cut);
            return Polyval.Dot(sum ^ Vector128.Create<byte>(cut).AsUInt64(), _authenticating);
        }

        public void Clear()
        {
            Generating.Clear();
            Encrypting.Clear();
            (_authenticating, _squared) = (default, default);
        }
    }
}
