using System.Security.Cryptography;
using TimeSuite.Linux;
using TimeSuite.Nts.Tls;

namespace TimeSuite.Nts.Tests.Tls;

/// <summary>A client and a server, and the wire between them.</summary>
internal sealed class Pair : IDisposable
{
    public static readonly KeCrypto Managed = KeCrypto.Managed(RandomNumberGenerator.Fill);
    public static readonly KeCrypto OpenSsl = KeCrypto.OpenSsl(RandomNumberGenerator.Fill, KeyAgreement.Begin);

    public Pair(KeTls client, KeTls server) => (Client, Server) = (client, server);

    public KeTls Client { get; }

    public KeTls Server { get; }

    /// <summary>All that went over the wire, with who said it.</summary>
    public List<(bool FromClient, byte[] Octets)> Wire { get; } = [];

    public static KeCrypto Of(KeProvider provider) => provider == KeProvider.OpenSsl ? OpenSsl : Managed;

    public static KeIdentity Identity(KeCrypto crypto, PemPair pem)
    {
        Assert.True(KeIdentity.TryRead(crypto, pem.Chain, pem.Key, out var identity, out string fault), fault);
        return identity;
    }

    public static Pair Make(KeProvider client, KeProvider server, PemPair pem, KeTrust? trust = null) => new(
        new KeTlsClient(Of(client), "time.example", trust ?? (_ => null)),
        new KeTlsServer(Of(server), [Identity(Of(server), pem)]));

    /// <summary>Carries octets to and fro until nobody has any left.</summary>
    /// <param name="chunk">So many octets at a time.</param>
    /// <param name="tamper">May change what the n-th piece of one side is.</param>
    public Pair Run(int chunk = 16_384, Func<bool, int, byte[], byte[]>? tamper = null)
    {
        byte[] buffer = new byte[chunk];
        int[] pieces = [0, 0];
        for (bool moved = true; moved;)
        {
            moved = false;
            foreach (var (from, to, isClient) in new[] { (Client, Server, true), (Server, Client, false) })
            {
                for (int count; (count = from.Take(buffer)) > 0; moved = true)
                {
                    byte[] piece = buffer[..count];
                    Wire.Add((isClient, piece));
                    to.Offer(tamper?.Invoke(isClient, pieces[isClient ? 0 : 1]++, piece) ?? piece);
                }
            }
        }

        return this;
    }

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
    }
}
