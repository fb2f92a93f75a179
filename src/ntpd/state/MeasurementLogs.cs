using System.Globalization;
using Microsoft.Extensions.Logging;
using TimeSuite.Config;
using TimeSuite.Discipline;
using TimeSuite.Ntp;
using TimeSuite.Ntpd.Sources;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.State;

/// <summary>measurements.log, statistics.log and tracking.log: a line for each sample, estimate and update, as chrony's users know them.</summary>
/// <remarks>Lines are gathered and written by a thread of the pool: a slow disk costs lines, never time.</remarks>
internal sealed partial class MeasurementLogs(ILogger<MeasurementLogs> log) : IDisposable
{
    private const int LongestBacklog = 4096; // lines

    private const string MeasurementsBanner =
        "#   date (UTC) time     source                                   L stratum offset/s        delay/s         dispersion/s    root delay/s    root disp./s    refid    mode stamps";

    private const string StatisticsBanner =
        "#   date (UTC) time     source                                   jitter/s        estimate/s      sigma/s         rate/ppb      skew/ppb      samples span/s";

    private const string TrackingBanner =
        "#   date (UTC) time     source                                   stratum rate/ppm      skew/ppm    offset/s        L sigma/s         bound/s";

    private readonly Lock _lock = new();
    private readonly Queue<(string File, string Line)> _backlog = new();
    private LogConfig _config = new();
    private bool _writing;
    private bool _warned;

    /// <summary>Takes the [log] table in force.</summary>
    public void Configure(LogConfig config) => _config = config;

    public bool WantsMeasurements => _config is { Measurements: true, Directory: not null };

    public void OnMeasured(SourceSession session, Exchange exchange, Instant<Utc> now, Duration offset)
    {
        if (WantsMeasurements)
        {
            Add("measurements.log", MeasurementsBanner, string.Create(CultureInfo.InvariantCulture,
                $"{Date(now)} {session.Address.ToIPAddress(),-40} {Letter(exchange.Leap)} {exchange.Stratum,7} {offset.Seconds,15:E8} {exchange.Delay.Seconds,15:E8} {Duration.Max(exchange.Sent.Error, exchange.Received.Error).Seconds,15:E8} {exchange.RootDelay.Seconds,15:E8} {exchange.RootDispersion.Seconds,15:E8} {exchange.ReferenceId.Bits:X8} {(exchange.Interleaved ? 'I' : 'B'),4} {exchange.Sent.Source.ToString()[0]}{exchange.Received.Source.ToString()[0]}"));
        }
    }

    /// <summary>An estimate that a new sample has changed.</summary>
    public void OnEstimate(SourceSession session, SourceReport report, Instant<Utc> now)
    {
        if (_config is { Statistics: true, Directory: not null } && report.Estimate is { } estimate)
        {
            Add("statistics.log", StatisticsBanner, string.Create(CultureInfo.InvariantCulture,
                $"{Date(now)} {session.Address.ToIPAddress(),-40} {estimate.Jitter.Seconds,15:E8} {report.Offset.GetValueOrDefault().Seconds,15:E8} {estimate.Covariance.OffsetSigma.Seconds,15:E8} {estimate.Rate.Ppb,13:F3} {estimate.Covariance.RateSigma.Ppb,13:F3} {estimate.SampleCount,7} {estimate.Span.Seconds:F0}"));
        }
    }

    /// <summary>An update of the clock by new samples.</summary>
    public void OnUpdate(Outcome outcome, SourceSession? selected, Instant<Utc> now)
    {
        if (_config is { Tracking: true, Directory: not null })
        {
            Add("tracking.log", TrackingBanner, string.Create(CultureInfo.InvariantCulture,
                $"{Date(now)} {selected?.Address.ToIPAddress().ToString() ?? "-",-40} {selected?.Last?.Stratum + 1 ?? 16,7} {outcome.Tracking.Frequency.Ppm,13:F6} {outcome.Tracking.Skew.Ppm,11:F6} {outcome.Tracking.Offset.Seconds,15:E8} {(outcome.Announcement.Synchronized ? 'N' : '?')} {outcome.Announcement.Sigma.Seconds,15:E8} {outcome.Announcement.Bound.Seconds,15:E8}"));
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            Drain();
        }
    }

    private static char Letter(LeapIndicator leap) => leap switch { LeapIndicator.None => 'N', LeapIndicator.Insert => '+', LeapIndicator.Delete => '-', _ => '?' };

    private static string Date(Instant<Utc> now) =>
        DateTimeOffset.UnixEpoch.AddSeconds(now.SinceEpoch.WholeSeconds).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private void Add(string file, string banner, string line)
    {
        string path = Path.Combine(_config.Directory!, file);
        lock (_lock)
        {
            if (_backlog.Count >= LongestBacklog)
            {
                return;
            }

            _backlog.Enqueue((path, File.Exists(path) || _backlog.Any(entry => entry.File == path) ? line : banner + "\n" + line));
            if (!_writing)
            {
                _writing = true;
                ThreadPool.QueueUserWorkItem(_ => WriteBacklog());
            }
        }
    }

    private void WriteBacklog()
    {
        while (true)
        {
            List<(string File, string Line)> batch;
            lock (_lock)
            {
                batch = [.. _backlog];
                _backlog.Clear();
                if (batch.Count == 0)
                {
                    _writing = false;
                    return;
                }
            }

            Write(batch);
        }
    }

    private void Drain()
    {
        Write([.. _backlog]);
        _backlog.Clear();
    }

    private void Write(List<(string File, string Line)> batch)
    {
        try
        {
            foreach (var group in batch.GroupBy(entry => entry.File, entry => entry.Line))
            {
                File.AppendAllLines(group.Key, group);
            }

            _warned = false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (!_warned)
            {
                LogCannotWrite(log, exception.Message);
                _warned = true;
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Measurements are not logged for now: {Reason}")]
    private static partial void LogCannotWrite(ILogger log, string reason);
}
