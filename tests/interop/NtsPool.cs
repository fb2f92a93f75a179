using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using TimeSuite.Nts;
using TimeSuite.Nts.Tls;

namespace TimeSuite.Interop.Tests;

/// <summary>A pool of NTS as the draft has it (draft-venhoek-nts-pool): ends its users' TLS, and asks a member for cookies of their keys. AEAD 15 only.</summary>
internal sealed class NtsPool : IDisposable
{
    private const ushort Critical = 0x8000;

    private static readonly KeCrypto s_crypto = KeCrypto.Managed(RandomNumberGenerator.Fill);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly KeIdentity _identity;
    private readonly byte[] _token;
    private readonly (string Name, int Exchange)[] _members;

    /// <param name="chain">Certificate, PEM.</param>
    /// <param name="key">Its key, PEM.</param>
    /// <param name="token">Shown to the members.</param>
    /// <param name="members">Under which name time is to be asked of each, and where keys are exchanged on 127.0.0.1.</param>
    public NtsPool(string chain, string key, string token, params (string Name, int Exchange)[] members)
    {
        (_token, _members) = (Encoding.ASCII.GetBytes(token), members);
        _identity = KeIdentity.TryRead(s_crypto, File.ReadAllBytes(chain), File.ReadAllBytes(key), out var identity, out string fault) ? identity : throw new InvalidOperationException(fault);
        _listener.Start();
        _ = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>What members were asked for, in turn.</summary>
    public List<string> Given { get; } = [];

    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync()
    {
        while (true)
        {
            Socket user;
            try
            {
                user = await _listener.AcceptSocketAsync();
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                return;
            }

            await Task.Run(() => Serve(user));
        }
    }

    private void Serve(Socket user)
    {
        using (user)
        {
            using var tls = new KeTlsServer(s_crypto, [_identity]);
            if (Hear(user, tls) is not { } request)
            {
                return;
            }

            List<string> denied = [];
            foreach (var record in new KeRecords(request))
            {
                if (record.Type == KeRecordType.ServerDeny)
                {
                    denied.Add(Encoding.ASCII.GetString(record.Body));
                }
            }

            byte[] keys = new byte[64];
            tls.Export([0, 0, 0, 15, 0], keys.AsSpan(0, 32));
            tls.Export([0, 0, 0, 15, 1], keys.AsSpan(32));
            var (name, exchange) = _members.Where(member => !denied.Contains(member.Name)).Append(_members[0]).First();
            Given.Add(name);
            var reply = new List<byte>();
            foreach (var record in new KeRecords(AskMember(exchange, keys)))
            {
                if (record.Type == KeRecordType.EndOfMessage)
                {
                    Add(reply, KeRecordType.Server, Critical, Encoding.ASCII.GetBytes(name));
                }

                Add(reply, record.Type, record.IsCritical ? Critical : (ushort)0, record.Body);
            }

            tls.Write([.. reply]);
            tls.Finish();
            Say(user, tls);
        }
    }

    private byte[] AskMember(int exchange, byte[] keys)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 10_000 };
        socket.Connect(IPAddress.Loopback, exchange);
        using var tls = new KeTlsClient(s_crypto, "localhost", _ => null);
        var request = new List<byte>();
        Add(request, KeRecordType.PoolToken, 0, _token);
        Add(request, KeRecordType.FixedKeys, Critical, keys);
        Add(request, KeRecordType.NextProtocol, Critical, [0, 0]);
        Add(request, KeRecordType.Aead, Critical, [0, 15]);
        Add(request, KeRecordType.EndOfMessage, Critical, []);
        return Hear(socket, tls, [.. request]) ?? throw new InvalidOperationException("the member hung up");
    }

    /// <summary>A whole message of the other side, after the handshake and what is to be said; null if it hangs up.</summary>
    private static byte[]? Hear(Socket socket, KeTls tls, byte[]? request = null)
    {
        byte[] said = new byte[KeMessage.LongestSize], buffer = new byte[4_096];
        for (int have = 0; ;)
        {
            if (tls.State == KeTlsState.Open && request is not null)
            {
                tls.Write(request);
                request = null;
            }

            Say(socket, tls);
            int count = socket.Receive(buffer);
            if (count == 0)
            {
                return null;
            }

            tls.Offer(buffer.AsSpan(0, count));
            for (int read; (read = tls.Read(said.AsSpan(have))) > 0;)
            {
                have += read;
            }

            if (KeMessage.Measure(said.AsSpan(0, have), KeMessage.LongestSize, out int length) == KeArrival.Complete)
            {
                return said[..length];
            }
        }
    }

    private static void Say(Socket socket, KeTls tls)
    {
        byte[] buffer = new byte[4_096];
        for (int taken; (taken = tls.Take(buffer)) > 0;)
        {
            socket.Send(buffer.AsSpan(0, taken));
        }
    }

    private static void Add(List<byte> message, KeRecordType type, ushort critical, ReadOnlySpan<byte> body)
    {
        Span<byte> head = stackalloc byte[KeRecord.HeaderSize];
        BinaryPrimitives.WriteUInt16BigEndian(head, (ushort)((ushort)type | critical));
        BinaryPrimitives.WriteUInt16BigEndian(head[2..], (ushort)body.Length);
        message.AddRange(head);
        message.AddRange(body);
    }
}
