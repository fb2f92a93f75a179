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

/// <summary>The primitives of all TLS connections of a process; made once, shared by all threads.</summary>
/// <remarks>With <see cref="KeProvider.OpenSsl"/>, ephemeral keys and the nonces of signatures come from libcrypto's own generator, not from the chance given here.</remarks>
public sealed class KeCrypto
{
    public KeCrypto(KeProvider provider, KeChance chance)
    {
        Provider = provider;
        var random = new SecureRandom(new Chance(chance));
        Engine = provider == KeProvider.OpenSsl ? new OpenSslCrypto(random, chance) : new ManagedCrypto(random, chance);
    }

    public KeProvider Provider { get; }

    internal BcTlsCrypto Engine { get; }

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
