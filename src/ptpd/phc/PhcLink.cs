using System.Threading.Channels;
using Grpc.Core;
using Grpc.Net.Client;
using TimeSuite.Linux;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;

namespace TimeSuite.Ptpd.Hardware;

/// <summary>How a hardware clock is steered. All of it is the loop's thread's.</summary>
internal interface IPhcLink : IDisposable
{
    /// <summary>We may steer; with what clockd says of the clock.</summary>
    event Action<Accepted>? Opened;

    /// <summary>We may not any more, and why.</summary>
    event Action<string>? Lost;

    /// <summary>A message was refused, and why.</summary>
    event Action<string>? Refused;

    /// <summary>Sends messages that belong together, one after the other.</summary>
    /// <param name="requests">Without numbers.</param>
    /// <param name="done">Called on the loop's thread: whether all was accepted, and what was. Not called if the link is lost: then <see cref="Lost"/> is.</param>
    /// <returns>False while the link is down.</returns>
    bool TrySend(SteerRequest[] requests, Action<bool, IReadOnlyList<Accepted>> done);
}

/// <summary>Our end of clockd's Steer call for one hardware clock: one message at a time, each answered. It lives as long as the clock is plugged in and clockd answers.</summary>
/// <param name="channel">To clockd.</param>
/// <param name="clockId">Which clock.</param>
/// <param name="post">Does something on the loop's thread.</param>
internal sealed class PhcLink(GrpcChannel channel, string clockId, Action<Action> post) : IPhcLink
{
    private static readonly Duration Freshness = Duration.FromSeconds(1L);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4), FirstPause = TimeSpan.FromMilliseconds(250), LongestPause = TimeSpan.FromSeconds(4);

    private readonly CancellationTokenSource _end = new();
    private Channel<(SteerRequest[] Requests, Action<bool, IReadOnlyList<Accepted>> Done)>? _outbox;

    public event Action<Accepted>? Opened;

    public event Action<string>? Lost;

    public event Action<string>? Refused;

    public bool TrySend(SteerRequest[] requests, Action<bool, IReadOnlyList<Accepted>> done) => Volatile.Read(ref _outbox)?.Writer.TryWrite((requests, done)) ?? false;

    /// <summary>Begins to steer, and opens again when it was lost, until it is disposed of.</summary>
    public void Start() => _ = RunAsync(_end.Token);

    public void Dispose()
    {
        _end.Cancel();
        _end.Dispose();
    }

    private async Task RunAsync(CancellationToken stop)
    {
        var pause = FirstPause;
        while (!stop.IsCancellationRequested)
        {
            string reason;
            try
            {
                await SteerAsync(() => pause = FirstPause, stop);
                reason = "clockd ended the call";
            }
            catch (RpcException failure)
            {
                reason = failure.StatusCode is StatusCode.Unavailable && failure.Status.Detail.Contains("connecting", StringComparison.OrdinalIgnoreCase) ? "clockd does not answer" : $"clockd: {failure.Status.Detail}";
            }
            catch (Exception failure) when (failure is IOException or OperationCanceledException or InvalidOperationException)
            {
                reason = "clockd does not answer";
            }

            Volatile.Write(ref _outbox, null);
            post(() => Lost?.Invoke(reason));
            await Task.Delay(pause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private async Task SteerAsync(Action opened, CancellationToken stop)
    {
        using var overdue = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var call = new Clock.ClockClient(channel).Steer(cancellationToken: overdue.Token);
        ulong sequence = 0;
        var first = await AskAsync(new() { Open = new() { ClockId = clockId, Client = "ptpd" } });
        if (first.Code != 0)
        {
            throw new RpcException(new Status((StatusCode)first.Code, first.Message));
        }

        var outbox = Channel.CreateBounded<(SteerRequest[] Requests, Action<bool, IReadOnlyList<Accepted>> Done)>(new BoundedChannelOptions(4) { SingleReader = true });
        Volatile.Write(ref _outbox, outbox);
        post(() => Opened?.Invoke(first.Accepted));
        opened();

        // The end of the call comes as the end of the answers: somebody has to wait for it while there is nothing to send.
        while (true)
        {
            using var renewal = CancellationTokenSource.CreateLinkedTokenSource(stop);
            renewal.CancelAfter(Patience);
            bool hasWork;
            try
            {
                hasWork = await outbox.Reader.WaitToReadAsync(renewal.Token);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                await AskAsync(new() { Renew = new() });
                continue;
            }

            while (hasWork && outbox.Reader.TryRead(out var work))
            {
                List<Accepted> accepted = [];
                foreach (var request in work.Requests)
                {
                    var reply = await AskAsync(request);
                    if (reply.Code != 0)
                    {
                        post(() => Refused?.Invoke(reply.Message));
                        break;
                    }

                    accepted.Add(reply.Accepted);
                }

                bool isAll = accepted.Count == work.Requests.Length;
                post(() => work.Done(isAll, accepted));
            }
        }

        async Task<SteerReply> AskAsync(SteerRequest request)
        {
            request.Sequence = ++sequence;
            request.NotAfter = (Clocks.Boot() + Freshness).ToWire();
            overdue.CancelAfter(Patience);
            await call.RequestStream.WriteAsync(request, overdue.Token);
            bool hasAnswer = await call.ResponseStream.MoveNext(overdue.Token);
            overdue.CancelAfter(Timeout.InfiniteTimeSpan);
            return hasAnswer ? call.ResponseStream.Current : throw new RpcException(new Status(StatusCode.Unavailable, "the call ended"));
        }
    }
}
