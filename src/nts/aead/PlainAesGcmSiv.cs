using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Modes;
using Org.BouncyCastle.Crypto.Parameters;

namespace TimeSuite.Nts;

/// <summary>AES-128-GCM-SIV of BouncyCastle: for processors without the instructions. It allocates.</summary>
internal sealed class PlainAesGcmSiv : AeadCipher
{
    private const int TagBits = 128, NonceSize = 12;

    private KeyParameter? _key;

    public override void SetKey(ReadOnlySpan<byte> key) => _key = new(key);

    public override void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> plaintext, Span<byte> output)
    {
        var cipher = Start(forEncryption: true, nonce, associated);
        int count = cipher.ProcessBytes(plaintext, output);
        cipher.DoFinal(output[count..]);
    }

    public override bool TryOpen(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> input, Span<byte> plaintext)
    {
        if (input.Length < NtsAeads.TagSize || nonce.Length != NonceSize)
        {
            return false;
        }

        var cipher = Start(forEncryption: false, nonce, associated);
        byte[] whole = new byte[input.Length];
        try
        {
            int count = cipher.ProcessBytes(input, whole);
            count += cipher.DoFinal(whole.AsSpan(count));
            whole.AsSpan(0, count).CopyTo(plaintext);
            return true;
        }
        catch (InvalidCipherTextException)
        {
            plaintext[..(input.Length - NtsAeads.TagSize)].Clear();
            return false;
        }
    }

    private GcmSivBlockCipher Start(bool forEncryption, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated)
    {
        var cipher = new GcmSivBlockCipher();
        cipher.Init(forEncryption, new AeadParameters(_key, TagBits, nonce.ToArray(), associated.ToArray()));
        return cipher;
    }
}
