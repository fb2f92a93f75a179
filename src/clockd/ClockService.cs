using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using TimeSuite.Host;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Time;

namespace TimeSuite.Clockd;

/// <summary>The verbs of the wire: asks for roles and passes on. Nothing is decided about the clock here.</summary>
public sealed class ClockService(ClockSession session, AuditTrail audit, Roles roles) : Rpc.Clock.V1.Clock.ClockBase
{
    private static readonly Duration s_longestWindow = Duration.FromSeconds(3_600L);

    public override Task<DescribeReply> Describe(DescribeRequest request, ServerCallContext context) => Task.FromResult(session.Describe(Daemon.Version));

    public override async Task Steer(IAsyncStreamReader<SteerRequest> requestStream, IServerStreamWriter<SteerReply> responseStream, ServerCallContext context)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        using var call = new SteerCall(session, Admit(context, Role.Steerer, "Steer"), () => _ = over.CancelAsync());
        try
        {
            while (await requestStream.MoveNext(over.Token))
            {
                await responseStream.WriteAsync(call.Answer(requestStream.Current), over.Token);
            }

            call.Finish();
        }
        catch (Exception cancelled) when (call.IsOver && cancelled is not RpcException)
        {
            throw SteerCall.End(StatusCode.DeadlineExceeded, "the lease is over");
        }
    }

    public override async Task Watch(WatchRequest request, IServerStreamWriter<Event> responseStream, ServerCallContext context)
    {
        var events = audit.Since(audit.Count - request.Backlog, out long end, out var next);
        while (true)
        {
            foreach (var happened in events)
            {
                await responseStream.WriteAsync(happened, context.CancellationToken);
            }

            if (request.BacklogOnly)
            {
                return;
            }

            await next.WaitAsync(context.CancellationToken);
            long heard = end;
            events = audit.Since(heard, out end, out next);
            if (events.Length < end - heard)
            {
                throw SteerCall.End(StatusCode.ResourceExhausted, "too slow: events were missed");
            }
        }
    }

    public override Task<PermitStepReply> PermitStep(PermitStepRequest request, ServerCallContext context)
    {
        string who = Admit(context, Role.Administrator, "PermitStep");
        if (request.ClockId != ClockSession.ClockId)
        {
            throw SteerCall.End(StatusCode.NotFound, $"no such clock; there is {ClockSession.ClockId}");
        }

        if (!request.MaxSize.TryToDomain(out var size) || !request.Window.TryToDomain(out var window) || size.Sign <= 0 || window.Sign <= 0 || window > s_longestWindow)
        {
            throw SteerCall.End(StatusCode.OutOfRange, $"size and window must be positive, the window at most {s_longestWindow}");
        }

        session.PermitStep(who, size, window);
        return Task.FromResult(new PermitStepReply());
    }

    private string Admit(ServerCallContext context, Role role, string verb)
    {
        var peer = context.GetHttpContext().Features.GetRequiredFeature<Peer>().Credentials;
        if (!roles.Of(peer.Uid).HasFlag(role))
        {
            throw SteerCall.End(StatusCode.PermissionDenied, session.Refuse(peer.ToString(), verb, $"{peer} is not a {role} of this clock").Message);
        }

        return peer.ToString();
    }
}
