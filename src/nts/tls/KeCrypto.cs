using Org.BouncyCastle.Crypto.Prng;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace TimeSuite.Nts.Tls;

/// <summary>Whose primitives are under the TLS engine.</summary>
public enum KeProvider
{
    /// <summary>The engine's own, all in memory-safe code.</summary>
    Managed,

    /// <summary>libcrypto's, through System.Security.Cryptography: the host's crypto policy and its FIPS module apply.</summary>
    OpenSsl,
}

/// <summary>Fills all of it with octets that nobody can guess. Called from any thread.</summary>
public delegate void KeChance(Span<byte> octets);

/// <summary>Makes a key for one agreement on a curve (P-256, P-384, X25519) by libcrypto. Null: it has no such curve.</summary>
/// <returns>The value for the peer (RFC 8446 section 4.2.8.2), and what makes the secret of the peer's, or null of what is no such value.</returns>
public delegate (byte[] Value, Func<byte[], byte[]?> Agree)? KeAgreements(string curve);

/// <summary>The primitives of all TLS connections of a process; made once, shared by all threads.</summary>
public sealed class KeCrypto
{
    private KeCrypto(KeProvider provider, BcTlsCrypto engine)
    {
        (Provider, Engine) = (provider, engine);
        Groups = [.. KeSchemes.Groups.Where(engine.HasNamedGroup)];
    }

    public KeProvider Provider { get; }

    internal BcTlsCrypto Engine { get; }

    /// <summary>Groups, best first.</summary>
    internal int[] Groups { get; }

    /// <summary>All of the engine's own.</summary>
    public static KeCrypto Managed(KeChance chance) => new(KeProvider.Managed, new ManagedCrypto(new(new Chance(chance)), chance));

    /// <summary>All of libcrypto's. Ephemeral keys and the nonces of signatures come from its own generator, not from the chance given here.</summary>
    public static KeCrypto OpenSsl(KeChance chance, KeAgreements agreements) => new(KeProvider.OpenSsl, new OpenSslCrypto(new(new Chance(chance)), chance, agreements));

    /// <summary>The engine's own, but for nonces: those come from the chance that we are given, without a generator for each connection.</summary>
    private sealed class ManagedCrypto(SecureRandom random, KeChance chance) : BcTlsCrypto(random)
    {
        public override TlsNonceGenerator CreateNonceGenerator(byte[] additionalSeedMaterial) => new Nonces(chance);

        public override TlsNonceGenerator CreateNonceGenerator(ReadOnlySpan<byte> additionalSeedMaterial) => new Nonces(chance);
    }

    internal sealed class Nonces(KeChance chance) : TlsNonceGenerator
    {
        public byte[] GenerateNonce(int size)
        {
            byte[] nonce = new byte[size];
            chance(nonce);
            return nonce;
        }
    }

    private sealed class Chance(KeChance chance) : IRandomGenerator
    {
        public void AddSeedMaterial(byte[] seed)
        {
            // Ours needs none.
        }

        public void AddSeedMaterial(ReadOnlySpan<byte> seed)
        {
        }

        public void AddSeedMaterial(long seed)
        {
        }

        public void NextBytes(byte[] bytes) => chance(bytes);

        public void NextBytes(byte[] bytes, int start, int len) => chance(bytes.AsSpan(start, len));

        public void NextBytes(Span<byte> bytes) => chance(bytes);
    }
}
