using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using TimeSuite.Linux;
using TimeSuite.Ntskeyd.Keys;
using TimeSuite.Rpc;
using Wire = TimeSuite.Rpc.Nts.V1;

namespace TimeSuite.Ntskeyd.Service;

/// <summary>For root and the group timesuite; the keys themselves for root alone.</summary>
/// <param name="keys">The store.</param>
/// <param name="reload">Reads configuration and certificates again; returns what is wrong, and notes.</param>
/// <param name="log">Of what was done.</param>
internal sealed partial class NtsControlService(CookieKeyStore keys, Func<(IReadOnlyList<string> Faults, IReadOnlyList<string> Notes)> reload, ILogger<NtsControlService> log) : Wire.NtsControl.NtsControlBase
{
    public override Task<Wire.RotateReply> Rotate(Wire.RotateRequest request, ServerCallContext context) =>
        Task.FromResult(new Wire.RotateReply { Id = keys.Rotate(Clocks.Realtime()) });

    public override Task<Wire.ReloadNtsReply> ReloadNts(Wire.ReloadNtsRequest request, ServerCallContext context)
    {
        var (faults, notes) = reload();
        if (faults.Count > 0)
        {
            throw new RpcException(new(StatusCode.InvalidArgument, string.Join("\n", faults)));
        }

        var reply = new Wire.ReloadNtsReply();
        reply.Notes.AddRange(notes);
        return Task.FromResult(reply);
    }

    public override Task<Wire.CookieKeys> ExportKeys(Wire.ExportKeysRequest request, ServerCallContext context)
    {
        DemandRoot(context, "exported");
        return Task.FromResult(keys.Ring.ToWire());
    }

    public override Task<Wire.ImportKeysReply> ImportKeys(Wire.CookieKeys request, ServerCallContext context)
    {
        DemandRoot(context, "replaced");
        if (!request.TryToRing(out var ring))
        {
            throw new RpcException(new(StatusCode.InvalidArgument, "these keys make no sense: one that seals, one next, 16 in all at most, each with an id of its own and 32 octets"));
        }

        keys.Replace(ring);
        return Task.FromResult(new Wire.ImportKeysReply { Keys = (uint)ring.Keys.Count });
    }

    private void DemandRoot(ServerCallContext context, string what)
    {
        var peer = context.GetHttpContext().Features.GetRequiredFeature<Peer>().Credentials;
        if (peer.Uid != 0)
        {
            throw new RpcException(new(StatusCode.PermissionDenied, "the keys of cookies are for root alone"));
        }

        LogCarried(log, what, peer.ToString());
    }

    [LoggerMessage(LogLevel.Warning, "The keys of cookies are {What} by {Peer}")]
    private static partial void LogCarried(ILogger log, string what, string peer);
}
