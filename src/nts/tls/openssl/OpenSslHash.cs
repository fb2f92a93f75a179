using System.Security.Cryptography;
using Org.BouncyCastle.Tls.Crypto;

namespace TimeSuite.Nts.Tls;

internal sealed class OpenSslHash(IncrementalHash hash) : TlsHash
{
    public void Update(byte[] input, int inOff, int length) => hash.AppendData(input, inOff, length);

    public void Update(ReadOnlySpan<byte> input) => hash.AppendData(input);

    public byte[] CalculateHash() => hash.GetHashAndReset();

    public TlsHash CloneHash() => new OpenSslHash(hash.Clone());

    public void Reset() => hash.GetHashAndReset();
}

/// <summary>HMAC; the key comes when it is known.</summary>
internal sealed class OpenSslHmac(HashAlgorithmName algorithm, int blockSize) : TlsHmac
{
    private IncrementalHash? _hmac;

    public int InternalBlockSize => blockSize;

    public int MacLength => algorithm == HashAlgorithmName.SHA256 ? 32 : algorithm == HashAlgorithmName.SHA384 ? 48 : 64;

    public void SetKey(byte[] key, int keyOff, int keyLen) => SetKey(key.AsSpan(keyOff, keyLen));

    public void SetKey(ReadOnlySpan<byte> key)
    {
        _hmac?.Dispose();
        _hmac = IncrementalHash.CreateHMAC(algorithm, key);
    }

    public void Update(byte[] input, int inOff, int length) => _hmac!.AppendData(input, inOff, length);

    public void Update(ReadOnlySpan<byte> input) => _hmac!.AppendData(input);

    public byte[] CalculateMac() => _hmac!.GetHashAndReset();

    public void CalculateMac(byte[] output, int outOff) => _hmac!.GetHashAndReset(output.AsSpan(outOff));

    public void CalculateMac(Span<byte> output) => _hmac!.GetHashAndReset(output);

    public void Reset() => _hmac?.GetHashAndReset(stackalloc byte[64]);
}
