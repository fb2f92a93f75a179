using System.Buffers.Binary;
using TimeSuite.Ntp;

namespace TimeSuite.Fuzz;

/// <summary>A datagram at the server's port, whatever is in it: what has to hold of the whole step (threats, rows 1 to 3, 10 and 32).</summary>
/// <remarks>Allocates nothing once it is made, so that a run of millions measures the step.</remarks>
public sealed class RequestTarget
{
    /// <summary>No datagram is longer than UDP allows.</summary>
    public const int LongestDatagram = 65_507;

    private const byte Untouched = 0xA5;

    private static readonly ServerState s_state = new()
    {
        Leap = LeapIndicator.None,
        Stratum = 2,
        Precision = -24,
        ReferenceId = new(0xC000_0221),
        RootDelay = Duration.FromSeconds(0.01),
        RootDispersion = Duration.FromSeconds(0.01),
        AsOf = new(0xE8FF_0000_0000_0000),
    };

    private readonly RequestService[] _services;
    private readonly NtsFields _nts = new();
    private readonly byte[] _reply = new byte[LongestDatagram];
    private ulong _time = 0xE900_0000_0000_0000; // of an NTP timestamp, in 2025

    public RequestTarget()
    {
        byte number = 0;
        RequestService Service(ServicePolicy policy)
        {
            var service = new RequestService(new Responder(new TransmitMemory(6)), new ClientTable(6, (UInt128)0x1234_5678_9ABC_DEF1 << 64 | 0xFEDC_BA98_7654_3211), NtsFields.Server(++number)) { Policy = policy };
            service.BeginBatch(s_state, new(Duration.FromSeconds(100L)));
            return service;
        }

        var limit = new RateLimit(Duration.FromSeconds(1L), burst: 8, leak: 1, kod: 1);
        _services =
        [
            Service(new() { Keys = new(Keys) }),
            Service(new() { Keys = new(Keys), Rate = limit, Access = new([new(ClientAddress.FromIpv4(0), 1, AccessAction.Deny)], AccessAction.Allow) }),
            Service(new() { Access = new([new(ClientAddress.FromIpv4(0), 2, AccessAction.RequireNts)], AccessAction.Ignore) }),
        ];
    }

    /// <summary>Number n has algorithm n - 1: what a mutator signs with, so that valid MACs are met too.</summary>
    public static SymmetricKey[] Keys { get; } =
    [
        .. Enum.GetValues<MacAlgorithm>().Select(algorithm => new SymmetricKey(
            1 + (uint)algorithm, algorithm, new byte[algorithm == MacAlgorithm.Aes128 ? 16 : 32])),
    ];

    /// <summary>Datagrams that got a reply from one of the services at least.</summary>
    public ulong Answered { get; private set; }

    /// <summary>All that was ever counted, by verdict.</summary>
    public ulong CountOf(RequestVerdict verdict) => _services.Aggregate(0UL, (sum, service) => sum + service.Counters[verdict]);

    /// <summary>Replies that were sealed by NTS.</summary>
    public ulong Sealed => _services.Aggregate(0UL, (sum, service) => sum + service.Counters.Nts);

    /// <exception cref="InvalidDataException">Something that has to hold does not: what.</exception>
    public void Run(ReadOnlySpan<byte> datagram)
    {
        bool answered = false;
        uint client = datagram.Length >= NtpHeader.Size ? BinaryPrimitives.ReadUInt32BigEndian(datagram[44..]) & 0xC000_00FF : 0; // few of them, so that some are limited
        foreach (var service in _services)
        {
            answered |= Serve(service, ClientAddress.FromIpv4(client), datagram);
        }

        Answered += answered ? 1u : 0u;
        bool isHeader = NtpHeader.TryParse(datagram, out var header);
        Require(isHeader == datagram.Length >= NtpHeader.Size, "48 octets and more are a header, fewer are none");
        if (isHeader)
        {
            header.Write(_reply);
            Require(_reply.AsSpan(0, NtpHeader.Size).SequenceEqual(datagram[..NtpHeader.Size]), "a header that was read is written as it was");
        }
    }

    private bool Serve(RequestService service, ClientAddress client, ReadOnlySpan<byte> datagram)
    {
        _reply.AsSpan(0, Math.Min(_reply.Length, datagram.Length + 64)).Fill(Untouched);
        ulong before = service.Counters.Replies + service.Counters.Dropped, sealedBefore = service.Counters.Nts;
        bool answered = service.TryRespond(datagram, client, new(_time += 1 << 16), _reply, out var response);

        Require(service.Counters.Replies + service.Counters.Dropped == before + 1, "each datagram is counted, once");
        Require(answered == response.Length > 0, "a reply has octets, silence has none");
        Require(response.Length <= datagram.Length, "a reply is never longer than the request");
        if (answered)
        {
            service.Depart(response, _reply, new(_time += 1 << 16));
            service.OnTransmitted(response, new(_time));
            int mode = datagram[0] & 7, version = datagram[0] >> 3 & 7;
            Require(version is >= 1 and <= 4 && (mode is 1 or 3 || (mode, version) == (0, 1)), "only requests of versions 1 to 4 are answered");
            Require(service.Counters.Nts == sealedBefore || _nts.IsGoodReply(datagram, _reply.AsSpan(0, response.Length)), "a request that was opened gets a reply that its client can open, with cookies that open");
            Require(_reply[0] % 64 == (version << 3) + (mode == 1 ? 2 : 4), "a reply is a server's or a passive peer's and of the request's version");
        }

        Require(!_reply.AsSpan(response.Length, Math.Min(_reply.Length, datagram.Length + 64) - response.Length).ContainsAnyExcept(Untouched), "nothing is written behind the reply");
        return answered;
    }

    private static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new InvalidDataException(what);
        }
    }
}
