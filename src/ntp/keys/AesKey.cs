using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Arm = System.Runtime.Intrinsics.Arm;
using X86 = System.Runtime.Intrinsics.X86;

namespace TimeSuite.Ntp;

/// <summary>A key of AES, ready to encrypt blocks (FIPS 197) by the processor's own instructions: no table, no allocation, no time that depends on the key.</summary>
/// <remarks>240 octets of secret: keep it where it does not move, and <see cref="Clear"/> it.</remarks>
public struct AesKey
{
    /// <summary>Octets of a block.</summary>
    public const int BlockSize = 16;

    private Rounds _rounds;
    private int _last; // index of the last round: 10, 12 or 14

    /// <summary>Whether this processor has the instructions. Where not, nothing here works.</summary>
    public static bool IsSupported => X86.Aes.IsSupported || Arm.Aes.IsSupported;

    /// <summary>Makes the keys of the rounds, FIPS 197 section 5.2.</summary>
    /// <param name="key">16, 24 or 32 octets.</param>
    public void Set(ReadOnlySpan<byte> key)
    {
        int words = key.Length / 4;
        if (words is not (4 or 6 or 8) || key.Length % 4 != 0)
        {
            throw new ArgumentException("16, 24 or 32 octets", nameof(key));
        }

        _last = words + 6;
        var schedule = MemoryMarshal.Cast<Vector128<byte>, uint>((Span<Vector128<byte>>)_rounds)[..(4 * (_last + 1))];
        MemoryMarshal.Cast<byte, uint>(key).CopyTo(schedule);
        uint constant = 1;
        int inKey = 0;
        for (int at = words; at < schedule.Length; at++)
        {
            uint word = schedule[at - 1];
            if (inKey == 0)
            {
                word = BitOperations.RotateRight(Substitute(word), 8) ^ constant;
                constant = constant << 1 ^ (constant >> 7) * 0x11B;
            }
            else if (words == 8 && inKey == 4)
            {
                word = Substitute(word);
            }

            schedule[at] = schedule[at - words] ^ word;
            inKey = inKey + 1 == words ? 0 : inKey + 1;
        }
    }

    /// <summary>Encrypts a block.</summary>
    public readonly Vector128<byte> Encrypt(Vector128<byte> block)
    {
        ReadOnlySpan<Vector128<byte>> rounds = _rounds;
        rounds = rounds[..(_last + 1)];
        if (X86.Aes.IsSupported)
        {
            block ^= rounds[0];
            for (int round = 1; round < rounds.Length - 1; round++)
            {
                block = X86.Aes.Encrypt(block, rounds[round]);
            }

            return X86.Aes.EncryptLast(block, rounds[^1]);
        }

        for (int round = 0; round < rounds.Length - 2; round++)
        {
            block = Arm.Aes.MixColumns(Arm.Aes.Encrypt(block, rounds[round]));
        }

        return Arm.Aes.Encrypt(block, rounds[^2]) ^ rounds[^1];
    }

    /// <summary>Encrypts four blocks side by side, in little more than the time of one.</summary>
    public readonly void Encrypt(ref Vector128<byte> a, ref Vector128<byte> b, ref Vector128<byte> c, ref Vector128<byte> d)
    {
        if (!X86.Aes.IsSupported)
        {
            (a, b, c, d) = (Encrypt(a), Encrypt(b), Encrypt(c), Encrypt(d));
            return;
        }

        ReadOnlySpan<Vector128<byte>> rounds = _rounds;
        rounds = rounds[..(_last + 1)];
        var (w, x, y, z) = (a ^ rounds[0], b ^ rounds[0], c ^ rounds[0], d ^ rounds[0]);
        for (int round = 1; round < rounds.Length - 1; round++)
        {
            var key = rounds[round];
            (w, x, y, z) = (X86.Aes.Encrypt(w, key), X86.Aes.Encrypt(x, key), X86.Aes.Encrypt(y, key), X86.Aes.Encrypt(z, key));
        }

        var last = rounds[^1];
        (a, b, c, d) = (X86.Aes.EncryptLast(w, last), X86.Aes.EncryptLast(x, last), X86.Aes.EncryptLast(y, last), X86.Aes.EncryptLast(z, last));
    }

    /// <summary>Zeroes the secret.</summary>
    public void Clear() => System.Security.Cryptography.CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes((Span<Vector128<byte>>)_rounds));

    /// <summary>The S-box on each octet of a word: an instruction meant for blocks does it, all columns being the same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Substitute(uint word) => X86.Aes.IsSupported
        ? X86.Aes.KeygenAssist(Vector128.Create(word).AsByte(), 0).AsUInt32().ToScalar()
        : Arm.Aes.Encrypt(Vector128.Create(word).AsByte(), Vector128<byte>.Zero).AsUInt32().ToScalar();

    [InlineArray(15)]
    private struct Rounds
    {
        private Vector128<byte> _first;
    }
}
