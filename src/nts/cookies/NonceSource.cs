using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace TimeSuite.Nts;

/// <summary>Nonces: a counter under a block cipher. Each is different, and nobody can tell from two of them which was first.</summary>
public sealed class NonceSource
{
    private readonly AesKey[] _own = GC.AllocateArray<AesKey>(1, pinned: true);
    private readonly Aes? _library; // where the processor has no instructions; this one allocates
    private UInt128 _counter;

    /// <summary>A source of its own secret.</summary>
    /// <param name="fill">Fills with unpredictable octets.</param>
    public static NonceSource Create(Action<Span<byte>> fill)
    {
        Span<byte> secret = stackalloc byte[AesKey.BlockSize];
        fill(secret);
        return new(secret);
    }

    /// <param name="secret">16 unpredictable octets, of this source alone.</param>
    public NonceSource(ReadOnlySpan<byte> secret)
    {
        if (AesKey.IsSupported)
        {
            _own[0].Set(secret[..AesKey.BlockSize]);
        }
        else
        {
            _library = Aes.Create();
            _library.Key = secret[..AesKey.BlockSize].ToArray();
        }
    }

    ~NonceSource()
    {
        _own[0].Clear();
        _library?.Dispose();
    }

    /// <summary>Writes one.</summary>
    /// <param name="nonce">At most 16 octets. Of 12 there are 2^48 before two are likely to be the same.</param>
    public void Next(Span<byte> nonce)
    {
        Span<byte> block = stackalloc byte[AesKey.BlockSize];
        BinaryPrimitives.WriteUInt128LittleEndian(block, _counter++);
        if (_library is null)
        {
            _own[0].Encrypt(Vector128.Create<byte>(block)).CopyTo(block);
        }
        else
        {
            _library.EncryptEcb(block.ToArray(), block, PaddingMode.None);
        }

        block[..nonce.Length].CopyTo(nonce);
    }
}
