using System.Buffers.Binary;
using System.Security.Cryptography;
using TimeSuite.Nts.Tls;

namespace TimeSuite.Nts.Tests.Tls;

public sealed class KeTlsTests
{
    private static readonly byte[] Context = [0, 0, 0, 15, 0];

    public static TheoryData<KeProvider, KeProvider, string> All
    {
        get
        {
            var all = new TheoryData<KeProvider, KeProvider, string>();
            foreach (var client in Enum.GetValues<KeProvider>())
            {
                foreach (var server in Enum.GetValues<KeProvider>())
                {
                    foreach (string key in new[] { "P-256", "P-384", "RSA", "Ed25519" }.Where(key => key != "Ed25519" || (client, server) == (KeProvider.Managed, KeProvider.Managed)))
                    {
                        all.Add(client, server, key);
                    }
                }
            }

            return all;
        }
    }

    private static PemPair Pem(string key) => key switch { "P-256" => Certificates.P256, "P-384" => Certificates.P384, "RSA" => Certificates.Rsa, _ => Certificates.Ed25519 };

    [Theory]
    [MemberData(nameof(All))]
    public void Both_ends_meet_export_the_same_keys_talk_and_part(KeProvider client, KeProvider server, string key)
    {
        IReadOnlyList<byte[]>? shown = null;
        using var pair = Pair.Make(client, server, Pem(key), chain =>
        {
            shown = chain;
            return null;
        }).Run();

        Assert.Equal((KeTlsState.Open, KeTlsState.Open), (pair.Client.State, pair.Server.State));
        Assert.Single(shown!);

        byte[] ours = new byte[32], theirs = new byte[32], other = new byte[32];
        pair.Client.Export(Context, ours);
        pair.Server.Export(Context, theirs);
        pair.Server.Export([0, 0, 0, 15, 1], other);
        Assert.Equal(ours, theirs);
        Assert.NotEqual(ours, other);

        Assert.True(pair.Client.Write("request"u8));
        pair.Run();
        byte[] said = new byte[100];
        Assert.Equal("request"u8.ToArray(), said[..pair.Server.Read(said)]);
        Assert.Equal(0, pair.Server.Read(said));

        byte[] reply = new byte[20_000];
        Random.Shared.NextBytes(reply);
        Assert.True(pair.Server.Write(reply));
        pair.Server.Finish();
        pair.Run();
        var got = new List<byte>();
        for (int count; (count = pair.Client.Read(said)) > 0;)
        {
            got.AddRange(said[..count]);
        }

        Assert.Equal(reply, got);
        Assert.Equal((KeTlsState.Finished, KeTlsState.Finished), (pair.Client.State, pair.Server.State));
        Assert.False(pair.Client.Write("more"u8));
    }

    [Theory]
    [InlineData(KeProvider.Managed, 1)]
    [InlineData(KeProvider.OpenSsl, 1)]
    [InlineData(KeProvider.OpenSsl, 7)]
    public void Octets_may_come_one_by_one(KeProvider provider, int chunk)
    {
        using var pair = Pair.Make(provider, provider, Certificates.P256).Run(chunk);

        Assert.Equal((KeTlsState.Open, KeTlsState.Open), (pair.Client.State, pair.Server.State));
    }

    [Theory]
    [InlineData(KeProvider.Managed)]
    [InlineData(KeProvider.OpenSsl)]
    public void A_certificate_that_the_owner_refuses_ends_it_on_both_sides_before_anything_is_said(KeProvider provider)
    {
        using var pair = Pair.Make(provider, provider, Certificates.P256, _ => "its name is wrong").Run();

        Assert.Equal((KeTlsState.Failed, KeTlsFault.Untrusted, "its name is wrong"), (pair.Client.State, pair.Client.Fault, pair.Client.Failure));
        Assert.Equal((KeTlsState.Failed, KeTlsFault.Refused), (pair.Server.State, pair.Server.Fault));
        Assert.Contains("bad certificate", pair.Server.Failure, StringComparison.Ordinal);
        Assert.False(pair.Client.Write("request"u8));
        Assert.Throws<InvalidOperationException>(() => pair.Client.Export(Context, new byte[32]));
    }

    [Fact]
    public void The_certificate_of_the_name_that_is_asked_for_is_shown_else_the_first()
    {
        Assert.Equal("P-384", Shown("other.example"));
        Assert.Equal("P-384", Shown("OTHER.example."));
        Assert.Equal("P-256", Shown("a.pool.example"));
        Assert.Equal("RSA", Shown("a.b.pool.example"));
        Assert.Equal("RSA", Shown(null));

        static string Shown(string? name)
        {
            var keys = new[] { "RSA", "P-256", "P-384" };
            byte[] leaf = [];
            using var pair = new Pair(
                new KeTlsClient(Pair.OpenSsl, name, chain =>
                {
                    leaf = chain[0];
                    return null;
                }),
                new KeTlsServer(Pair.Managed, [.. keys.Select(key => Pair.Identity(Pair.Managed, Pem(key)))])).Run();
            Assert.Equal(KeTlsState.Open, pair.Client.State);
            return keys.Single(key => System.Text.Encoding.ASCII.GetString(Pem(key).Chain).ReplaceLineEndings("").Contains(Convert.ToBase64String(leaf)[..200], StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(KeProvider.Managed)]
    [InlineData(KeProvider.OpenSsl)]
    public void A_client_without_ntske_and_one_without_TLS_1_3_get_an_alert(KeProvider provider)
    {
        using var none = new KeTlsServer(Pair.Of(provider), [Pair.Identity(Pair.Of(provider), Certificates.P256)]);
        none.Offer(ClientHello(alpn: null, version: 0x0304));
        Assert.Equal((KeTlsFault.NoNtsKe, "the client did not offer ntske/1"), (none.Fault, none.Failure));
        Assert.Equal([21, 3, 3, 0, 2, 2, 120], Taken(none)); // alert, fatal, no_application_protocol

        using var http = new KeTlsServer(Pair.Of(provider), [Pair.Identity(Pair.Of(provider), Certificates.P256)]);
        http.Offer(ClientHello(alpn: "h2", version: 0x0304));
        Assert.Equal((KeTlsState.Failed, KeTlsFault.NoNtsKe), (http.State, http.Fault));
        Assert.Equal(120, Taken(http)[^1]);

        using var old = new KeTlsServer(Pair.Of(provider), [Pair.Identity(Pair.Of(provider), Certificates.P256)]);
        old.Offer(ClientHello(alpn: "ntske/1", version: 0x0303));
        Assert.Equal((KeTlsState.Failed, KeTlsFault.Malformed), (old.State, old.Fault));
        Assert.Equal(70, Taken(old)[^1]); // protocol_version

        using var good = new KeTlsServer(Pair.Of(provider), [Pair.Identity(Pair.Of(provider), Certificates.P256)]);
        good.Offer(ClientHello(alpn: "ntske/1", version: 0x0304)); // or the three above could fail for any reason
        Assert.Equal(KeTlsState.Handshaking, good.State);
        Assert.True(Taken(good).Length > 100);
    }

    [Fact]
    public void A_cut_in_the_middle_of_the_handshake_is_told_from_the_end_of_a_conversation()
    {
        using var pair = Pair.Make(KeProvider.OpenSsl, KeProvider.OpenSsl, Certificates.P256);
        pair.Client.OfferEnd();
        Assert.Equal(KeTlsFault.Cut, pair.Client.Fault);

        using var open = Pair.Make(KeProvider.OpenSsl, KeProvider.OpenSsl, Certificates.P256).Run();
        open.Client.OfferEnd();
        Assert.Equal((KeTlsState.Finished, KeTlsFault.None), (open.Client.State, open.Client.Fault));
    }

    /// <summary>Flips, cuts, grows and repeats each piece of both sides' octets; the other side survives and never believes a changed handshake.</summary>
    [Theory]
    [InlineData(KeProvider.Managed, 150)]
    [InlineData(KeProvider.OpenSsl, 600)]
    public void Nothing_that_a_peer_sends_is_thrown_or_believed(KeProvider provider, int runs)
    {
        var random = new Random(8915);
        int failed = 0;
        for (int run = 0; run < runs; run++)
        {
            bool victim = random.Next(2) == 0;
            int which = random.Next(3), chunk = random.Next(2) == 0 ? 16_384 : random.Next(50, 400);
            bool changed = false;
            using var pair = Pair.Make(provider, provider, Certificates.P256).Run(chunk, (fromClient, number, piece) =>
            {
                if (fromClient != victim || number != which)
                {
                    return piece;
                }

                byte[] mutated = Mutate(random, piece);
                changed = !mutated.AsSpan().SequenceEqual(piece);
                return mutated;
            });
            if (changed && pair.Client.State == KeTlsState.Open && pair.Server.State == KeTlsState.Open)
            {
                // What is not in the transcript: the version of a record. All that is was compared by both.
                byte[] ours = new byte[32], theirs = new byte[32];
                pair.Client.Export(Context, ours);
                pair.Server.Export(Context, theirs);
                Assert.Equal(ours, theirs);
            }

            failed += pair.Client.State == KeTlsState.Failed || pair.Server.State == KeTlsState.Failed ? 1 : 0;
        }

        Assert.InRange(failed, runs / 3, runs);
    }

    [Theory]
    [InlineData(KeProvider.Managed)]
    [InlineData(KeProvider.OpenSsl)]
    public void Noise_is_refused_by_both_ends(KeProvider provider)
    {
        var random = new Random(4460);
        for (int run = 0; run < 300; run++)
        {
            using var pair = Pair.Make(provider, provider, Certificates.P256);
            byte[] noise = new byte[random.Next(1, 600)];
            random.NextBytes(noise);
            if (run % 2 == 0 && noise.Length > 5)
            {
                noise[0] = (byte)random.Next(20, 25); // a record of TLS, by its header
                (noise[1], noise[2]) = (3, (byte)random.Next(0, 5));
                BinaryPrimitives.WriteUInt16BigEndian(noise.AsSpan(3), (ushort)(noise.Length - 5));
            }

            pair.Server.Offer(noise);
            pair.Client.Offer(noise);
            Assert.NotEqual(KeTlsState.Open, pair.Server.State);
            Assert.NotEqual(KeTlsState.Open, pair.Client.State);
        }
    }

    private static byte[] Mutate(Random random, byte[] piece) => random.Next(5) switch
    {
        0 => piece[..random.Next(piece.Length)],
        1 => [.. piece, .. piece],
        2 => [.. piece[..random.Next(piece.Length)], .. RandomNumberGenerator.GetBytes(random.Next(1, 20)), .. piece[random.Next(piece.Length)..]],
        3 => Flip(random, piece, 1),
        _ => Flip(random, piece, random.Next(2, 10)),
    };

    private static byte[] Flip(Random random, byte[] piece, int bits)
    {
        byte[] flipped = [.. piece];
        for (; bits > 0 && piece.Length > 0; bits--)
        {
            flipped[random.Next(piece.Length)] ^= (byte)(1 << random.Next(8));
        }

        return flipped;
    }

    private static byte[] Taken(KeTls tls)
    {
        byte[] buffer = new byte[16_384];
        return buffer[..tls.Take(buffer)];
    }

    /// <summary>Written by hand from RFC 8446 section 4.1.2.</summary>
    private static byte[] ClientHello(string? alpn, ushort version)
    {
        using var key = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        var point = key.ExportParameters(false).Q;
        List<byte> extensions =
        [
            .. Extension(43, version == 0x0304 ? [2, 3, 4] : [2, 3, 3]), // supported_versions
            .. Extension(10, [0, 2, 0, 23]), // supported_groups: P-256
            .. Extension(13, [0, 2, 4, 3]), // signature_algorithms: ECDSA P-256
            .. Extension(51, [0, 69, 0, 23, 0, 65, 4, .. point.X!, .. point.Y!]), // key_share
        ];
        if (alpn is not null)
        {
            extensions.AddRange(Extension(16, [0, (byte)(alpn.Length + 1), (byte)alpn.Length, .. System.Text.Encoding.ASCII.GetBytes(alpn)]));
        }

        byte[] body = [3, 3, .. new byte[32], 0, 0, 2, 0x13, 0x01, 1, 0, .. Length(extensions.Count), .. extensions];
        return [22, 3, 1, .. Length(body.Length + 4), 1, 0, .. Length(body.Length), .. body];
    }

    private static byte[] Extension(ushort type, byte[] body) => [.. Length(type), .. Length(body.Length), .. body];

    private static byte[] Length(int value) => [(byte)(value >> 8), (byte)(value & 0xFF)];
}
