namespace TimeSuite.Nts;

/// <summary>Authenticated encryption with associated data, with a nonce (RFC 5116). An object is for one thread and takes one key after the other.</summary>
public abstract class AeadCipher
{
    /// <summary>Whether all AEADs are computed by the processor's instructions: then nothing allocates, and time does not depend on a key.</summary>
    public static bool IsByInstructions => AesKey.IsSupported && Polyval.IsSupported;

    /// <summary>By the processor's instructions if it has them.</summary>
    public static AeadCipher Create(NtsAead aead) => Create(aead, IsByInstructions);

    internal static AeadCipher Create(NtsAead aead, bool byInstructions) => (aead, byInstructions) switch
    {
        (NtsAead.AesSivCmac256 or NtsAead.AesSivCmac384 or NtsAead.AesSivCmac512, true) => new AesSiv(),
        (NtsAead.AesSivCmac256 or NtsAead.AesSivCmac384 or NtsAead.AesSivCmac512, false) => new PlainAesSiv(),
        (NtsAead.Aes128GcmSiv, true) => new AesGcmSiv(),
        (NtsAead.Aes128GcmSiv, false) => new PlainAesGcmSiv(),
        _ => throw new ArgumentException($"AEAD {(int)aead} is not known", nameof(aead)),
    };

    /// <summary>Takes a key; the one before is gone.</summary>
    /// <param name="key">Of the length that the AEAD has.</param>
    public abstract void SetKey(ReadOnlySpan<byte> key);

    /// <summary>Encrypts and authenticates.</summary>
    /// <param name="nonce">12 octets for AEAD 30, 1 or more for the others.</param>
    /// <param name="associated">Authenticated, not encrypted.</param>
    /// <param name="plaintext">May be empty.</param>
    /// <param name="output">Takes <see cref="NtsAeads.TagSize"/> octets more than <paramref name="plaintext"/> has; may not overlap it.</param>
    public abstract void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> plaintext, Span<byte> output);

    /// <summary>Decrypts. False if anything is not what was sealed: then <paramref name="plaintext"/> is zeroed.</summary>
    /// <param name="nonce">As sealed. One of a length that the AEAD does not take makes this false.</param>
    /// <param name="associated">As sealed.</param>
    /// <param name="input">What <see cref="Seal"/> wrote.</param>
    /// <param name="plaintext">Takes <see cref="NtsAeads.TagSize"/> octets less than <paramref name="input"/> has; may not overlap it.</param>
    public abstract bool TryOpen(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> input, Span<byte> plaintext);
}
