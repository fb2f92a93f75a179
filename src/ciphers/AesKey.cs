using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Arm = System.Runtime.Intrinsics.Arm;
using X86 = System.Runtime.Intrinsics.X86;

namespace TimeSuite.Ciphers;

/// <summary>A key of AES, ready to encrypt blocks (FIPS 197) by the processor's own instructions: no table, no allocation, no time that depends on the key.</summary>
/// <remarks>240 octets of secret: keep it where it does not move, and <see cref="Clear"/> it.</remarks>
[StructLayout(LayoutKind.Sequential)]
public struct AesKey
{
    /// <summary>Octets of a block.</summary>
    public const int BlockSize = 16;

    private const int MostRounds = 15; // keys of them

    // The keys of the rounds, one behind the other. Fields and not an array in place: its elements cost a call each.
    internal Vector128<byte> _0, _1, _2, _3, _4, _5, _6, _7, _8, _9, _10, _11, _12, _13, _14;
    private int _last; // the last round: 10, 12 or 14

    [UnscopedRef]
    private Span<Vector128<byte>> Rounds => MemoryMarshal.CreateSpan(ref _0, MostRounds);

    [UnscopedRef]
    private readonly ReadOnlySpan<Vector128<byte>> Keys => MemoryMarshal.CreateReadOnlySpan(in _0, MostRounds);

    /// <summary>Whether this processor has the instructions. Where not, nothing here works.</summary>
    public static bool IsSupported => X86.Aes.IsSupported || Arm.Aes.IsSupported;

    /// <summary>Makes the keys of the rounds, FIPS 197 section 5.2.</summary>
    /// <param name="key">16, 24 or 32 octets.</param>
    public void Set(ReadOnlySpan<byte> key)
    {
        switch (key.Length)
        {
            case 16:
                Expand(Vector128.Create(key));
                break;
            case 24:
                ExpandWords(MemoryMarshal.Cast<byte, uint>(key));
                break;
            case 32:
                Expand(Vector128.Create(key), Vector128.Create(key[BlockSize..]));
                break;
            default:
                throw new ArgumentException("16, 24 or 32 octets", nameof(key));
        }
    }

    /// <summary>Encrypts a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Vector128<byte> Encrypt(Vector128<byte> block)
    {
        if (X86.Aes.IsSupported)
        {
            // Written out: a loop over so few rounds costs more than they do.
            block ^= _0;
            block = X86.Aes.Encrypt(block, _1);
            block = X86.Aes.Encrypt(block, _2);
            block = X86.Aes.Encrypt(block, _3);
            block = X86.Aes.Encrypt(block, _4);
            block = X86.Aes.Encrypt(block, _5);
            block = X86.Aes.Encrypt(block, _6);
            block = X86.Aes.Encrypt(block, _7);
            block = X86.Aes.Encrypt(block, _8);
            block = X86.Aes.Encrypt(block, _9);
            if (_last == 10)
            {
                return X86.Aes.EncryptLast(block, _10);
            }

            block = X86.Aes.Encrypt(block, _10);
            block = X86.Aes.Encrypt(block, _11);
            if (_last == 12)
            {
                return X86.Aes.EncryptLast(block, _12);
            }

            block = X86.Aes.Encrypt(block, _12);
            block = X86.Aes.Encrypt(block, _13);
            return X86.Aes.EncryptLast(block, _14);
        }

        return EncryptOnArm(block);
    }

    /// <summary>Encrypts two blocks side by side, in the time of one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Encrypt(ref Vector128<byte> a, ref Vector128<byte> b)
    {
        if (!X86.Aes.IsSupported)
        {
            (a, b) = (EncryptOnArm(a), EncryptOnArm(b));
            return;
        }

        var (x, y) = (a ^ _0, b ^ _0);
        foreach (ref readonly var key in Keys[1.._last])
        {
            x = X86.Aes.Encrypt(x, key);
            y = X86.Aes.Encrypt(y, key);
        }

        var last = Keys[_last];
        (a, b) = (X86.Aes.EncryptLast(x, last), X86.Aes.EncryptLast(y, last));
    }

    /// <summary>Encrypts four blocks side by side, in little more than the time of one.</summary>
    public readonly void Encrypt(ref Vector128<byte> a, ref Vector128<byte> b, ref Vector128<byte> c, ref Vector128<byte> d)
    {
        if (!X86.Aes.IsSupported)
        {
            (a, b, c, d) = (Encrypt(a), Encrypt(b), Encrypt(c), Encrypt(d));
            return;
        }

        var (w, x, y, z) = (a ^ _0, b ^ _0, c ^ _0, d ^ _0);
        foreach (ref readonly var key in Keys[1.._last])
        {
            w = X86.Aes.Encrypt(w, key);
            x = X86.Aes.Encrypt(x, key);
            y = X86.Aes.Encrypt(y, key);
            z = X86.Aes.Encrypt(z, key);
        }

        var last = Keys[_last];
        a = X86.Aes.EncryptLast(w, last);
        b = X86.Aes.EncryptLast(x, last);
        c = X86.Aes.EncryptLast(y, last);
        d = X86.Aes.EncryptLast(z, last);
    }

    /// <summary>Zeroes the secret.</summary>
    public void Clear() => System.Security.Cryptography.CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(Rounds));

    // The four words of a round's key at once: each is the word four before it, xored with the one before; the first of them with a word of the S-box.
    private void Expand(Vector128<byte> key)
    {
        _last = 10;
        var rounds = Rounds;
        rounds[0] = key;
        uint constant = 1;
        for (int at = 1; at <= 10; at++, constant = constant << 1 ^ (constant >> 7) * 0x11B)
        {
            rounds[at] = key = Spread(key) ^ SubstituteRotated(key, constant);
        }
    }

    private void Expand(Vector128<byte> even, Vector128<byte> odd)
    {
        _last = 14;
        var rounds = Rounds;
        rounds[0] = even;
        rounds[1] = odd;
        uint constant = 1;
        for (int at = 2; at < 14; at += 2, constant <<= 1)
        {
            rounds[at] = even = Spread(even) ^ SubstituteRotated(odd, constant);
            rounds[at + 1] = odd = Spread(odd) ^ Substitute(even);
        }

        rounds[14] = Spread(even) ^ SubstituteRotated(odd, constant);
    }

    // With a key of six words the rounds' keys begin inside of a group: word by word.
    private void ExpandWords(ReadOnlySpan<uint> key)
    {
        _last = 12;
        var schedule = MemoryMarshal.Cast<Vector128<byte>, uint>(Rounds)[..(4 * (_last + 1))];
        key.CopyTo(schedule);
        uint constant = 1;
        for (int at = key.Length; at < schedule.Length; at++)
        {
            uint word = schedule[at - 1];
            if (at % key.Length == 0)
            {
                word = SubstituteRotated(Vector128.Create(word).AsByte(), constant).AsUInt32().ToScalar();
                constant <<= 1;
            }

            schedule[at] = schedule[at - key.Length] ^ word;
        }
    }

    /// <summary>Each word xored with all those before it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Spread(Vector128<byte> words)
    {
        // Not Vector128.Shuffle: compiled ahead for any x86-64, it is a call.
        if (X86.Aes.IsSupported)
        {
            words ^= X86.Sse2.ShiftLeftLogical128BitLane(words, 4);
            return words ^ X86.Sse2.ShiftLeftLogical128BitLane(words, 8);
        }

        words ^= Arm.AdvSimd.ExtractVector128(Vector128<byte>.Zero, words, 12);
        return words ^ Arm.AdvSimd.ExtractVector128(Vector128<byte>.Zero, words, 8);
    }

    /// <summary>The last word through the S-box and rotated by an octet, with the round's constant, in each word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> SubstituteRotated(Vector128<byte> words, uint constant) => (X86.Aes.IsSupported
        ? X86.Sse2.Shuffle(X86.Aes.KeygenAssist(words, 0).AsUInt32(), 0xFF)
        : Vector128.Create(BitOperations.RotateRight(Substitute(words).AsUInt32().ToScalar(), 8))).AsByte() ^ Vector128.Create(constant).AsByte();

    /// <summary>The S-box on the last word, in each word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Substitute(Vector128<byte> words) => X86.Aes.IsSupported
        ? X86.Sse2.Shuffle(X86.Aes.KeygenAssist(words, 0).AsUInt32(), 0xAA).AsByte()
        : Arm.Aes.Encrypt(Vector128.Create(words.AsUInt32()[3]).AsByte(), Vector128<byte>.Zero); // among equals, the shift of rows moves nothing

    private readonly Vector128<byte> EncryptOnArm(Vector128<byte> block)
    {
        foreach (ref readonly var key in Keys[..(_last - 1)])
        {
            block = Arm.Aes.MixColumns(Arm.Aes.Encrypt(block, key));
        }

        return Arm.Aes.Encrypt(block, Keys[_last - 1]) ^ Keys[_last];
    }
}
