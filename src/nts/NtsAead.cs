namespace TimeSuite.Nts;

/// <summary>The algorithms that protect packets, by their numbers in IANA's registry of AEADs (RFC 5116).</summary>
public enum NtsAead : ushort
{
    /// <summary>RFC 5297; the one that everybody has.</summary>
    AesSivCmac256 = 15,

    AesSivCmac384 = 16,

    AesSivCmac512 = 17,

    /// <summary>RFC 8452.</summary>
    Aes128GcmSiv = 30,
}

/// <summary>What the registry says of an AEAD.</summary>
public static class NtsAeads
{
    /// <summary>Octets of the longest key.</summary>
    public const int LongestKey = 64;

    /// <summary>Octets of the tag, of each of them.</summary>
    public const int TagSize = 16;

    /// <summary>Whether we can use it.</summary>
    public static bool IsKnown(this NtsAead aead) => aead is NtsAead.AesSivCmac256 or NtsAead.AesSivCmac384 or NtsAead.AesSivCmac512 or NtsAead.Aes128GcmSiv;

    /// <summary>Octets of a key; 0 for what we do not know.</summary>
    public static int KeySize(this NtsAead aead) => aead switch
    {
        NtsAead.AesSivCmac256 => 32,
        NtsAead.AesSivCmac384 => 48,
        NtsAead.AesSivCmac512 => 64,
        NtsAead.Aes128GcmSiv => 16,
        _ => 0,
    };

    /// <summary>Octets of a nonce as we make it.</summary>
    public static int NonceSize(this NtsAead aead) => aead == NtsAead.Aes128GcmSiv ? 12 : 16;
}
