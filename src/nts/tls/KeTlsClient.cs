using System.Text;
using Org.BouncyCastle.Tls;

namespace TimeSuite.Nts.Tls;

/// <summary>Judges the server's chain of certificates.</summary>
/// <param name="chain">DER, the server's own first, as it was sent.</param>
/// <returns>Null if it is to be trusted, else why not, as the end of a sentence.</returns>
public delegate string? KeTrust(IReadOnlyList<byte[]> chain);

/// <summary>The client's end.</summary>
public sealed class KeTlsClient : KeTls
{
    private const int LongestChain = 10;

    private readonly KeTrust _trust;

    /// <param name="crypto">Primitives.</param>
    /// <param name="name">The server's, which is told to it (SNI); null if all that we know is an address.</param>
    /// <param name="trust">Asked once, before anything secret is said.</param>
    public KeTlsClient(KeCrypto crypto, string? name, KeTrust trust)
    {
        _trust = trust;
        Start(new TlsClientProtocol(), protocol => protocol.Connect(new Peer(this, crypto, name)));
    }

    private sealed class Peer(KeTlsClient end, KeCrypto crypto, string? name) : AbstractTlsClient(crypto.Engine), TlsAuthentication
    {
        protected override ProtocolVersion[] GetSupportedVersions() => ProtocolVersion.TLSv13.Only();

        protected override int[] GetSupportedCipherSuites() => KeSchemes.CipherSuites;

        protected override IList<int> GetSupportedGroups(IList<int> namedGroupRoles) => crypto.Groups;

        public override IList<int> GetEarlyKeyShareGroups() => new[] { NamedGroup.secp256r1 };

        protected override IList<SignatureAndHashAlgorithm> GetSupportedSignatureAlgorithms() => KeSchemes.ToAlgorithms(KeSchemes.Signatures(crypto.Provider));

        protected override IList<SignatureAndHashAlgorithm> GetSupportedSignatureAlgorithmsCert() => KeSchemes.ToAlgorithms(KeSchemes.ChainSignatures);

        protected override IList<ProtocolName> GetProtocolNames() => new[] { ProtocolName.AsUtf8Encoding(KeSchemes.Alpn) };

        protected override IList<ServerName>? GetSniServerNames() =>
            name is null ? null : new[] { new ServerName(NameType.host_name, Encoding.ASCII.GetBytes(name.TrimEnd('.'))) };

        protected override CertificateStatusRequest? GetCertificateStatusRequest() => null;

        public override int GetMaxCertificateChainLength() => LongestChain;

        public override bool ShouldCheckSigAlgOfPeerCerts() => false; // the owner's part, as is the rest of the chain

        public override bool RequiresCloseNotify() => false;

        public override TlsAuthentication GetAuthentication() => this;

        public override void ProcessServerExtensions(IDictionary<int, byte[]> serverExtensions)
        {
            base.ProcessServerExtensions(serverExtensions);
            if (m_context.SecurityParameters.ApplicationProtocol?.GetUtf8Decoding() != KeSchemes.Alpn)
            {
                throw end.Refuse(KeTlsFault.NoNtsKe, AlertDescription.no_application_protocol, "the server does not speak ntske/1");
            }
        }

        public void NotifyServerCertificate(TlsServerCertificate serverCertificate)
        {
            var chain = serverCertificate.Certificate.GetCertificateList().Select(certificate => certificate.GetEncoded()).ToList();
            string? refusal = chain.Count == 0 ? "the server showed no certificate" : end._trust(chain);
            if (refusal is not null)
            {
                throw end.Refuse(KeTlsFault.Untrusted, AlertDescription.bad_certificate, refusal);
            }
        }

        public TlsCredentials? GetClientCredentials(CertificateRequest certificateRequest) => null;

        public override void NotifyHandshakeComplete()
        {
            base.NotifyHandshakeComplete();
            end.Established(m_context);
        }
    }
}
