using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using TimeSuite.Host;
using TimeSuite.Linux;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Time;

namespace TimeSuite.Clockd;

/// <summary>The verbs of the wire: asks for roles and passes on. Nothing is decided about the clock here.</summary>
public sealed class ClockService(ClockSession session, HardwareClocks? hardware, AuditTrail audit, Roles roles) : Rpc.Clock.V1.Clock.ClockBase
{
    private static readonly Duration s_longestWindow = Duration.FromSeconds(3_600L);

    public override Task<DescribeReply> Describe(DescribeRequest request, ServerCallContext context) 
    {
        var reply = session.Describe(Daemon.Version);
        reply.Clocks.AddRange(hardware?.Describe() ?? []);
        return Task.FromResult(reply);
    }

    public override async Task Steer(IAsyncStreamReader<SteerRequest> requestStream, IServerStreamWriter<SteerReply> responseStream, ServerCallContext context)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        using var call = new SteerCall(id => Find(id, context), PeerOf(context).ToString(), () => _ = over.CancelAsync());
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

    private static PeerCredentials PeerOf(ServerCallContext context) => context.GetHttpContext().Features.GetRequiredFeature<Peer>().Credentials;

    /// <summary>The clock that somebody wants to steer, if that is his business.</summary>
    private ILeasedClock Find(string id, ServerCallContext context)
    {
        bool isSystem = id == ClockSession.ClockId;
        Admit(context, isSystem ? Role.Steerer : Role.PhcSteerer, $"Steer of {(isSystem ? id : "a hardware clock")}");
        return isSystem ? session : hardware?.Find(id) ?? throw SteerCall.End(StatusCode.NotFound, hardware is null ? "a clockd in shadow steers no hardware clock" : "no such clock now; Describe lists those that there are");
    }

    private string Admit(ServerCallContext context, Role role, string verb)
    {
        var peer = PeerOf(context);
        if (!roles.Of(peer.Uid).HasFlag(role))
        {
            throw SteerCall.End(StatusCode.PermissionDenied, session.Refuse(peer.ToString(), verb, $"{peer} is not a {role} of this clock").Message);
        }

        return peer.ToString();
    }
}
