using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace TimeSuite.Nts.Tls;

/// <summary>What stands in PEM files (RFC 7468).</summary>
internal static class KePem
{
    /// <summary>All certificates, DER, in the order of the file. Other things in it are passed over.</summary>
    public static List<byte[]> Certificates(ReadOnlySpan<byte> pem)
    {
        var all = new List<byte[]>();
        while (PemEncoding.TryFindUtf8(pem, out var fields))
        {
            if (pem[fields.Label].SequenceEqual("CERTIFICATE"u8))
            {
                all.Add(Decode(pem[fields.Base64Data], fields.DecodedDataLength));
            }

            pem = pem[fields.Location.End..];
        }

        return all;
    }

    /// <summary>The first private key.</summary>
    /// <param name="pem">The file.</param>
    /// <param name="label">PRIVATE KEY, EC PRIVATE KEY or RSA PRIVATE KEY.</param>
    /// <param name="key">DER, in memory that the collector does not move: whoever has it zeroes it.</param>
    /// <param name="fault">As the end of a sentence.</param>
    public static bool TryReadKey(ReadOnlySpan<byte> pem, out string label, out byte[] key, out string fault)
    {
        (label, key, fault) = ("", [], "there is no private key in it");
        while (PemEncoding.TryFindUtf8(pem, out var fields))
        {
            label = Encoding.ASCII.GetString(pem[fields.Label]);
            if (label is "PRIVATE KEY" or "EC PRIVATE KEY" or "RSA PRIVATE KEY")
            {
                if (pem[fields.Base64Data].StartsWith("Proc-Type:"u8))
                {
                    break;
                }

                key = Decode(pem[fields.Base64Data], fields.DecodedDataLength);
                fault = "";
                return true;
            }

            if (label == "ENCRYPTED PRIVATE KEY")
            {
                fault = "the private key is encrypted; it has to be in plain, readable by the daemon alone";
                return false;
            }

            pem = pem[fields.Location.End..];
        }

        return false;
    }

    private static byte[] Decode(ReadOnlySpan<byte> base64, int length)
    {
        byte[] der = GC.AllocateArray<byte>(length, pinned: true);
        return Base64.DecodeFromUtf8(base64, der, out _, out int written) == OperationStatus.Done && written == length
            ? der : throw new CryptographicException("not base64");
    }
}
