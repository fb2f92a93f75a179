using Grpc.Core;
using TimeSuite.Linux;
using TimeSuite.Ntpd.Clock;
using TimeSuite.Ntpd.Serving;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Rpc.Ntp.V1;
using Status = TimeSuite.Rpc.Ntp.V1.Status;

namespace TimeSuite.Ntpd.Service;

/// <summary>Reading, for everybody. Each question is answered by the loop, between two of its steps.</summary>
internal sealed class StatusService(EventLoop loop, IDaemonView view, AccessControl access, ClockLink clockd) : Status.StatusBase
{
    private readonly ClockdPulse _pulse = new(clockd);

    private static readonly TimeSpan SlowestWatch = TimeSpan.FromSeconds(10), FastestWatch = TimeSpan.FromMilliseconds(250);

    public override async Task<Tracking> GetTracking(GetTrackingRequest request, ServerCallContext context) =>
        await _pulse.CheckAsync(await loop.AskAsync(view.Tracking, context.CancellationToken));

    public override Task<ListSourcesReply> ListSources(ListSourcesRequest request, ServerCallContext context) =>
        loop.AskAsync(
            () =>
            {
                var reply = new ListSourcesReply();
                reply.Sources.AddRange(view.Sources());
                return reply;
            },
            context.CancellationToken);

    public override async Task<GetClockReply> GetClock(GetClockRequest request, ServerCallContext context)
    {
        try
        {
            return await AskClockdAsync(request, context);
        }
        catch (RpcException failure) when (failure.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded)
        {
            throw new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, "clockd does not answer; systemctl status timesuite-clockd says more"));
        }
    }

    public override Task<ServerStatistics> GetServerStatistics(GetServerStatisticsRequest request, ServerCallContext context) =>
        loop.AskAsync(() => ServerMapping.Statistics(access.Services), context.CancellationToken);

    private async Task<GetClockReply> AskClockdAsync(GetClockRequest request, ServerCallContext context)
    {
        var client = clockd.Client;
        var deadline = DateTime.UtcNow.AddSeconds(2);
        var reply = new GetClockReply
        {
            Description = await client.DescribeAsync(new DescribeRequest(), deadline: deadline, cancellationToken: context.CancellationToken),
        };
        if (request.Backlog > 0)
        {
            using var call = client.Watch(new WatchRequest { Backlog = Math.Min(request.Backlog, 1024), BacklogOnly = true }, deadline: deadline, cancellationToken: context.CancellationToken);
            while (await call.ResponseStream.MoveNext(context.CancellationToken))
            {
                reply.Recent.Add(call.ResponseStream.Current);
            }
        }

        return reply;
    }

    public override async Task Watch(WatchStatusRequest request, IServerStreamWriter<Snapshot> responseStream, ServerCallContext context)
    {
        while (!context.CancellationToken.IsCancellationRequested)
        {
            var changed = view.NextChange;
            var snapshot = await loop.AskAsync(
                () =>
                {
                    var now = new Snapshot { Tracking = view.Tracking() };
                    now.Sources.AddRange(view.Sources());
                    return now;
                },
                context.CancellationToken);
            await _pulse.CheckAsync(snapshot.Tracking);
            await responseStream.WriteAsync(snapshot, context.CancellationToken);
            await Task.Delay(FastestWatch, context.CancellationToken);
            await Task.WhenAny(changed, Task.Delay(SlowestWatch, context.CancellationToken));
        }
    }
}

/// <summary>What the services ask of the daemon; on the loop's thread, except for <see cref="NextChange"/>.</summary>
internal interface IDaemonView
{
    /// <summary>Ends with the next update.</summary>
    Task NextChange { get; }

    Tracking Tracking();

    IEnumerable<Source> Sources();
}
