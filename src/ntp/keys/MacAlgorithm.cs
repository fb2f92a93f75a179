namespace TimeSuite.Ntp;

/// <summary>How a key makes a message authentication code.</summary>
public enum MacAlgorithm
{
    /// <summary>MD5 of key and message: weak, for old peers only.</summary>
    Md5,

    /// <summary>SHA-1 of key and message: weak, for old peers only.</summary>
    Sha1,

    Sha256,
    Sha384,
    Sha512,

    /// <summary>AES-CMAC with a key of 16 octets (RFC 8573).</summary>
    Aes128,

    /// <summary>AES-CMAC with a key of 32 octets.</summary>
    Aes256,
}
