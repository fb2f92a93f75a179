using Grpc.Core;
using TimeSuite.Config;
using TimeSuite.Linux;
using TimeSuite.Ntp;
using TimeSuite.Ntpd.Serving;
using TimeSuite.Rpc.Ntp.V1;
using AccessAction = TimeSuite.Ntp.AccessAction;
using Status = Grpc.Core.Status;

namespace TimeSuite.Ntpd.Service;

/// <summary>Who is served, and who asked.</summary>
internal sealed partial class ControlService
{
    private const int DefaultClients = 100, MostClients = 10_000;

    public override Task<ListClientsReply> ListClients(ListClientsRequest request, ServerCallContext context)
    {
        int limit = request.Limit == 0 ? DefaultClients : (int)Math.Min(request.Limit, MostClients);
        return loop.AskAsync(() => ServerMapping.Clients(access.Services, limit, Clocks.Raw()), context.CancellationToken);
    }

    public override async Task<ChangeAccessReply> ChangeAccess(ChangeAccessRequest request, ServerCallContext context)
    {
        if (!NetworkPrefix.TryParse(request.Network, out var networks, out string right))
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, $"\"{request.Network}\" {right}"));
        }

        var action = ServerMapping.ToDomain(request.Action)
            ?? throw new RpcException(new Status(StatusCode.InvalidArgument, "the action is one of those of AccessAction"));
        await loop.AskAsync(
            () =>
            {
                foreach (var network in networks)
                {
                    access.Change(AccessControl.RuleOf(network, action));
                }

                return true;
            },
            context.CancellationToken);
        return new ChangeAccessReply { Networks = { networks.Select(network => network.ToString()) } };
    }

    public override async Task<ResetAccessReply> ResetAccess(ResetAccessRequest request, ServerCallContext context) =>
        new() { Removed = (uint)await loop.AskAsync(access.Reset, context.CancellationToken) };

    public override Task<ListAccessReply> ListAccess(ListAccessRequest request, ServerCallContext context) =>
        loop.AskAsync(
            () => new ListAccessReply
            {
                Rules =
                {
                    access.Rules.Select(sourced => new ListAccessReply.Types.Rule
                    {
                        Network = ServerMapping.Text(sourced.Rule.Network, sourced.Rule.Length),
                        Action = ServerMapping.ToWire(sourced.Rule.Action),
                        RunTime = sourced.IsOfRunTime,
                    }),
                },
                Otherwise = ServerMapping.ToWire(access.Otherwise),
                Serving = access.Services.Count > 0,
            },
            context.CancellationToken);

    public override async Task<CheckAccessReply> CheckAccess(CheckAccessRequest request, ServerCallContext context)
    {
        if (!NetworkPrefix.TryParse(request.Address, out var networks, out _) || networks is not [{ } only] || only.PrefixLength != only.BaseAddress.GetAddressBytes().Length * 8)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, $"\"{request.Address}\" is not an address"));
        }

        var client = ClientAddress.FromOctets(only.BaseAddress.GetAddressBytes());
        return await loop.AskAsync(
            () =>
            {
                AccessAction action = access.Policy.Access.Find(client);
                var decides = access.Rules.Where(sourced => sourced.Rule.Contains(client)).OrderBy(sourced => sourced.Rule.Length).LastOrDefault();
                return new CheckAccessReply
                {
                    Action = ServerMapping.ToWire(action),
                    Network = decides == default ? "" : ServerMapping.Text(decides.Rule.Network, decides.Rule.Length),
                };
            },
            context.CancellationToken);
    }
}
