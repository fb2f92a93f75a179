using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using TimeSuite.Ntp;
using TimeSuite.System.Tests.Suite;
using Xunit.Abstractions;

namespace TimeSuite.System.Tests;

/// <summary>Requests come all the time, and the configuration changes: who is served, keys, addresses. Every request is answered, and once.</summary>
[Collection(Alone.Name)]
public sealed class ReloadUnderLoadTests(ITestOutputHelper output) : IDisposable
{
    private const int Reloads = 24;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    private readonly Scene _scene = new(output);

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task Reloads_lose_no_request_and_answer_none_twice()
    {
        int port = Scene.FreePort();
        var station = _scene.Add("station", "");
        string keys = Path.Combine(Path.GetDirectoryName(station.ConfigFile)!, "keys");
        void Configure(int number)
        {
            WriteKeys(keys, number);
            station.Configure(Configuration(port, number, keys));
        }

        Configure(0);
        station.Start();
        var first = new IPEndPoint(IPAddress.Loopback, port);
        using (var early = new Asker(first, 1))
        {
            await Wait.UntilAsync(() => Task.FromResult(early.AskOnce()), s_limit, "the first answer");
        }

        using var asker = new Asker(first, 16);
        asker.Start();
        for (int reload = 1; reload <= Reloads; reload++)
        {
            Configure(reload);
            station.Ntpd.Send(Signal.HangUp);
            int seen = reload + 1; // the first is of the start
            await Wait.UntilAsync(() => Task.FromResult(station.LogOf("ntpd").Split("Configuration: ").Length > seen), s_limit, $"reload {reload} is heeded");
            if (reload % 2 == 1)
            {
                using var added = new Asker(new IPEndPoint(IPAddress.Parse("127.0.0.2"), port), 1);
                await Wait.UntilAsync(() => Task.FromResult(added.AskOnce()), s_limit, "the address that was added answers");
            }
        }

        await asker.EndAsync();
        var counted = await station.ServedAsync();

        _scene.Say($"{asker.Asked} requests, {asker.Signed} of them signed, {Reloads} reloads");
        Assert.DoesNotContain(asker.AnswersByRequest(), request => request.Answers != 1);
        Assert.True(asker.Asked > 300 && asker.Signed > 30, $"only {asker.Asked} requests, {asker.Signed} signed");
        Assert.Equal(0, asker.BadSignatures);

        // The number of threads has changed meanwhile, and what those of before have counted is not forgotten.
        ulong answered = counted!.Outcomes.Single(outcome => outcome.Name == "answered").Count;
        Assert.True(answered >= (ulong)asker.Asked, $"{answered} were answered by the server's own count");
    }

    private static void WriteKeys(string file, int number)
    {
        File.WriteAllText(file, $"7 AES128 HEX:{Convert.ToHexString(Asker.Secret)}\n{100 + number} AES128 HEX:{number:X32}\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>Each differs from the one before in the addresses that are listened on, the number of threads, the networks that are denied, the rate limit, and the keys.</summary>
    private static string Configuration(int port, int number, string keys) => $"""
        [serve]
        listen = ["127.0.0.1:{port}"{(number % 2 == 1 ? $", \"127.0.0.2:{port}\"" : "")}]
        threads = {1 + (number * 2 % 3)}
        allow = ["127.0.0.0/16"]
        deny = ["127.{number + 1}.0.0/16"]

        [rate-limit]
        interval = "{(number % 3 == 0 ? "1 ms" : "2 ms")}"
        burst = 255

        [keys]
        file = "{keys}"

        [local]
        stratum = 1
        """;

    /// <summary>Asks 500 times a second from some sockets, each fifth time with a signature.</summary>
    private sealed class Asker : IDisposable
    {
        private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(2), s_patience = TimeSpan.FromSeconds(5);

        private readonly SymmetricKey _key = new(7, MacAlgorithm.Aes128, Secret);
        private readonly Socket[] _sockets;
        private readonly ConcurrentDictionary<ulong, int> _answers = new();
        private readonly CancellationTokenSource _enough = new();
        private Thread? _thread;
        private ulong _cookie;

        public Asker(IPEndPoint server, int sockets)
        {
            _sockets = new Socket[sockets];
            for (int index = 0; index < sockets; index++)
            {
                _sockets[index] = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
                _sockets[index].Bind(new IPEndPoint(new IPAddress([127, 0, 0, (byte)(10 + index)]), 0)); // a client each, for both serving threads
                _sockets[index].Connect(server);
            }
        }

        public static byte[] Secret { get; } = [.. Enumerable.Range(1, 16).Select(octet => (byte)octet)];

        public int Asked => _answers.Count;

        public int Signed { get; private set; }

        public int BadSignatures { get; private set; }

        public IEnumerable<(ulong Request, int Answers)> AnswersByRequest() => _answers.Select(pair => (pair.Key, pair.Value));

        /// <returns>Whether there was an answer within 0.2 s.</returns>
        public bool AskOnce()
        {
            Ask();
            Thread.Sleep(200);
            Hear();
            return _answers.Values.Any(count => count > 0);
        }

        public void Start()
        {
            _thread = new Thread(() =>
            {
                while (!_enough.IsCancellationRequested)
                {
                    Ask();
                    Thread.Sleep(s_pause);
                    Hear();
                }

                for (var waited = Stopwatch.StartNew(); waited.Elapsed < s_patience && _answers.Values.Contains(0);)
                {
                    Thread.Sleep(s_pause);
                    Hear();
                }

                Thread.Sleep(200); // a second answer would come now
                Hear();
            });
            _thread.Start();
        }

        public async Task EndAsync()
        {
            await _enough.CancelAsync();
            await Task.Run(_thread!.Join);
        }

        public void Dispose()
        {
            _enough.Cancel();
            _thread?.Join();
            _enough.Dispose();
            Array.ForEach(_sockets, socket => socket.Dispose());
        }

        private void Ask()
        {
            ulong cookie = 0x1234_5678_0000_0000 + ++_cookie;
            bool isSigned = _cookie % 5 == 0;
            Span<byte> request = stackalloc byte[NtpHeader.Size + _key.MacSize(4)];
            request.Clear();
            new NtpHeader { Version = 4, Mode = NtpMode.Client, Transmit = new(cookie) }.Write(request);
            _key.Sign(request[..NtpHeader.Size], request[NtpHeader.Size..]);
            _answers[cookie] = 0;
            Signed += isSigned ? 1 : 0;
            try
            {
                _sockets[(int)(_cookie % (ulong)_sockets.Length)].Send(isSigned ? request : request[..NtpHeader.Size]);
            }
            catch (SocketException failure) when (failure.SocketErrorCode == SocketError.ConnectionRefused)
            {
                _answers.TryRemove(cookie, out _); // an earlier one was refused: nobody listens yet
            }
        }

        private void Hear()
        {
            Span<byte> reply = stackalloc byte[200];
            foreach (var socket in _sockets)
            {
                while (socket.Poll(0, SelectMode.SelectRead))
                {
                    int length;
                    try
                    {
                        length = socket.Receive(reply);
                    }
                    catch (SocketException)
                    {
                        break; // refused
                    }

                    ulong cookie = BinaryPrimitives.ReadUInt64BigEndian(reply[24..]);
                    _answers.AddOrUpdate(cookie, 1, (_, count) => count + 1);
                    if (length > NtpHeader.Size && !_key.Verifies(reply[..NtpHeader.Size], reply[NtpHeader.Size..length]))
                    {
                        BadSignatures++;
                    }
                }
            }
        }
    }
}
