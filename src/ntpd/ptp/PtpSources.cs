using Microsoft.Extensions.Logging;
using TimeSuite.Config;
using TimeSuite.Discipline;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Ptp;

/// <summary>The ports that ptpd follows on, next to NTP's servers in the same selection: a bad grandmaster is outvoted.</summary>
/// <param name="discipline">What weighs them.</param>
/// <param name="log">For what changes.</param>
internal sealed partial class PtpSources(ClockDiscipline discipline, ILogger log)
{
    private static readonly SourceOptions s_everySecond = new() { MinPoll = Duration.FromSeconds(1L), MaxPoll = Duration.FromSeconds(1L) };

    private readonly SortedDictionary<int, PtpSource> _ports = [];
    private PtpConfig? _config;
    private bool _isStranger; // ptpd runs with another configuration than we do, and that was said
    private int _lastId; // downwards: those of NTP's sources are positive

    public IEnumerable<PtpSource> All => _ports.Values;

    public PtpSource? Find(SourceId id) => _ports.Values.FirstOrDefault(port => port.Id == id);

    /// <summary>Takes a configuration: other interfaces are other sources.</summary>
    public void Apply(PtpConfig? config)
    {
        if (config is { Role: PtpConfig.PtpRole.Serve or PtpConfig.PtpRole.Transparent })
        {
            config = null;
        }

        if (_config?.ArbitraryIsUtc == config?.ArbitraryIsUtc && (_config?.Interfaces ?? []).SequenceEqual(config?.Interfaces ?? []))
        {
            return;
        }

        Lose();
        _ports.Clear();
        _config = config;
        _isStranger = false;
        for (int i = 0; i < (config?.Interfaces.Count ?? 0); i++)
        {
            _ports[i + 1] = new($"ptp:{config!.Interfaces[i]}", config.ArbitraryIsUtc);
        }
    }

    /// <summary>ptpd is gone: nothing is known of its masters.</summary>
    public void Lose()
    {
        foreach (var port in _ports.Values)
        {
            Follow(port, null);
        }
    }

    /// <summary>Takes what ptpd tells.</summary>
    /// <param name="news">It.</param>
    /// <param name="leaps">The leap table.</param>
    /// <param name="isDoubtful">A leap second is at hand: samples are left out.</param>
    /// <returns>Whether the discipline has something new.</returns>
    public bool Take(PtpNews news, LeapSeconds? leaps, bool isDoubtful)
    {
        if (!_ports.TryGetValue(news.Port, out var port))
        {
            if (news is PtpNews.Changed { Master: not null } && !_isStranger)
            {
                LogStranger(log, news.Port);
                _isStranger = true;
            }

            return false;
        }

        switch (news)
        {
            case PtpNews.Changed changed:
                Follow(port, changed.Master);
                return true;
            case PtpNews.Delay delay:
                port.Take(delay);
                return false;
            case PtpNews.Link link:
                port.Take(link);
                return false;
            case PtpNews.Phc clock when !isDoubtful && port.Id is { } id:
                bool wasUsable = port.HasUsablePhc;
                bool isSample = port.TrySample(clock, leaps, out var reading);
                if (isSample)
                {
                    discipline.OnSample(id, reading);
                }

                if (wasUsable != port.HasUsablePhc)
                {
                    discipline.OnSourceState(id, port.State);
                }

                return isSample || wasUsable != port.HasUsablePhc;
            case PtpNews.Sync sync when !isDoubtful && port.Id is { } id && port.TrySample(sync, leaps, discipline.Drift?.Rate, out var sample):
                discipline.OnSample(id, sample);
                return true;
            default:
                return false;
        }
    }

    private void Follow(PtpSource port, PtpMaster? master)
    {
        if (port.Master?.Identity != master?.Identity)
        {
            if (port.Id is { } old)
            {
                discipline.RemoveSource(old);
            }

            SourceId? id = null;
            if (master is not null)
            {
                id = new SourceId(--_lastId); // another master is another source: nothing that the last one said is held against it
                discipline.AddSource(id.Value, s_everySecond with { Name = port.Name });
                LogFollows(log, port.Name, master.Identity, master.Grandmaster);
            }
            else
            {
                LogLost(log, port.Name);
            }

            port.Follow(id, master);
        }
        else
        {
            port.Follow(port.Id, master);
        }

        if (port.Id is { } present)
        {
            discipline.OnSourceState(present, port.State);
        }
    }

    [LoggerMessage(LogLevel.Information, "{Port} follows {Master}, whose grandmaster is {Grandmaster}")]
    private static partial void LogFollows(ILogger log, string port, string master, string grandmaster);

    [LoggerMessage(LogLevel.Warning, "ptpd follows a master on its port {Port}, which is not among the interfaces of [ptp] in the configuration that is in force here: its time is not used; timectl reload puts a changed one in force")]
    private static partial void LogStranger(ILogger log, int port);

    [LoggerMessage(LogLevel.Information, "{Port} follows no master any more")]
    private static partial void LogLost(ILogger log, string port);
}
