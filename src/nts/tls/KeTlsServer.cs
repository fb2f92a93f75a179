using System.Text;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;

namespace TimeSuite.Nts.Tls;

/// <summary>The server's end. No resumption, no early data, no client certificates: each exchange is a full handshake.</summary>
public sealed class KeTlsServer : KeTls
{
    private const int LongestHandshakeMessage = 16_384; // octets; a ClientHello has some hundred, with post-quantum shares two thousand

    private readonly IReadOnlyList<KeIdentity> _identities;

    /// <param name="crypto">With which the identities were read.</param>
    /// <param name="identities">At least one. The one whose name the client asks for is shown, else the first that it can verify.</param>
    public KeTlsServer(KeCrypto crypto, IReadOnlyList<KeIdentity> identities)
    {
        _identities = identities;
        Start(new TlsServerProtocol(), protocol => protocol.Accept(new Peer(this, crypto)));
    }

    /// <summary>The best certificate for what the client has said: of the name that it asked for, else any, that it can verify.</summary>
    private (KeIdentity Identity, int Scheme)? Choose(string? name, IReadOnlyCollection<int> clients)
    {
        foreach (bool byName in name is null ? new[] { false } : [true, false])
        {
            foreach (var identity in _identities.Where(identity => !byName || identity.IsFor(name!)))
            {
                foreach (int scheme in identity.Schemes.Where(clients.Contains))
                {
                    return (identity, scheme);
                }
            }
        }

        return null;
    }

    private sealed class Peer(KeTlsServer end, KeCrypto crypto) : AbstractTlsServer(crypto.Engine)
    {
        protected override ProtocolVersion[] GetSupportedVersions() => ProtocolVersion.TLSv13.Only();

        protected override int[] GetSupportedCipherSuites() => KeSchemes.CipherSuites;

        public override int[] GetSupportedGroups() => crypto.Groups;

        protected override IList<ProtocolName> GetProtocolNames() => new[] { ProtocolName.AsUtf8Encoding(KeSchemes.Alpn) };

        protected override bool AllowCertificateStatus() => false;

        public override int GetMaxHandshakeMessageSize() => LongestHandshakeMessage;

        public override bool RequiresCloseNotify() => false; // a message of the key exchange tells its own end

        public override void ProcessClientExtensions(IDictionary<int, byte[]> clientExtensions)
        {
            base.ProcessClientExtensions(clientExtensions);
            if (m_clientProtocolNames is null || !m_clientProtocolNames.Any(name => name.GetUtf8Decoding() == KeSchemes.Alpn))
            {
                throw end.Refuse(KeTlsFault.NoNtsKe, AlertDescription.no_application_protocol, "the client did not offer ntske/1");
            }
        }

        public override TlsCredentials GetCredentials()
        {
            var parameters = m_context.SecurityParameters;
            string? name = parameters.ClientServerNames?
                .Where(server => server.NameType == NameType.host_name)
                .Select(server => Encoding.ASCII.GetString(server.NameData)).FirstOrDefault();
            var chosen = end.Choose(name, [.. (parameters.ClientSigAlgs ?? []).Select(SignatureScheme.From)]);
            return chosen is var (identity, scheme)
                ? new DefaultTlsCredentialedSigner(
                    new TlsCryptoParameters(m_context), identity.Signer(scheme), identity.Certificate, SignatureScheme.GetSignatureAndHashAlgorithm(scheme))
                : throw end.Refuse(KeTlsFault.Malformed, AlertDescription.handshake_failure, "the client can verify no certificate of ours");
        }

        public override void NotifyHandshakeComplete()
        {
            base.NotifyHandshakeComplete();
            end.Established(m_context);
        }
    }
}
