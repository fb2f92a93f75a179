using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using TimeSuite.Config;
using TimeSuite.Discipline;
using TimeSuite.Linux;
using TimeSuite.Ptp;
using TimeSuite.Ptpd.Hardware;

namespace TimeSuite.Ptpd;

/// <summary>The composition: one PTP instance, its ports on their sockets, and who watches them. All but <see cref="Watch"/> is the loop's thread's.</summary>
internal sealed partial class PtpDaemon : IDisposable
{
    private const int WatcherBacklog = 256; // 16 events a second of a port: who does not read for 16 s loses the oldest

    private const int Unclaimed = 248; // the default (table 4)

    private const byte LastTraceable = 7; // clock classes 6 and 7 have, or lately had, a primary reference (table 4)

    private static readonly Duration UpkeepInterval = Duration.FromSeconds(1L);

    private readonly PtpConfig _config;
    private readonly SuiteClock _clock;
    private readonly ILogger _log;
    private readonly List<Channel<(PortDriver Port, Measured What)>> _watchers = [];
    private Instant<Boot> _upkeep;
    private bool? _served;
    private (ParentDataSet Parent, TimeProperties Time) _told;

    /// <param name="config">[ptp].</param>
    /// <param name="clock">The clock that clockd steers.</param>
    /// <param name="clockdSocket">Where clockd listens.</param>
    /// <param name="seals">What messages are sealed with; null: with nothing.</param>
    /// <param name="loggers">For what happens.</param>
    public PtpDaemon(PtpConfig config, SuiteClock clock, string clockdSocket, PtpAuthentication? seals, ILoggerFactory loggers)
    {
        (_config, _clock, _log) = (config, clock, loggers.CreateLogger("ptpd"));
        Profile = Profile.Of(config);
        Profile = Profile with { Port = Profile.Port with { Authentication = seals } };
        Instance = new(Profile.Own with { Identity = IdentityOf(config.Interfaces), SlaveOnly = true }, Profile.Rule, () => KernelRandom.Next() / (ulong.MaxValue + 1.0));
        HardwareClocks = new(config, Loop, clock, clockdSocket, _log);
        HardwareClocks.Looked += (port, read, look) => Tell(port, new Measured.Phc(HardwareMapping.ToWire(look, read)));
        var served = new ServedTime(clock, config.ArbitraryIsUtc) { Instance = Instance };
        foreach (string name in config.Interfaces)
        {
            var settings = Profile.Of(config.On(name));
            var port = new PortDriver(name, settings with { Port = settings.Port with { Authentication = seals } }, config.ArbitraryIsUtc, Instance, Loop, _clock, served, HardwareClocks, _log);
            port.Happened += Tell;
            Ports.Add(port);
        }
    }

    public EventLoop Loop { get; } = new();

    public Profile Profile { get; }

    public PtpConfig Config => _config;

    public PtpInstance Instance { get; }

    public List<PortDriver> Ports { get; } = [];

    public PhcSet HardwareClocks { get; }

    /// <summary>Runs on the calling thread until the loop is stopped.</summary>
    public void Run()
    {
        Upkeep(Clocks.Boot());
        Ports.ForEach(port => port.Start());
        Loop.Run(NextDue, _ => OnTime());
    }

    /// <summary>Begins to tell what is measured. From any thread.</summary>
    public ChannelReader<(PortDriver Port, Measured What)> Watch(CancellationToken until)
    {
        var channel = Channel.CreateBounded<(PortDriver, Measured)>(new BoundedChannelOptions(WatcherBacklog) { FullMode = BoundedChannelFullMode.DropOldest });
        Loop.Post(() =>
        {
            _watchers.Add(channel);
            Ports.ForEach(port => channel.Writer.TryWrite((port, new Measured.Change(port.Port.State))));
        });
        until.Register(() => Loop.Post(() =>
        {
            _watchers.Remove(channel);
            channel.Writer.TryComplete();
        }));
        return channel.Reader;
    }

    public void Dispose()
    {
        Ports.ForEach(port => port.Dispose());
        HardwareClocks.Dispose();
        Loop.Dispose();
    }

    private Instant<Raw>? NextDue()
    {
        var next = _upkeep;
        foreach (var port in Ports)
        {
            next = port.Wake is { } wake && wake < next ? wake : next;
        }

        next = HardwareClocks.Wake is { } clock && clock < next ? clock : next;
        return Clocks.Raw() + (next - Clocks.Boot());
    }

    private void OnTime()
    {
        var now = Clocks.Boot();
        if (now >= _upkeep)
        {
            Upkeep(now);
        }

        Ports.ForEach(port => port.OnTime());
        HardwareClocks.OnTime(now, Ports);
        var heard = (Instance.Parent, Instance.Time);
        if (heard != _told)
        {
            _told = heard; // who watches hears of another master, and of other news from the same one
            Ports.ForEach(port => Tell(port, new Measured.Change(port.Port.State)));
        }
    }

    /// <summary>What we say of our own time follows the clock: nothing is served that is not known to be right.</summary>
    private void Upkeep(Instant<Boot> now)
    {
        _upkeep = now + UpkeepInterval;
        Ports.ForEach(port => port.LookForInterface());
        var followed = Ports.Find(port => port.Port.State.Follows());
        Instance.Current = followed is null ? default : new(
            TimeInterval.FromDuration(followed.ClockOffset ?? Duration.Zero), TimeInterval.FromDuration(followed.Path.MeanPathDelay ?? Duration.Zero));
        if (_config.Role is PtpConfig.PtpRole.Follow or PtpConfig.PtpRole.Transparent)
        {
            return;
        }

        var pulsed = HardwareClocks.Pulsed;
        bool mayServe = _clock.MayServe(out var systems, out var leap);
        var bound = _config.Pulse is null ? systems : pulsed is { IsGood: true } ? pulsed.Bound : null;
        bool known = (_config.Pulse is null ? mayServe : bound is not null) && _clock.TaiMinusUtc() is not null && Ports.TrueForAll(port => port.Clock is not { IsGood: false });
        if (known != _served)
        {
            _served = known;
            LogServes(_log, known ? "may be served" : "is not synchronised, or TAI - UTC is not known: nothing is served by it");
        }

        var accuracy = bound is not null && !Profile.HasTimeOfMasters(_config) && Ports.Aggregate(bound, (worst, port) => Worse(worst, port.Clock is { } clock ? clock.Bound : systems)) is { } error ? ClockAccuracies.Claim(error) : ClockAccuracy.Unknown;
        byte quality = (byte)(bound is null ? Unclaimed : _config.ClockClass is not { } configured ? Unclaimed : pulsed is { Last.State: PhcState.Holdover } ? Held(configured) : configured);
        var set = Instance.Default with
        {
            SlaveOnly = !known && _config.Role == PtpConfig.PtpRole.Serve,
            Quality = new(quality, accuracy, known ? Profile.Variance(_config, quality) : ClockQuality.Unknown.Variance),
        };
        var time = known && _clock.TaiMinusUtc() is { } offset
            ? new TimeProperties((short)offset, PtpFlags.PtpTimescale | PtpFlags.UtcOffsetValid | FlagOf(leap) | (quality <= LastTraceable ? PtpFlags.TimeTraceable | PtpFlags.FrequencyTraceable : PtpFlags.None), bound is null ? TimeSource.InternalOscillator : Profile.Source ?? (_config.Pulse is null ? TimeSource.Ntp : TimeSource.Other))
            : new TimeProperties(0, PtpFlags.None, TimeSource.InternalOscillator);
        Instance.OwnInaccuracy = bound ?? Duration.FromSeconds(1L);
        if ((set, time, known) != (Instance.Default, Instance.OwnTime, Instance.KnowsTime))
        {
            (Instance.Default, Instance.OwnTime, Instance.KnowsTime) = (set, time, known);
            Instance.Decide(now);
        }
    }

    /// <summary>Of two that may be wrong by so much; null: nobody knows by how much.</summary>
    private static Duration? Worse(Duration? one, Duration? other) => one is { } first && other is { } second ? Duration.Max(first, second) : null;

    /// <summary>The clock class of a primary or an application's reference while it is held over (table 4).</summary>
    private static int Held(int locked) => locked switch
    {
        6 => 7,
        13 => 14,
        _ => locked,
    };

    private static PtpFlags FlagOf(LeapSecond leap) => leap switch
    {
        LeapSecond.Insert => PtpFlags.Leap61,
        LeapSecond.Delete => PtpFlags.Leap59,
        _ => PtpFlags.None,
    };

    /// <summary>The first interface's hardware address makes it, so that it stays the same over restarts; without one, chance.</summary>
    private static ClockIdentity IdentityOf(IReadOnlyList<string> interfaces)
    {
        foreach (string name in interfaces)
        {
            if (LinkAddress.TryFind(name, out var link) && link.Mac != 0)
            {
                Span<byte> octets = stackalloc byte[8];
                System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(octets, link.Mac);
                return ClockIdentity.FromMac(octets[2..]);
            }
        }

        return new(KernelRandom.Next());
    }

    private void Tell(PortDriver port, Measured what)
    {
        foreach (var watcher in _watchers)
        {
            watcher.Writer.TryWrite((port, what));
        }
    }

    [LoggerMessage(LogLevel.Information, "The clock {How}")]
    private static partial void LogServes(ILogger log, string how);
}
