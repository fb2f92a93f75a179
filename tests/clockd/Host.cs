using Grpc.Core;
using Microsoft.Extensions.Logging;
using TimeSuite.Linux;
using TimeSuite.Policy;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Time;

namespace TimeSuite.Clockd.Tests;

/// <summary>A machine with a clockd on it, in simulated time: no socket, no process, no real clock; state and page are real files.</summary>
internal sealed class Host : IDisposable
{
    /// <summary>Later than the build date; no day on which a leap second could be.</summary>
    public static readonly Instant<Utc> Noon = At("2027-03-15T12:00:00Z");

    private readonly DirectoryInfo _folder = Directory.CreateDirectory(
        Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"clockd-test-{Guid.NewGuid():N}"));

    private readonly Guid _boot;
    private readonly bool _isShadow;
    private readonly PolicyLimits _limits;
    private readonly LeapSeconds? _leaps;
    private readonly FrequencyOffset _oscillator;
    private TimePageWriter _page;
    private StateFiles _files = null!;
    private Duration _elapsed = Duration.FromSeconds(1000L); // since boot

    public Host(bool isShadow = true, PolicyLimits? limits = null, Instant<Utc>? start = null, LeapSeconds? leaps = null, FrequencyOffset oscillator = default)
    {
        _boot = BootId.Read(); // the page's reader checks it
        (_isShadow, _limits, _leaps, _oscillator) = (isShadow, limits ?? PolicyLimits.Default, leaps, oscillator);
        Kernel = new((start ?? Noon).SinceEpoch.WholeSeconds);
        Log = new();
        (_page, Session) = Open();
    }

    public KernelModel Kernel { get; }

    public ClockSession Session { get; private set; }

    public AuditTrail Audit { get; private set; } = null!;

    public RecordingLog Log { get; }

    public ISteerableClock Clock { get; private set; } = null!;

    public bool IsTicking { get; private set; }

    public Duration Suspended { get; set; }

    public string PagePath => Path.Combine(_folder.FullName, "clock");

    public string RuntimeFile => Path.Combine(_folder.FullName, "state");

    public string DiskFile => Path.Combine(_folder.FullName, "disk");

    public static Instant<Utc> At(string text) =>
        new(Duration.FromSeconds(DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeSeconds()));

    public static Instant<Utc> BuildDate => At("2026-01-01T00:00:00Z");

    public Moment Now() => new(new(_elapsed - Suspended), new(_elapsed), new(Duration.FromSeconds(Kernel.Seconds)), Suspended);

    public Instant<Boot> InTime => Now().Boot + Duration.FromSeconds(5L);

    public Duration Elapsed => _elapsed;

    /// <summary>What the steered clock shows.</summary>
    public Instant<Utc> Time => Clock.Read(Now()).Time;

    /// <summary>Seconds pass; clockd ticks when it wanted to.</summary>
    public void Pass(int seconds, bool isStopped = false)
    {
        for (int second = 0; second < seconds; second++)
        {
            _elapsed += Duration.FromSeconds(1L);
            Kernel.Second();
            if (IsTicking && !isStopped)
            {
                Session.Tick();
            }
        }
    }

    /// <summary>kill -9 and a new start, on the same boot.</summary>
    public void Restart()
    {
        WaitForDisk(); // a real kill may come before or after it; a test wants to know
        _page.Dispose();
        (_page, Session) = Open();
    }

    /// <summary>What was to be saved to disk is there.</summary>
    public void WaitForDisk() => _files.Flush();

    /// <summary>SIGTERM, as far as the state on disk goes.</summary>
    public void Stop()
    {
        Session.EndSlews();
        _files.Flush();
    }

    public Lease Steer(string who = "uid 997 pid 1") => Session.Open(who, () => { });

    public Outcome Adjust(Lease lease, double ppm, double? phase = null, double duration = 0) =>
        Carry(lease, new() { Frequency = FrequencyOffset.FromPpm(ppm), Slew = phase is { } p ? (Duration.FromSeconds(p), Duration.FromSeconds(duration)) : null });

    public Outcome Announce(Lease lease, bool synchronized = true, LeapSecond leap = LeapSecond.None, int? tai = null, double bound = 0.001, double interval = 64) => Carry(lease, new()
    {
        Announcement = new()
        {
            Synchronized = synchronized,
            Bound = Duration.FromSeconds(bound),
            Sigma = Duration.FromSeconds(bound / 10),
            Interval = Duration.FromSeconds(interval),
            Leap = leap,
            TaiOffset = tai,
        },
    });

    public Outcome StepBy(Lease lease, double offset) => Carry(lease, new() { Step = Duration.FromSeconds(offset) });

    public Outcome Renew(Lease lease) => Carry(lease, default);

    public Outcome Carry(Lease lease, Wish wish, Instant<Boot>? notAfter = null)
    {
        var reply = Session.Carry(lease, notAfter ?? InTime, "test", wish);
        return new((StatusCode)reply.Code, reply.Accepted);
    }

    public TimePageReading ReadPage()
    {
        Assert.True(TimePage.TryOpen(PagePath, out var page));
        using (page)
        {
            Assert.True(page.TryRead(out var reading));
            return reading;
        }
    }

    public void Dispose()
    {
        _files.Flush();
        _page.Dispose();
        _folder.Delete(recursive: true);
    }

    private (TimePageWriter, ClockSession) Open()
    {
        IsTicking = false;
        Audit = new(Log.For<AuditTrail>());
        var page = TimePageWriter.Open(PagePath, _boot, Now().Raw, why => Audit.Say(LogLevel.Warning, why));
        Clock = _isShadow ? ShadowClock.Resume(page.Earlier, Duration.Zero, _oscillator, Now()) : OpenKernel();
        var policy = new ClockPolicy(_limits, _leaps, BuildDate);
        _files = new StateFiles(RuntimeFile, DiskFile, Audit);
        var session = new ClockSession(Clock, policy, _files.Load(policy, _boot, page.IsBroken || page.Earlier is not null, Now()), _files, page, Audit, Now);
        session.Ticking = wanted => IsTicking = wanted;
        session.Start();
        return (page, session);
    }

    private KernelClock OpenKernel()
    {
        var clock = new KernelClock(Kernel, setsRtc: true);
        clock.Adopt();
        return clock;
    }
}

/// <summary>What clockd answered.</summary>
internal sealed record Outcome(StatusCode Code, Accepted? Accepted)
{
    public Duration Pending => Accepted!.PendingPhase.ToDomain();

    public Duration BudgetLeft => Accepted!.SlewBudgetLeft.ToDomain();
}

/// <summary>Log lines, to be looked at.</summary>
internal sealed class RecordingLog
{
    private readonly List<(LogLevel Level, string Line)> _lines = [];

    public IReadOnlyList<(LogLevel Level, string Line)> Lines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    public ILogger<T> For<T>() => new Logger<T>(_lines);

    private sealed class Logger<T>(List<(LogLevel, string)> lines) : ILogger<T>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (lines)
            {
                lines.Add((logLevel, formatter(state, exception)));
            }
        }
    }
}
