using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using TimeSuite.Ptp;
using TimeSuite.Rpc;
using TimeSuite.Time;
using Wire = TimeSuite.Rpc.Ptp.V1;

namespace TimeSuite.Ntpd.Ptp;

/// <summary>Our end of ptpd's status socket.</summary>
/// <param name="socketPath">/run/timesuite/ptpd/status.sock.</param>
/// <param name="log">For what goes wrong.</param>
internal sealed partial class PtpLink(string socketPath, ILogger<PtpLink> log) : IDisposable
{
    private const int MostTogether = 64;

    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(200), s_longestPause = TimeSpan.FromSeconds(8);

    private readonly GrpcChannel _channel = UnixChannel.Open(socketPath);

    /// <summary>Hands on what ptpd tells until told to stop; when it falls silent, tries again.</summary>
    /// <param name="use">Takes the news that came together. Called on any thread.</param>
    /// <param name="lost">ptpd is gone.</param>
    /// <param name="stop">Ends it.</param>
    public async Task WatchAsync(Action<IReadOnlyList<PtpNews>> use, Action lost, CancellationToken stop)
    {
        var pause = s_firstPause;
        bool isSaid = false;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var call = new Wire.Ptp.PtpClient(_channel).Watch(new(), cancellationToken: stop);
                List<PtpNews> together = [];
                var next = call.ResponseStream.MoveNext(stop);
                while (await next)
                {
                    (pause, isSaid) = (s_firstPause, false);
                    if (TryRead(call.ResponseStream.Current, out var news))
                    {
                        together.Add(news!);
                    }

                    next = call.ResponseStream.MoveNext(stop);
                    if (together.Count > 0 && (!next.IsCompleted || together.Count >= MostTogether))
                    {
                        use(together); // the clock is steered once for all of them
                        together = [];
                    }
                }
            }
            catch (Exception exception) when (exception is RpcException or IOException or OperationCanceledException)
            {
                if (!isSaid && !stop.IsCancellationRequested)
                {
                    LogSilent(log, Silence.Reason("ptpd", exception));
                    isSaid = true;
                }
            }

            lost();
            await Task.Delay(pause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
        }
    }

    public void Dispose() => _channel.Dispose();

    /// <returns>False for what no version of ptpd says.</returns>
    internal static bool TryRead(Wire.PtpEvent wire, out PtpNews? news)
    {
        int port = wire.Port is > 0 and <= ushort.MaxValue ? (int)wire.Port : 0;
        news = wire.WhatCase switch
        {
            Wire.PtpEvent.WhatOneofCase.Sync when wire.Sync.Sent.TryToDomain(out var sent) & wire.Sync.Received.TryToDomain(out var received) & (wire.Sync.Error ?? new()).TryToDomain(out var error) =>
                new PtpNews.Sync(port, new(sent), new(received), error),
            Wire.PtpEvent.WhatOneofCase.Delay when wire.Delay.Sent.TryToDomain(out var sent) & wire.Delay.Received.TryToDomain(out var received) & (wire.Delay.Error ?? new()).TryToDomain(out var error) =>
                new PtpNews.Delay(port, new(sent), new(received), error),
            Wire.PtpEvent.WhatOneofCase.Link when wire.Link.MeanLinkDelay.TryToDomain(out var delay) => new PtpNews.Link(port, delay),
            Wire.PtpEvent.WhatOneofCase.Phc when wire.Phc.Shown.TryToDomain(out var shown) & wire.Phc.Raw.TryToDomain(out var raw) & wire.Phc.Error.TryToDomain(out var error) =>
                new PtpNews.Phc(port, new(shown), new(raw), error, BoundOf(wire.Phc)),
            Wire.PtpEvent.WhatOneofCase.Changed => new PtpNews.Changed(port, MasterOf(wire.Changed)),
            _ => null,
        };
        return news is not null && port > 0;
    }

    /// <summary>Only while ptpd vouches for it, and never a clock that follows the system's: the two would follow each other into nowhere.</summary>
    private static Duration? BoundOf(Wire.PhcMeasured clock) =>
        clock is { State: "locked" or "holdover", Upstream: "master" } && clock.Bound.TryToDomain(out var bound) && bound.Sign >= 0 ? bound : null;

    private static PtpMaster? MasterOf(Wire.PtpPortChanged changed)
    {
        if (changed is not { State: "slave" or "uncalibrated", Parent: { } parent })
        {
            return null;
        }

        return new(
            parent.PortIdentity, parent.Grandmaster, (int)Math.Min(parent.StepsRemoved, 255), parent.PtpTimescale,
            parent.HasUtcOffsetS ? Duration.FromSeconds((long)parent.UtcOffsetS) : null,
            parent.Leap.TryToDomain(out var leap) ? leap : LeapSecond.None,
            parent.Quality is { Accuracy: <= byte.MaxValue and var accuracy } ? ((ClockAccuracy)accuracy).Bound() : null);
    }

    [LoggerMessage(LogLevel.Warning, "{Reason}; tried again until it does (systemctl status timesuite-ptpd)")]
    private static partial void LogSilent(ILogger log, string reason);
}
