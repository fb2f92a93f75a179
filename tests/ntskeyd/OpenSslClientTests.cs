using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using TimeSuite.Linux;
using TimeSuite.Nts.Tls;

namespace TimeSuite.Ntskeyd.Tests;

/// <summary>OpenSSL's own client at our end of TLS.</summary>
public sealed class OpenSslClientTests : IDisposable
{
    private readonly Authority _authority = new();

    public static TheoryData<KeProvider> Providers => [KeProvider.OpenSsl, KeProvider.Managed];

    public void Dispose() => _authority.Dispose();

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Both_ends_export_the_same_keys(KeProvider provider)
    {
        var (output, state, exported) = await MeetAsync(provider, "-tls1_3", "-alpn", "ntske/1", "-keymatexport", "EXPORTER-network-time-security", "-keymatexportlen", "64");

        Assert.Equal(KeTlsState.Open, state);
        Assert.Contains($"Keying material: {Convert.ToHexString(exported!)}", output, StringComparison.Ordinal);
        Assert.Contains("ALPN protocol: ntske/1", output, StringComparison.Ordinal);
        Assert.Contains("Verify return code: 0 (ok)", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-groups X25519", "X25519")]
    [InlineData("-groups P-256", "ECDH, prime256v1")]
    [InlineData("-groups P-384", "ECDH, secp384r1")]
    [InlineData("-groups P-521:X25519", "X25519")] // a guess that we have not: it is asked for another
    [InlineData("-ciphersuites TLS_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384")]
    public async Task What_a_client_insists_on_is_agreed_on_with_both_providers(string insistence, string words)
    {
        foreach (var provider in new[] { KeProvider.OpenSsl, KeProvider.Managed })
        {
            var (output, state, _) = await MeetAsync(provider, ["-alpn", "ntske/1", .. insistence.Split(' ')]);

            Assert.Equal(KeTlsState.Open, state);
            Assert.Contains(words, output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("-tls1_2 -alpn ntske/1", "protocol version")]
    [InlineData("-tls1_3", "no application protocol")]
    [InlineData("-tls1_3 -alpn http/1.1", "no application protocol")]
    [InlineData("-tls1_3 -alpn ntske/1 -ciphersuites TLS_CHACHA20_POLY1305_SHA256", "handshake failure")]
    [InlineData("-tls1_3 -alpn ntske/1 -groups P-521", "handshake failure")]
    public async Task A_client_that_offers_the_wrong_thing_is_told_by_an_alert(string offer, string alert)
    {
        foreach (var provider in new[] { KeProvider.OpenSsl, KeProvider.Managed })
        {
            var (output, state, _) = await MeetAsync(provider, offer.Split(' '));

            Assert.Equal(KeTlsState.Failed, state);
            Assert.Contains($"alert {alert}", output, StringComparison.Ordinal);
        }
    }

    /// <returns>What s_client printed; how our end stood when it was over, or had failed; 64 octets of its keying material without a context.</returns>
    private async Task<(string Output, KeTlsState State, byte[]? Exported)> MeetAsync(KeProvider provider, params string[] options)
    {
        var crypto = provider == KeProvider.OpenSsl ? KeCrypto.OpenSsl(RandomNumberGenerator.Fill, KeyAgreement.Begin) : KeCrypto.Managed(RandomNumberGenerator.Fill);
        var (chain, key, _) = _authority.Issue("localhost");
        Assert.True(KeIdentity.TryRead(crypto, File.ReadAllBytes(chain), File.ReadAllBytes(key), out var identity, out string fault), fault);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        string port = $"{((IPEndPoint)listener.LocalEndpoint).Port}";
        var start = new ProcessStartInfo("openssl", ["s_client", "-connect", $"127.0.0.1:{port}", "-servername", "localhost", "-CAfile", _authority.RootFile, .. options])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var client = Process.Start(start)!;
        var output = client.StandardOutput.ReadToEndAsync();
        var errors = client.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var socket = await listener.AcceptSocketAsync(limit.Token);
        using var tls = new KeTlsServer(crypto, [identity]);
        byte[] buffer = new byte[16_384];
        byte[]? exported = null;
        while (tls.State is KeTlsState.Handshaking)
        {
            int count = await socket.ReceiveAsync(buffer, limit.Token);
            if (count == 0)
            {
                break;
            }

            tls.Offer(buffer.AsSpan(0, count));
            for (int taken; (taken = tls.Take(buffer)) > 0;)
            {
                await socket.SendAsync(buffer.AsMemory(0, taken), limit.Token);
            }
        }

        var state = tls.State;
        if (state == KeTlsState.Open)
        {
            exported = new byte[64];
            tls.Export([], exported);
            await client.StandardInput.WriteAsync("Q\n"); // s_client's word for the end
        }

        client.StandardInput.Close();
        await client.WaitForExitAsync(limit.Token);
        return (await output + await errors, state, exported);
    }
}
