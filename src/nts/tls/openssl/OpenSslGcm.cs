using System.Security.Cryptography;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto.Impl;

namespace TimeSuite.Nts.Tls;

#pragma warning disable CA1001 // The engine tells its ciphers of no end: the collector frees the key.
/// <summary>AES-GCM of one direction.</summary>
internal sealed class OpenSslGcm(bool isEncrypting) : TlsAeadCipherImpl
#pragma warning restore CA1001
{
    private const int TagSize = 16;

    private AesGcm? _aes;
    private byte[] _nonce = [];
    private byte[] _additional = [];

    public void SetKey(byte[] key, int keyOff, int keyLen) => SetKey(key.AsSpan(keyOff, keyLen));

    public void SetKey(ReadOnlySpan<byte> key)
    {
        _aes?.Dispose();
        _aes = new(key, TagSize);
    }

    public void Init(byte[] nonce, int macSize, byte[]? additionalData)
    {
        _nonce = nonce.AsSpan().ToArray(); // the engine counts in its own
        _additional = additionalData ?? [];
    }

    public int GetOutputSize(int inputLength) => isEncrypting ? inputLength + TagSize : Math.Max(0, inputLength - TagSize);

    public int DoFinal(byte[] input, int inputOffset, int inputLength, byte[] output, int outputOffset) =>
        DoFinal(_additional, input, inputOffset, inputLength, output, outputOffset);

    public int DoFinal(byte[] additionalData, byte[] input, int inputOffset, int inputLength, byte[] output, int outputOffset)
    {
        var text = input.AsSpan(inputOffset, inputLength);
        var made = output.AsSpan(outputOffset, GetOutputSize(inputLength));
        if (isEncrypting)
        {
            _aes!.Encrypt(_nonce, text, made[..^TagSize], made[^TagSize..], additionalData);
            return made.Length;
        }

        if (inputLength < TagSize)
        {
            throw new TlsFatalAlert(AlertDescription.decode_error);
        }

        try
        {
            _aes!.Decrypt(_nonce, text[..^TagSize], text[^TagSize..], made, additionalData);
            return made.Length;
        }
        catch (AuthenticationTagMismatchException)
        {
            throw new TlsFatalAlert(AlertDescription.bad_record_mac);
        }
    }

    public void Reset()
    {
        _aes?.Dispose();
        _aes = null;
    }
}
