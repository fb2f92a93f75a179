using System.Net;
using Microsoft.Extensions.Logging;
using TimeSuite.Config;
using TimeSuite.Discipline;
using TimeSuite.Linux;
using TimeSuite.Ntp;
using TimeSuite.Ntpd.Clock;
using TimeSuite.Ntpd.State;
using TimeSuite.Time;
using Verdict = TimeSuite.Discipline.Verdict;

namespace TimeSuite.Ntpd.Sources;

/// <summary>All sources: their names, their addresses, who is replaced and when. On the loop's thread only.</summary>
internal sealed partial class SourceSet(
    ISessionHost host, ClockDiscipline discipline, INameResolver resolver, Action<Action> post, IHostClocks clocks, Instant<Utc> floor, ILogger<SourceSet> log, INtsExchange? exchange = null)
{
    /// <summary>A pool's member that is a falseticker for so long is replaced.</summary>
    private static readonly Duration FalseFor = Duration.FromSeconds(1024L);

    private readonly List<ConfiguredSource> _sources = [];
    private readonly Dictionary<SourceId, Instant<Raw>> _falseSince = [];
    private readonly HashSet<(SourceConfig.SourceKind, string, int, int)> _deleted = [];
    private Dictionary<HistoryKey, List<Sample>> _remembered = [];
    private int _lastId;

    public IReadOnlyList<ConfiguredSource> Sources => _sources;

    public IEnumerable<SourceSession> Sessions => _sources.SelectMany(source => source.Sessions);

    /// <summary>The next time that something is to be done.</summary>
    public Instant<Raw>? Due
    {
        get
        {
            Instant<Raw>? due = null;
            foreach (var source in _sources)
            {
                due = Earlier(Earlier(due, source.ResolveDue), source.KeysDue);
                foreach (var session in source.Sessions)
                {
                    due = Earlier(due, session.Due);
                }
            }

            return due;
        }
    }

    public SourceSession? Find(SourceId id) => Sessions.FirstOrDefault(session => session.Id == id);

    /// <summary>Takes samples of an earlier run of this boot: each goes to its source when that comes back.</summary>
    public void Remember(Dictionary<HistoryKey, List<Sample>> samples) => _remembered = samples;

    /// <summary>Makes the sources those of the configuration; what is unchanged keeps its samples and its state.</summary>
    public (int Added, int Removed, int Changed, int Kept) Apply(IReadOnlyList<SourceConfig> wanted, Instant<Raw> now)
    {
        int removed = 0, added = 0, changed = 0, kept = 0;
        foreach (var gone in _sources.Where(source => !source.IsOfRunTime && !wanted.Any(config => Key(config) == Key(source.Config))).ToList())
        {
            Remove(gone);
            removed++;
        }

        foreach (var config in wanted.Where(config => !_deleted.Contains(Key(config))))
        {
            if (_sources.FirstOrDefault(source => Key(source.Config) == Key(config)) is not { } present)
            {
                Add(config, now);
                added++;
            }
            else if (present.Config with { Where = "" } == config with { Where = "" })
            {
                present.Config = config;
                kept++;
            }
            else
            {
                Change(present, config, now);
                changed++;
            }
        }

        return (added, removed, changed, kept);
    }

    public void Add(SourceConfig config, Instant<Raw> now, bool isOfRunTime = false) =>
        _sources.Add(new ConfiguredSource(config) { ResolveAt = now, IsOfRunTime = isOfRunTime });

    /// <param name="name">As <see cref="SourceName"/> has it; without a port, all of that name.</param>
    /// <returns>How many there were.</returns>
    public int Remove(string name)
    {
        var wanted = SourceName.Of(name);
        var found = _sources.Where(source => source.Config.Name == wanted.Name && wanted.IsPort(source.Config.Port)).ToList();
        foreach (var source in found)
        {
            _deleted.Add(Key(source.Config)); // a reload does not bring it back
            Remove(source);
        }

        return found.Count;
    }

    /// <summary>Sources of that name, or of that address, with or without the port; all for an empty name.</summary>
    public List<ConfiguredSource> Named(string name)
    {
        var wanted = SourceName.Of(name);
        return [.. _sources.Where(source => name.Length == 0 || (wanted.IsPort(source.Config.Port)
            && (source.Config.Name == wanted.Name || source.Sessions.Any(session => session.Address.ToIPAddress().ToString() == wanted.Name))))];
    }

    public void SetOnline(ConfiguredSource source, bool online, Instant<Raw> now)
    {
        source.IsOnline = online;
        foreach (var session in source.Sessions)
        {
            session.SetOnline(online, now);
            Report(session, loop: false);
        }

        source.ResolveAt = online && source.Sessions.Count < source.Wanted ? now : source.ResolveAt;
    }

    /// <summary>Timers that are due.</summary>
    public void OnTime(Instant<Raw> now)
    {
        foreach (var source in _sources)
        {
            if (source.ResolveDue <= now || source.KeysDue <= now)
            {
                Resolve(source);
            }

            foreach (var session in source.Sessions)
            {
                if (session.Due <= now)
                {
                    (int unanswered, bool wasReachable) = (session.Association.Unanswered, session.IsReachable);
                    session.OnTimer(now);
                    if (session.Association.Unanswered != unanswered)
                    {
                        Report(session, loop: false);
                    }

                    if (session.IsReachable != wasReachable)
                    {
                        host.OnStateChanged(session);
                    }
                }
            }
        }

        ReplaceDead(now);
    }

    /// <summary>Interfaces or addresses have changed: names may resolve and servers be reached now.</summary>
    public void OnNetworkChange(Instant<Raw> now)
    {
        foreach (var source in _sources)
        {
            source.ResetRetry();
            source.DeadCheckAt = now;
            source.ResolveAt = source.Sessions.Count < source.Wanted ? now : source.ResolveAt;
            foreach (var session in source.Sessions.Where(session => !session.Association.Reach.IsReachable && source.IsOnline))
            {
                session.SetOnline(false, now);
                session.SetOnline(true, now); // starts over, with a burst
            }
        }
    }

    /// <summary>After suspend: ask everybody at once.</summary>
    public void BurstAll(Instant<Raw> now)
    {
        foreach (var session in Sessions.Where(session => session.Association.IsOnline))
        {
            session.SetOnline(false, now);
            session.SetOnline(true, now);
        }
    }

    /// <summary>A pool's member that lies is replaced after a while.</summary>
    public void OnVerdicts(IReadOnlyList<SourceReport> reports, Instant<Raw> now)
    {
        foreach (var report in reports)
        {
            if (report.Verdict != Verdict.Falseticker)
            {
                _falseSince.Remove(report.Id);
            }
            else if (!_falseSince.TryGetValue(report.Id, out var since))
            {
                _falseSince[report.Id] = now;
            }
            else if (now - since > FalseFor && Find(report.Id) is { Config.Kind: SourceConfig.SourceKind.Pool } session)
            {
                LogFalse(log, session.Address.ToString(), session.Config.Name);
                Drop(Owner(session), session, now, avoid: true);
            }
        }
    }

    /// <summary>The server told us to go away. A pool has others; a single server stays, silent, and says so in its verdict.</summary>
    public void OnGivenUp(SourceSession session, KissCode reason, Instant<Raw> now)
    {
        LogGivenUp(log, session.Config.Name, session.Address.ToString(), reason.ToString());
        Report(session, loop: false);
        if (session.Config.Kind == SourceConfig.SourceKind.Pool)
        {
            Drop(Owner(session), session, now, avoid: true);
        }
    }

    /// <summary>Tells the discipline what an association knows.</summary>
    public void Report(SourceSession session, bool loop)
    {
        var state = session.State(loop);
        discipline.OnSourceState(session.Id, session.IsSetAside || session.IsProvisional ? state with { SaysUnsynchronized = true } : state);
    }

    private static (SourceConfig.SourceKind, string, int, int) Key(SourceConfig config) => (config.Kind, config.Name, config.Port, config.Nts ? config.NtsPort : 0);

    public static HistoryKey KeyOf(SourceSession session) => new(session.Config.Name, session.Address.ToString());

    private static Instant<Raw>? Earlier(Instant<Raw>? a, Instant<Raw>? b) => a is null || b < a ? b : a;

    private static SourceOptions OptionsOf(SourceConfig config) => new()
    {
        Name = config.Name,
        Prefer = config.Prefer,
        NoSelect = config.NoSelect,
        Trust = config.Trust,
        Require = config.Require,
        MinPoll = Duration.FromSeconds(Math.ScaleB(1, config.MinPoll)),
        MaxPoll = Duration.FromSeconds(Math.ScaleB(1, config.MaxPoll)),
        Iburst = config.Iburst,
        Offset = config.Offset,
        Asymmetry = config.Asymmetry,
        MaxDelay = config.MaxDelay,
    };

    private ConfiguredSource Owner(SourceSession session) => _sources.First(source => source.Sessions.Contains(session));

    private void Change(ConfiguredSource source, SourceConfig config, Instant<Raw> now)
    {
        var before = source.Config;
        source.Config = config;
        source.IsOnline = config.Offline == before.Offline ? source.IsOnline : !config.Offline;
        bool keepsSamples = config.Offset == before.Offset && config.Asymmetry == before.Asymmetry;
        var addresses = config.AddressFamily == before.AddressFamily ? source.Sessions.ConvertAll(session => (session.Id, session.Address)) : [];
        foreach (var session in source.Sessions)
        {
            session.Dispose();
            if (!keepsSamples || addresses.Count == 0)
            {
                discipline.RemoveSource(session.Id);
            }
        }

        source.Sessions.Clear();
        if (before.Nts || config.Nts)
        {
            addresses.ForEach(one => discipline.RemoveSource(one.Id));
            addresses = []; // keys are not carried over from one set of options to another
            source.ResetRetry();
        }

        foreach (var (former, address) in addresses.Take(source.Wanted))
        {
            var id = former;
            if (keepsSamples)
            {
                discipline.SetOptions(id, OptionsOf(config));
            }
            else
            {
                id = new SourceId(++_lastId); // the old samples were corrected by another offset
                discipline.AddSource(id, OptionsOf(config));
            }

            var session = new SourceSession(id, config with { Offline = !source.IsOnline }, address, floor, host, now);
            source.Sessions.Add(session);
            Report(session, loop: false);
        }

        foreach (var (id, _) in addresses.Skip(source.Wanted))
        {
            discipline.RemoveSource(id);
        }

        source.ResolveAt = source.Sessions.Count < source.Wanted ? now : null;
    }

    private void Remove(ConfiguredSource source)
    {
        foreach (var session in source.Sessions)
        {
            discipline.RemoveSource(session.Id);
            session.Dispose();
        }

        _sources.Remove(source);
    }

    private void Drop(ConfiguredSource source, SourceSession session, Instant<Raw> now, bool avoid)
    {
        if (avoid)
        {
            source.Avoided.Add(session.Address);
        }

        discipline.RemoveSource(session.Id);
        _falseSince.Remove(session.Id);
        session.Dispose();
        source.Sessions.Remove(session);
        source.ResolveAt ??= now;
    }

    private void Resolve(ConfiguredSource source)
    {
        source.IsResolving = true;
        source.ResolveAt = null;
        if (source.Config.Nts)
        {
            ExchangeKeys(source);
            return;
        }

        resolver.Resolve(source.Config.Name, source.Config.AddressFamily, addresses => post(() => OnResolved(source, addresses)));
    }

    private void OnResolved(ConfiguredSource source, IReadOnlyList<IPAddress> addresses)
    {
        source.IsResolving = false;
        if (!_sources.Contains(source))
        {
            return; // removed meanwhile
        }

        var now = clocks.Raw();
        var usable = addresses
            .Select(address => DatagramAddress.From(address, source.Config.Port))
            .Where(address => !address.IsAny && source.Sessions.All(session => session.Address != address))
            .ToList();
        if (usable.Count > 0 && usable.TrueForAll(source.Avoided.Contains))
        {
            source.Avoided.Clear(); // better one that was bad once than none
        }

        var fresh = usable.FindAll(address => !source.Avoided.Contains(address));
        DropDead(source, addresses, fresh.Count, now);
        foreach (var address in fresh.Take(source.Wanted - source.Sessions.Count))
        {
            AddSession(source, address, now);
            LogAdded(log, source.Config.Name, address.ToString());
        }

        if (source.Sessions.Count > 0)
        {
            source.ResetRetry();
            source.ResolveFailure = null;
        }
        else
        {
            source.ResolveFailure = addresses.Count == 0 ? "the name does not resolve" : "no usable address";
        }

        if (source.Sessions.Count < source.Wanted && (addresses.Count == 0 || source.Config.Kind == SourceConfig.SourceKind.Pool))
        {
            source.ResolveLater(now);
        }
    }

    /// <summary>A source that is new to the discipline, but for samples that are remembered.</summary>
    /// <param name="source">Whose.</param>
    /// <param name="address">Of the server.</param>
    /// <param name="now">Now.</param>
    /// <param name="prepare">Done before anything is said of it.</param>
    private SourceSession AddSession(ConfiguredSource source, DatagramAddress address, Instant<Raw> now, Action<SourceSession>? prepare = null)
    {
        var id = new SourceId(++_lastId);
        discipline.AddSource(id, OptionsOf(source.Config));
        var session = new SourceSession(id, source.Config with { Offline = !source.IsOnline }, address, floor, host, now);
        prepare?.Invoke(session);
        source.Sessions.Add(session);
        Report(session, loop: false);
        if (_remembered.Remove(KeyOf(session), out var samples))
        {
            discipline.ImportHistory(new(id, samples));
        }

        return session;
    }

    [LoggerMessage(LogLevel.Information, "Source {Name}: using {Address}")]
    private static partial void LogAdded(ILogger log, string name, string address);

    [LoggerMessage(LogLevel.Warning, "Source {Name} at {Address} will not serve us ({Kiss}); not asked again")]
    private static partial void LogGivenUp(ILogger log, string name, string address, string kiss);

    [LoggerMessage(LogLevel.Warning, "{Address} of pool {Name} has disagreed with the others for long; replaced")]
    private static partial void LogFalse(ILogger log, string address, string name);
}
