using System.Net;
using TimeSuite.Ntp;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Ntp.V1;
using TimeSuite.Time;
using AccessAction = TimeSuite.Ntp.AccessAction;
using Duration = TimeSuite.Time.Duration;
using WireAction = TimeSuite.Rpc.Ntp.V1.AccessAction;

namespace TimeSuite.Ntpd.Service;

/// <summary>The server's counters, clients and rules in the words of the protocol. What the threads count is looked at while they go on.</summary>
internal static class ServerMapping
{
    public static ServerStatistics Statistics(IReadOnlyList<RequestService> services)
    {
        var sum = new ServerCounters();
        foreach (var service in services)
        {
            sum.Add(service.Counters);
        }

        var statistics = new ServerStatistics
        {
            Threads = (uint)services.Count,
            Interleaved = sum.Interleaved,
            Authenticated = sum.Authenticated,
            Leaked = sum.Leaked,
            Unsent = sum.Unsent,
            Nts = sum.Nts,
            ClientCapacity = (ulong)services.Sum(service => (long)(service.Clients?.Capacity ?? 0)),
            ClientsDisplaced = services.Aggregate(0UL, (all, service) => all + (service.Clients?.Displaced ?? 0)),
        };
        statistics.Outcomes.AddRange(Enum.GetValues<RequestVerdict>().Select(verdict => new ServerStatistics.Types.Outcome
        {
            Name = SnakeCase(verdict.ToString()),
            Meaning = verdict.Words(),
            Count = sum[verdict],
            Replied = verdict.IsReply(),
        }));
        return statistics;
    }

    /// <summary>The threads' logs made one.</summary>
    public static ListClientsReply Clients(IReadOnlyList<RequestService> services, int limit, Instant<Raw> now)
    {
        var all = new Dictionary<ClientAddress, ClientRecord>();
        foreach (var service in services)
        {
            var part = new ClientRecord[service.Clients?.Capacity ?? 0];
            int count = service.Clients?.CopyTo(part) ?? 0;
            foreach (var record in part.AsSpan(0, count))
            {
                all[record.Network] = all.TryGetValue(record.Network, out var other) ? Merge(record, other) : record;
            }
        }

        var policy = services.Count > 0 ? services[0].Policy : ServicePolicy.Open;
        var reply = new ListClientsReply { Remembered = (uint)all.Count };
        reply.Clients.AddRange(all.Values.OrderByDescending(record => record.Requests).ThenByDescending(record => record.Seen.SinceEpoch).Take(limit).Select(record => new Client
        {
            Network = Text(record.Network, record.Network.IsIpv4 ? policy.Ipv4Bits : policy.Ipv6Bits),
            Requests = record.Requests,
            Limited = record.Limited,
            LastRequestAgo = Duration.Max(now - record.Seen, Duration.Zero).ToWire(),
            Interval = record.Interval > Duration.Zero ? record.Interval.ToWire() : null,
            Version = (uint)record.Version,
            Authenticated = record.Authenticated,
        }));
        return reply;
    }

    /// <summary>A network as it is written: without its length if it is one address.</summary>
    public static string Text(ClientAddress network, int length)
    {
        var address = new IPAddress(network.Masked(length).ToOctets());
        return length == network.Width ? address.ToString() : FormattableString.Invariant($"{address}/{length}");
    }

    public static WireAction ToWire(AccessAction action) => action switch
    {
        AccessAction.Allow => WireAction.Allow,
        AccessAction.Ignore => WireAction.Deny,
        AccessAction.Deny => WireAction.DenyKod,
        AccessAction.RequireNts => WireAction.RequireNts,
        _ => throw new ArgumentOutOfRangeException(nameof(action)),
    };

    /// <summary>Null if the peer says nothing that we know.</summary>
    public static AccessAction? ToDomain(WireAction action) => action switch
    {
        WireAction.Allow => AccessAction.Allow,
        WireAction.Deny => AccessAction.Ignore,
        WireAction.DenyKod => AccessAction.Deny,
        WireAction.RequireNts => AccessAction.RequireNts,
        _ => null,
    };

    private static ClientRecord Merge(ClientRecord one, ClientRecord other)
    {
        var last = one.Seen > other.Seen ? one : other;
        double rate = new[] { one, other }.Sum(record => record.Interval > Duration.Zero ? 1 / record.Interval.Seconds : 0);
        return last with
        {
            Requests = one.Requests + other.Requests,
            Limited = one.Limited + other.Limited,
            Interval = rate > 0 ? Duration.FromSeconds(1 / rate) : (one.Seen - other.Seen).Magnitude,
        };
    }

    private static string SnakeCase(string name) =>
        string.Concat(name.Select((letter, index) => char.IsUpper(letter) ? (index > 0 ? "_" : "") + char.ToLowerInvariant(letter) : letter.ToString()));
}
