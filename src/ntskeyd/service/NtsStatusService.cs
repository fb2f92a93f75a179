using System.Net;
using Grpc.Core;
using TimeSuite.Linux;
using TimeSuite.Nts.Tls;
using TimeSuite.Ntskeyd.Keys;
using TimeSuite.Ntskeyd.Server;
using TimeSuite.Rpc;
using Wire = TimeSuite.Rpc.Nts.V1;

namespace TimeSuite.Ntskeyd.Service;

/// <summary>For everybody; nothing secret is told.</summary>
internal sealed class NtsStatusService(KeCrypto crypto, KeListener? listener, Certificates certificates, CookieKeyStore keys, KeCounters counters) : Wire.NtsStatus.NtsStatusBase
{
    public override Task<Wire.NtsStatusReply> GetNtsStatus(Wire.GetNtsStatusRequest request, ServerCallContext context)
    {
        var reply = new Wire.NtsStatusReply
        {
            Crypto = crypto.Provider == KeProvider.OpenSsl ? "openssl" : "managed",
            Connections = (uint)(listener?.Connections ?? 0),
        };
        reply.Listening.AddRange(listener?.Listening ?? []);
        reply.Counts.AddRange(counters.All.Select(entry => new Wire.NtsCount { Name = entry.Name, Count = (ulong)entry.Count }));
        reply.Certificates.AddRange(certificates.Served.Select(ToWire));
        var (ring, now) = (keys.Ring, Clocks.Realtime());
        reply.Keys.AddRange(ring.Keys.Reverse().Select(key => new Wire.CookieKeyAge { Id = key.Key.Id, Age = (now - key.From).ToWire(), Seals = key == ring.Sealing }));
        return Task.FromResult(reply);
    }

    private static Wire.ServerCertificate ToWire(ServedCertificate served)
    {
        var certificate = new Wire.ServerCertificate
        {
            File = served.Files.Chain,
            Key = served.Identity.Key,
            ValidFrom = served.Identity.ValidFrom.ToWire(),
            ValidUntil = served.Identity.ValidUntil.ToWire(),
        };
        certificate.Names.AddRange(served.Identity.Names);
        certificate.Names.AddRange(served.Identity.Addresses.Select(octets => new IPAddress(octets).ToString()));
        return certificate;
    }
}
