using System.Security.Cryptography;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;

namespace TimeSuite.Nts.Tls;

/// <summary>Ephemeral Diffie-Hellman on P-256 or P-384.</summary>
internal sealed class OpenSslCurve(OpenSslCrypto crypto, int group) : TlsECDomain
{
    private static readonly ECCurve s_p256 = ECCurve.NamedCurves.nistP256, s_p384 = ECCurve.NamedCurves.nistP384;

    private bool IsP256 => group == NamedGroup.secp256r1;

    public TlsAgreement CreateECDH() => new Agreement(crypto, IsP256 ? s_p256 : s_p384, IsP256 ? 32 : 48);

    /// <param name="crypto">Of the connection.</param>
    /// <param name="curve">Of both keys.</param>
    /// <param name="size">Octets of a coordinate.</param>
    private sealed class Agreement(OpenSslCrypto crypto, ECCurve curve, int size) : TlsAgreement
    {
        private readonly ECDiffieHellman _own = ECDiffieHellman.Create(curve);
        private byte[]? _shared;

        /// <summary>The uncompressed point (RFC 8446 section 4.2.8.2).</summary>
        public byte[] GenerateEphemeral()
        {
            var point = _own.ExportParameters(includePrivateParameters: false).Q;
            return [4, .. point.X!, .. point.Y!];
        }

        public void ReceivePeerValue(byte[] peerValue)
        {
            if (peerValue.Length != 1 + (2 * size) || peerValue[0] != 4)
            {
                throw new TlsFatalAlert(AlertDescription.illegal_parameter);
            }

            try
            {
                // Importing checks that the point is on the curve.
                using var peer = ECDiffieHellman.Create(new ECParameters { Curve = curve, Q = new() { X = peerValue[1..(1 + size)], Y = peerValue[(1 + size)..] } });
                using var key = peer.PublicKey;
                _shared = _own.DeriveRawSecretAgreement(key);
            }
            catch (CryptographicException)
            {
                throw new TlsFatalAlert(AlertDescription.illegal_parameter);
            }
        }

        public TlsSecret CalculateSecret()
        {
            _own.Dispose();
            return new OpenSslSecret(crypto, _shared ?? throw new TlsFatalAlert(AlertDescription.internal_error));
        }
    }
}
