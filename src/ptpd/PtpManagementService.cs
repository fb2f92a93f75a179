using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using TimeSuite.Linux;
using TimeSuite.Ptp;
using TimeSuite.Rpc;
using Wire = TimeSuite.Rpc.Ptp.V1;

namespace TimeSuite.Ptpd;

/// <summary>What management reads, for everybody on this host.</summary>
internal sealed class PtpManagementService(PtpDaemon daemon) : Wire.PtpManagement.PtpManagementBase
{
    public override Task<Wire.ManagedReply> GetManaged(Wire.GetManagedRequest request, ServerCallContext context) =>
        daemon.Loop.AskAsync(() => Managed.Read(daemon, request.Name, request.Port), context.CancellationToken);
}

/// <summary>What management changes, for root and the group timesuite.</summary>
internal sealed partial class PtpControlService(PtpDaemon daemon, ILogger log) : Wire.PtpControl.PtpControlBase
{
    public override async Task<Wire.ManagedReply> SetManaged(Wire.SetManagedRequest request, ServerCallContext context)
    {
        var reply = await daemon.Loop.AskAsync(
            () =>
            {
                var id = Managed.Find(request.Name);
                return ManagementChange.Apply(id, request.Value, daemon.Instance, Managed.Ports(daemon, request.Port), Clocks.Boot()) is { } wrong
                    ? throw new RpcException(new(StatusCode.InvalidArgument, wrong))
                    : Managed.Read(daemon, request.Name, request.Port);
            },
            context.CancellationToken);
        LogChanged(log, reply.Name, request.Value, request.Port, context.GetHttpContext().Features.GetRequiredFeature<Peer>().Credentials.ToString());
        return reply;
    }

    [LoggerMessage(LogLevel.Warning, "{Name} was set to \"{Value}\" (port {Port}; 0: all) by {Peer}; it holds until ptpd ends")]
    private static partial void LogChanged(ILogger log, string name, string value, uint port, string peer);
}

/// <summary>What both have in common. On the loop's thread.</summary>
internal static class Managed
{
    public static ManagementId Find(string name) => ManagementNames.TryFind(name, out var id) && id != ManagementId.NullManagement ? id
        : throw new RpcException(new(StatusCode.InvalidArgument, $"there is no such name; these are: {string.Join(' ', ManagementNames.All.Skip(1))}"));

    public static IReadOnlyList<PtpPort> Ports(PtpDaemon daemon, uint port) =>
        port == 0 ? daemon.Instance.Ports
        : port <= daemon.Instance.Ports.Count ? [daemon.Instance.Ports[(int)port - 1]]
        : throw new RpcException(new(StatusCode.NotFound, $"there is no port {port}; there are {daemon.Instance.Ports.Count}"));

    public static Wire.ManagedReply Read(PtpDaemon daemon, string name, uint port)
    {
        var id = Find(name);
        var ports = Ports(daemon, port);
        var now = Clocks.Boot();
        var reply = new Wire.ManagedReply { Name = ManagementNames.NameOf(id) };
        foreach (var one in id.IsOfPort() ? ports : [ports[0]])
        {
            var values = new Wire.ManagedValues { Port = id.IsOfPort() ? one.Identity.Port : 0u };
            values.Fields.AddRange(ManagementView.Of(id, daemon.Instance, one, now).Select(field => new Wire.ManagedField { Name = field.Name, Value = field.Value, IsNumber = field.IsNumber }));
            reply.Values.Add(values);
        }

        return reply;
    }
}
