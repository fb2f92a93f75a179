using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace TimeSuite.Ciphers;

/// <summary>AES-CMAC with a key of 128 or 256 bits (RFC 4493, RFC 8573). From many threads at once.</summary>
public sealed class AesCmac
{
    private readonly AesKey[]? _own; // one; pinned, so that no copy is left behind
    private readonly Aes? _library; // on processors without AES instructions; this one allocates
    private readonly byte[] _subkeys = GC.AllocateArray<byte>(2 * AesKey.BlockSize, pinned: true); // K1, K2

    /// <param name="key">16 or 32 octets.</param>
    /// <param name="byInstructions">False only in tests and where there are none.</param>
    public AesCmac(byte[] key, bool byInstructions)
    {
        if (byInstructions)
        {
            _own = GC.AllocateArray<AesKey>(1, pinned: true);
            _own[0].Set(key);
        }
        else
        {
            _library = Aes.Create();
            _library.Key = key;
        }

        var first = _subkeys.AsSpan(0, AesKey.BlockSize);
        var second = _subkeys.AsSpan(AesKey.BlockSize);
        Chain(new byte[AesKey.BlockSize], first);
        Shift(first, first);
        Shift(first, second);
    }

    ~AesCmac()
    {
        CryptographicOperations.ZeroMemory(_subkeys);
        _own?[0].Clear();
        _library?.Dispose();
    }

    /// <summary>Writes the 16 octets of the tag.</summary>
    public void Compute(ReadOnlySpan<byte> message, Span<byte> tag)
    {
        int whole = message.Length == 0 ? 0 : (message.Length - 1) / AesKey.BlockSize * AesKey.BlockSize;
        var rest = message[whole..];
        Span<byte> last = stackalloc byte[AesKey.BlockSize];
        last.Clear();
        rest.CopyTo(last);
        var subkey = _subkeys.AsSpan(0, AesKey.BlockSize);
        if (rest.Length < AesKey.BlockSize)
        {
            last[rest.Length] = 0x80;
            subkey = _subkeys.AsSpan(AesKey.BlockSize);
        }

        for (int octet = 0; octet < AesKey.BlockSize; octet++)
        {
            last[octet] ^= subkey[octet];
        }

        if (_own is null)
        {
            Span<byte> input = stackalloc byte[whole + AesKey.BlockSize];
            message[..whole].CopyTo(input);
            last.CopyTo(input[whole..]);
            Chain(input, tag);
            return;
        }

        var state = Vector128<byte>.Zero;
        foreach (var block in MemoryMarshal.Cast<byte, Vector128<byte>>(message[..whole]))
        {
            state = _own[0].Encrypt(state ^ block);
        }

        _own[0].Encrypt(state ^ Vector128.Create<byte>(last)).CopyTo(tag);
    }

    /// <summary>The last block of cipher block chaining from zero.</summary>
    private void Chain(ReadOnlySpan<byte> blocks, Span<byte> last)
    {
        if (_own is not null)
        {
            _own[0].Encrypt(Vector128.Create(blocks)).CopyTo(last); // the subkeys' single block
            return;
        }

        Span<byte> chained = stackalloc byte[blocks.Length];
        Span<byte> zero = stackalloc byte[AesKey.BlockSize];
        zero.Clear();
        _library!.EncryptCbc(blocks, zero, chained, PaddingMode.None);
        chained[^AesKey.BlockSize..].CopyTo(last);
    }

    /// <summary>Doubling in GF(2^128), RFC 4493 section 2.3.</summary>
    private static void Shift(ReadOnlySpan<byte> from, Span<byte> to)
    {
        byte carry = (byte)(from[0] >> 7);
        for (int octet = 0; octet < AesKey.BlockSize; octet++)
        {
            int next = octet + 1 < AesKey.BlockSize ? from[octet + 1] >> 7 : 0;
            to[octet] = unchecked((byte)(from[octet] << 1 | next));
        }

        to[^1] = (byte)(to[^1] ^ carry * 0x87);
    }
}
