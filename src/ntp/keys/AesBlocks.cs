using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using Arm = System.Runtime.Intrinsics.Arm;
using X86 = System.Runtime.Intrinsics.X86;

namespace TimeSuite.Ntp;

/// <summary>AES in one direction on blocks of 16 octets (FIPS 197), by the processor's own instructions: no table, no allocation, no time that depends on the key.</summary>
internal sealed class AesBlocks
{
    /// <summary>Octets of a block.</summary>
    public const int Size = 16;

    private readonly Vector128<byte>[] _rounds; // the key of each round, 11 or 15; pinned, so that no copy is left behind

    /// <param name="key">16 or 32 octets.</param>
    public AesBlocks(ReadOnlySpan<byte> key)
    {
        _rounds = GC.AllocateArray<Vector128<byte>>(key.Length / 4 + 7, pinned: true);
        Expand(key, System.Runtime.InteropServices.MemoryMarshal.AsBytes(_rounds.AsSpan()));
    }

    ~AesBlocks() => CryptographicOperations.ZeroMemory(System.Runtime.InteropServices.MemoryMarshal.AsBytes(_rounds.AsSpan()));

    /// <summary>Whether this processor has the instructions.</summary>
    public static bool IsSupported => X86.Aes.IsSupported || Arm.Aes.IsSupported;

    /// <summary>One block. Only where <see cref="IsSupported"/>.</summary>
    public Vector128<byte> Encrypt(Vector128<byte> block)
    {
        ReadOnlySpan<Vector128<byte>> rounds = _rounds;
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

    /// <summary>FIPS 197 section 5.2. At load only; the one place with the S-box as a table.</summary>
    private static void Expand(ReadOnlySpan<byte> key, Span<byte> words)
    {
        Span<byte> box = stackalloc byte[256];
        FillSubstitution(box);
        key.CopyTo(words);
        byte constant = 1;
        Span<byte> last = stackalloc byte[4];
        for (int at = key.Length; at < words.Length; at += 4)
        {
            words[(at - 4)..at].CopyTo(last);
            if (at % key.Length == 0)
            {
                (last[0], last[1], last[2], last[3]) = ((byte)(box[last[1]] ^ constant), box[last[2]], box[last[3]], box[last[0]]);
                constant = Double(constant);
            }
            else if (key.Length == 32 && at % 32 == 16)
            {
                (last[0], last[1], last[2], last[3]) = (box[last[0]], box[last[1]], box[last[2]], box[last[3]]);
            }

            for (int octet = 0; octet < 4; octet++)
            {
                words[at + octet] = (byte)(words[at + octet - key.Length] ^ last[octet]);
            }
        }

        last.Clear();
    }

    /// <summary>FIPS 197 section 5.1.1: the inverse in GF(2^8), found by walking powers of 3 and of its inverse, then an affine map.</summary>
    private static void FillSubstitution(Span<byte> box)
    {
        byte power = 1;
        byte inverse = 1;
        do
        {
            power = (byte)(power ^ Double(power)); // times 3
            inverse = unchecked((byte)(inverse ^ inverse << 1)); // by 3; bits that leave the octet are meant to
            inverse = unchecked((byte)(inverse ^ inverse << 2));
            inverse = unchecked((byte)(inverse ^ inverse << 4));
            inverse = (byte)((inverse & 0x80) != 0 ? inverse ^ 0x09 : inverse);
            box[power] = (byte)(inverse ^ byte.RotateLeft(inverse, 1) ^ byte.RotateLeft(inverse, 2) ^ byte.RotateLeft(inverse, 3) ^ byte.RotateLeft(inverse, 4) ^ 0x63);
        }
        while (power != 1);
        box[0] = 0x63;
    }

    private static byte Double(byte value) => unchecked((byte)(value << 1 ^ (value >> 7) * 0x1B));
}
