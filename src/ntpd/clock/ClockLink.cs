using System.Threading.Channels;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using TimeSuite.Linux;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Clock;

/// <summary>What happened between us and clockd, in the order in which it happened.</summary>
public abstract record ClockLinkEvent
{
    private ClockLinkEvent()
    {
    }

    /// <summary>We hold the lease.</summary>
    public sealed record Opened(ClockDescription Clock, Rpc.Clock.V1.Policy Policy, Counters Counters) : ClockLinkEvent;

    /// <summary>What clockd allows was asked for again.</summary>
    public sealed record Described(ClockDescription Clock, Rpc.Clock.V1.Policy Policy, Counters Counters) : ClockLinkEvent;

    /// <summary>The answer to one message.</summary>
    public sealed record Replied(SteerRequest Request, SteerReply Reply) : ClockLinkEvent;

    /// <summary>The lease is gone; another attempt follows by itself.</summary>
    public sealed record Lost(string Reason) : ClockLinkEvent;
}

/// <summary>Our end of clockd's Steer call: keeps it alive, numbers the messages, and hands the answers to the loop.</summary>
/// <param name="socketPath">clockd.sock.</param>
/// <param name="clientName">For clockd's log.</param>
/// <param name="post">Takes the events; called on threads of the pool, one at a time.</param>
/// <param name="log">For what goes wrong.</param>
/// <param name="firstPause">Before the first new attempt, 200 ms unless told; it doubles up to 2 s.</param>
public sealed partial class ClockLink(string socketPath, string clientName, Action<ClockLinkEvent> post, ILogger<ClockLink> log, TimeSpan? firstPause = null)
{
    /// <summary>A message older than this when clockd gets to it is refused: the estimate behind it is stale.</summary>
    private static readonly Duration Freshness = Duration.FromSeconds(2L);

    /// <summary>clockd answers within a millisecond; one that has not for so long is stopped or hangs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    /// <summary>How the reason begins when nobody is there or clockd hangs.</summary>
    public const string NoAnswer = "clockd does not answer";

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly TimeSpan _firstPause = firstPause ?? TimeSpan.FromMilliseconds(200);

    private readonly GrpcChannel _channel = UnixChannel.Open(socketPath);
    private Channel<SteerRequest>? _outbox;

    /// <summary>The channel to clockd, for other calls than Steer.</summary>
    public Rpc.Clock.V1.Clock.ClockClient Client => field ??= new(_channel);

    /// <summary>Sends a message in the call that is open; false if none is, or clockd does not keep up.</summary>
    public bool TrySend(SteerRequest request)
    {
        request.NotAfter = (Clocks.Boot() + Freshness).ToWire();
        return Volatile.Read(ref _outbox)?.Writer.TryWrite(request) ?? false;
    }

    /// <summary>Asks clockd what it allows, beside the call that is open: its limits may have been changed. No answer is no event.</summary>
    public async Task DescribeAsync()
    {
        try
        {
            var description = await Client.DescribeAsync(new DescribeRequest(), deadline: DateTime.UtcNow.AddSeconds(5));
            post(new ClockLinkEvent.Described(description.Clocks.First(candidate => candidate.Id == "system"), description.Policy, description.Counters));
        }
        catch (Exception exception) when (exception is RpcException or IOException)
        {
            // The call of the lease tells what is wrong.
        }
    }

    /// <summary>Connects, steers, and connects again until told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var pause = _firstPause;
        string lastReason = "";
        while (!stop.IsCancellationRequested)
        {
            string reason;
            try
            {
                await SteerAsync(() => (pause, lastReason) = (_firstPause, ""), stop);
                reason = "clockd ended the call";
            }
            catch (RpcException exception) when (!stop.IsCancellationRequested)
            {
                reason = exception.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded
                    ? $"{NoAnswer} on {socketPath}"
                    : exception.StatusCode == StatusCode.FailedPrecondition && exception.Status.Detail.Length > 0 ? $"clockd refuses: {exception.Status.Detail}"
                    : $"{exception.StatusCode}: {exception.Status.Detail}";
            }
            catch (Exception exception) when (stop.IsCancellationRequested && exception is RpcException or OperationCanceledException or IOException)
            {
                break;
            }
            catch (IOException exception)
            {
                reason = $"the connection to clockd broke: {exception.Message}"; // a killed clockd: the library does not always wrap it
            }

            Volatile.Write(ref _outbox, null);
            if (reason != lastReason)
            {
                LogLost(log, reason);
                lastReason = reason;
            }

            post(new ClockLinkEvent.Lost(reason));
            try
            {
                await Task.Delay(pause, stop);
            }
            catch (OperationCanceledException)
            {
                break;
            }

            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }

        await _channel.ShutdownAsync();
    }

    /// <summary>One call, from its beginning to its end.</summary>
    private async Task SteerAsync(Action opened, CancellationToken stop)
    {
        var description = await Client.DescribeAsync(new DescribeRequest(), deadline: DateTime.UtcNow.AddSeconds(5), cancellationToken: stop);
        using var overdue = CancellationTokenSource.CreateLinkedTokenSource(stop);
        overdue.CancelAfter(Patience);
        using var call = Client.Steer(cancellationToken: overdue.Token);
        ulong sequence = 1;
        await call.RequestStream.WriteAsync(new SteerRequest { Sequence = sequence, Open = new Open { ClockId = "system", Client = clientName } }, stop);
        if (!await call.ResponseStream.MoveNext(stop) || call.ResponseStream.Current.Code != 0)
        {
            throw new RpcException(new Status(StatusCode.FailedPrecondition, call.ResponseStream.Current?.Message ?? "no answer to Open"));
        }

        var outbox = Channel.CreateBounded<SteerRequest>(new BoundedChannelOptions(64) { SingleReader = true });
        var clock = description.Clocks.First(candidate => candidate.Id == "system");
        Volatile.Write(ref _outbox, outbox); // before anybody hears that it is open
        post(new ClockLinkEvent.Opened(clock, description.Policy, description.Counters));
        LogOpened(log, socketPath, clock.Kind);
        opened();

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var inFlight = new Queue<SteerRequest>();
        var writing = WriteAsync();
        try
        {
            overdue.CancelAfter(Timeout.InfiniteTimeSpan);
            while (await call.ResponseStream.MoveNext(overdue.Token))
            {
                SteerRequest answered;
                lock (inFlight)
                {
                    answered = inFlight.Dequeue();
                    overdue.CancelAfter(inFlight.Count == 0 ? Timeout.InfiniteTimeSpan : Patience);
                }

                post(new ClockLinkEvent.Replied(answered, call.ResponseStream.Current));
            }
        }
        catch (Exception silence) when (overdue.IsCancellationRequested && !stop.IsCancellationRequested && silence is RpcException or OperationCanceledException)
        {
            throw new RpcException(new Status(StatusCode.DeadlineExceeded, "no answer"));
        }
        finally
        {
            await ended.CancelAsync();
            await writing;
        }

        async Task WriteAsync()
        {
            try
            {
                await foreach (var request in outbox.Reader.ReadAllAsync(ended.Token))
                {
                    request.Sequence = ++sequence;
                    lock (inFlight)
                    {
                        inFlight.Enqueue(request);
                        if (inFlight.Count == 1)
                        {
                            overdue.CancelAfter(Patience); // for the oldest: those behind it must not prolong the wait
                        }
                    }

                    await call.RequestStream.WriteAsync(request, ended.Token);
                }
            }
            catch (Exception exception) when (exception is OperationCanceledException or RpcException or InvalidOperationException or IOException)
            {
                // The call has ended; the reader of the answers says why.
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Steering the clock through {Socket} ({Kind})")]
    private static partial void LogOpened(ILogger log, string socket, ClockDescription.Types.Kind kind);

    [LoggerMessage(LogLevel.Warning, "Cannot steer the clock: {Reason}; measuring goes on, trying again")]
    private static partial void LogLost(ILogger log, string reason);
}
