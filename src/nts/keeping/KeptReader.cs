using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace TimeSuite.Nts;

/// <summary>Reads what <see cref="KeptWriter"/> wrote. After the first thing that makes no sense, all is zero and <see cref="IsBad"/>.</summary>
internal ref struct KeptReader(ReadOnlySpan<byte> octets)
{
    private const int LongestHost = 253;

    private ReadOnlySpan<byte> _rest = octets;

    private bool IsBad { get; set; }

    public static bool TryRead(ReadOnlySpan<byte> octets, [NotNullWhen(true)] out List<KeptSession>? sessions)
    {
        var reader = new KeptReader(octets);
        sessions = [];
        long count = reader.Number(2);
        reader.Demand(count <= KeptSessions.Most);
        for (long index = 0; index < count && !reader.IsBad; index++)
        {
            sessions.Add(reader.Session());
        }

        sessions = reader.IsBad || !reader._rest.IsEmpty ? null : sessions;
        return sessions is not null;
    }

    private KeptSession Session()
    {
        string host = Text(), name = Text();
        int port = (int)Number(2), ntpPort = (int)Number(2);
        var address = Octets((int)Number(1));
        var aead = (NtsAead)Number(2);
        Demand(port > 0 && ntpPort > 0 && address.Length is 4 or 16 && aead.IsKnown());
        int keySize = IsBad ? 0 : aead.KeySize();
        byte[] clientToServer = Secret(Octets(keySize)), serverToClient = Secret(Octets(keySize));
        Instant<Utc> established = Instant(), from = Instant(), until = Instant();
        long count = Number(1);
        Demand(count is >= 1 and <= NtsClient.MostCookies);
        var cookies = new List<byte[]>();
        for (long index = 0; index < count && !IsBad; index++)
        {
            int length = (int)Number(2);
            Demand(length is > 0 and <= KeClient.LongestCookie);
            cookies.Add(Octets(length).ToArray());
        }

        return new(host, port, name, address.ToArray(), ntpPort, aead, clientToServer, serverToClient, cookies, established, from, until);
    }

    private static byte[] Secret(ReadOnlySpan<byte> octets)
    {
        byte[] secret = GC.AllocateArray<byte>(octets.Length, pinned: true);
        octets.CopyTo(secret);
        return secret;
    }

    private Instant<Utc> Instant()
    {
        long seconds = Number(8);
        Demand(seconds is >= 0 and < 1L << 40);
        return new(Duration.FromSeconds(IsBad ? 0 : seconds));
    }

    private string Text()
    {
        var octets = Octets((int)Number(1));
        Demand(octets.Length is > 0 and <= LongestHost);
        return Encoding.UTF8.GetString(octets);
    }

    private long Number(int size)
    {
        Span<byte> all = stackalloc byte[sizeof(long)];
        all.Clear();
        Octets(size).CopyTo(IsBad ? all : all[^size..]);
        return BinaryPrimitives.ReadInt64BigEndian(all);
    }

    private ReadOnlySpan<byte> Octets(int count)
    {
        Demand(count <= _rest.Length);
        if (IsBad)
        {
            return [];
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    private void Demand(bool makesSense) => IsBad |= !makesSense;
}
