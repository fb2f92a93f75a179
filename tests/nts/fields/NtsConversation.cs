using TimeSuite.Ntp;

namespace TimeSuite.Nts.Tests.Fields;

/// <summary>A client and a server with keys of a key exchange, and the octets between them in the test's hands.</summary>
internal sealed class NtsConversation
{
    private readonly Random _chance = new(8915);
    private readonly byte[] _reply = new byte[2_048];
    private ulong _time = 0xEC00_0000_0000_0000;

    public NtsConversation(NtsAead aead, CookieKeys? keys = null, int cookies = 8)
    {
        ServerKeys = keys ?? new(new(1, Some(32)), []);
        Nts = new(new(Some(16))) { Keys = ServerKeys };
        Service = new(new(null), clients: null, nts: Nts);
        var sealer = new CookieSealer(new(Some(16)));
        sealer.Use(ServerKeys);
        Keys = new(aead, Some(aead.KeySize()), Some(aead.KeySize()));
        List<byte[]> made = [];
        for (int cookie = 0; cookie < cookies; cookie++)
        {
            made.Add(new byte[CookieSealer.SizeFor(aead)]);
            Assert.True(sealer.TrySeal(aead, Keys.ClientToServer, Keys.ServerToClient, made[^1]));
        }

        Client = new(Keys, null, made, () => (ulong)_chance.NextInt64());
    }

    public static ServerState State { get; } = new() { Leap = LeapIndicator.None, Stratum = 1, Precision = -20 };

    public CookieKeys ServerKeys { get; }

    public NtsKeys Keys { get; }

    public NtsServer Nts { get; }

    public RequestService Service { get; }

    public NtsClient Client { get; }

    public byte[] Some(int count)
    {
        byte[] some = new byte[count];
        _chance.NextBytes(some);
        return some;
    }

    public byte[] Request()
    {
        byte[] datagram = new byte[Client.RequestSize];
        new NtpHeader { Version = 4, Mode = NtpMode.Client, Transmit = new(_time++) }.Write(datagram);
        Client.Protect(datagram);
        return datagram;
    }

    /// <summary>Null: silence.</summary>
    public byte[]? Answer(ReadOnlySpan<byte> request)
    {
        var received = new NtpTimestamp(_time++);
        Service.BeginBatch(State, default);
        if (!Service.TryRespond(request, new(0, 1), received, _reply, out var response))
        {
            return null;
        }

        Service.Depart(response, _reply, new(_time++));
        return _reply[..response.Length];
    }
}
