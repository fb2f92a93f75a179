using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using TimeSuite.Config;
using TimeSuite.Linux;
using TimeSuite.Nts;
using TimeSuite.Nts.Tls;
using TimeSuite.Ntskeyd.Keys;
using TimeSuite.Ntskeyd.Server;

namespace TimeSuite.Ntskeyd.Tests;

/// <summary>A pool at the other end: one connection, many requests, each for a user of its own.</summary>
public sealed class PoolTests : IDisposable
{
    private const string Token = "000E0010" + "30313233343536373839616263646566", KeepAlive = "00080000", Ask = "80090000" + "800A0000", End = "80000000";
    private const string ForSiv = "800100020000" + "80040002000F";

    private static readonly KeCrypto Crypto = KeCrypto.Managed(RandomNumberGenerator.Fill);

    private readonly Authority _authority = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pool");
    private readonly CancellationTokenSource _stop = new();
    private readonly KeCounters _counters = new();
    private readonly Certificates _certificates = new(Crypto, NullLogger<Certificates>.Instance);
    private readonly CookieKeyStore _keys;
    private readonly KeListener _listener;

    public PoolTests()
    {
        var (chain, key, _) = _authority.Issue("localhost");
        _keys = new(Path.Combine(_folder.FullName, "keys"), RandomNumberGenerator.Fill, NullLogger.Instance);
        _keys.Load(Clocks.Realtime());
        Assert.Empty(_certificates.Load([new(chain, key)]));
        _listener = new(Crypto, _certificates, _keys, _counters, NullLogger<KeListener>.Instance)
        {
            Config = new() { Listen = ["127.0.0.1:0"], HandshakeTimeout = Duration.FromSeconds(3L) },
            PoolTokens = [[.. "0123456789abcdef"u8]],
        };
        _listener.Open(ListenFds.FromEnvironment());
        _ = _listener.RunAsync(_stop.Token);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _stop.Dispose();
        _authority.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void One_connection_serves_many_users_of_a_pool_and_each_gets_cookies_of_its_own_keys()
    {
        using var pool = new Connection(_listener);
        Assert.Equal("800900020000" + "800A0010" + "001E0010" + "000F0020" + "00100030" + "00110040" + KeepAlive + End, Convert.ToHexString(pool.Ask(Token + KeepAlive + Ask + End)));
        for (int user = 0; user < 20; user++)
        {
            byte[] keys = RandomNumberGenerator.GetBytes(64);
            Assert.True(KeClient.TryRead(pool.Ask(Token + KeepAlive + "800C0040" + Convert.ToHexString(keys) + ForSiv + End), [NtsAead.AesSivCmac256], out var answer, out _));
            var opener = new CookieSealer(new NonceSource(new byte[16]));
            opener.Use(_keys.Ring.ToCookieKeys());
            byte[] found = new byte[2 * NtsAeads.LongestKey];
            Assert.Equal(8, answer.Cookies.Count);
            Assert.All(answer.Cookies, cookie => Assert.True(opener.TryOpen(cookie, out _, found) && found.AsSpan(0, 64).SequenceEqual(keys)));
        }

        pool.Ask(Token + "800C0040" + new string('7', 128) + ForSiv + End); // the last one: without the wish to go on
        Assert.True(pool.IsOver);
        Until(() => Count("told-pool") == 1 && Count("served-pool") == 21 && _listener.Connections == 0);
    }

    [Fact]
    public void Requests_that_come_together_are_answered_in_their_order()
    {
        using var pool = new Connection(_listener);
        string fixedKeys = Token + KeepAlive + "800C0040" + new string('5', 128) + ForSiv + End;
        pool.Say(Token + KeepAlive + "80090000" + End + fixedKeys + Token + "800A0000" + End);

        Assert.StartsWith("8009", Convert.ToHexString(pool.Hear()), StringComparison.Ordinal);
        Assert.StartsWith("8001", Convert.ToHexString(pool.Hear()), StringComparison.Ordinal);
        Assert.StartsWith("800A", Convert.ToHexString(pool.Hear()), StringComparison.Ordinal);
        Assert.True(pool.IsOver);
    }

    [Fact]
    public void A_pool_stays_longer_than_a_handshake_may_take_and_a_stranger_does_not()
    {
        using var pool = new Connection(_listener);
        pool.Ask(Token + KeepAlive + Ask + End);
        using var stranger = new Connection(_listener);
        Assert.Equal("800200020000" + End, Convert.ToHexString(stranger.Ask(KeepAlive + Ask + End)));
        Assert.True(stranger.IsOver);
        Thread.Sleep(4_000);
        pool.Ask(Token + KeepAlive + Ask + End);
        pool.Dispose();
        Until(() => Count("pool-left") == 1 && Count("unknown-record") == 1 && _listener.Connections == 0);
    }

    /// <summary>The draft: no keys are exported from a connection that was kept.</summary>
    [Fact]
    public void An_exchange_of_a_pools_own_is_refused_on_a_connection_that_was_kept()
    {
        using var pool = new Connection(_listener);
        pool.Ask(Token + KeepAlive + Ask + End);

        Assert.Equal("800200020001" + End, Convert.ToHexString(pool.Ask(Token + ForSiv + End)));
        Assert.True(pool.IsOver);
    }

    private long Count(string name) => _counters.All.FirstOrDefault(entry => entry.Name == name).Count;

    private static void Until(Func<bool> holds) => Assert.True(SpinWait.SpinUntil(holds, TimeSpan.FromSeconds(15)));

    private sealed class Connection : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 15_000 };
        private readonly KeTlsClient _tls = new(Crypto, "localhost", _ => null);
        private readonly byte[] _said = new byte[KeMessage.LongestSize], _buffer = new byte[4_096];
        private int _have;

        public Connection(KeListener to)
        {
            _socket.Connect(IPEndPoint.Parse(to.Listening.Single()));
            while (_tls.State == KeTlsState.Handshaking)
            {
                Send();
                Receive();
            }

            Assert.Equal(KeTlsState.Open, _tls.State);
        }

        /// <summary>Whether the server hangs up, without another word.</summary>
        public bool IsOver
        {
            get
            {
                while (Receive())
                {
                }

                return _have == 0;
            }
        }

        public byte[] Ask(string request)
        {
            Say(request);
            return Hear();
        }

        public void Say(string request)
        {
            Assert.True(_tls.Write(Convert.FromHexString(request)));
            Send();
        }

        public byte[] Hear()
        {
            int length;
            while (KeMessage.Measure(_said.AsSpan(0, _have), KeMessage.LongestSize, out length) != KeArrival.Complete)
            {
                Assert.True(Receive(), "the server hung up");
            }

            byte[] message = _said[..length];
            _have -= length;
            _said.AsSpan(length, _have).CopyTo(_said);
            return message;
        }

        public void Dispose()
        {
            _tls.Dispose();
            _socket.Dispose();
        }

        private bool Receive()
        {
            int count = _socket.Receive(_buffer);
            _tls.Offer(_buffer.AsSpan(0, count));
            for (int read; (read = _tls.Read(_said.AsSpan(_have))) > 0;)
            {
                _have += read;
            }

            return count > 0;
        }

        private void Send()
        {
            for (int taken; (taken = _tls.Take(_buffer)) > 0;)
            {
                _socket.Send(_buffer.AsSpan(0, taken));
            }
        }
    }
}
