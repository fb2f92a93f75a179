using Microsoft.Extensions.Logging;
using TimeSuite.Discipline;
using TimeSuite.Linux;
using TimeSuite.Ntpd.Sources;

namespace TimeSuite.Ntpd.State;

/// <summary>What outlives the daemon: the rate over reboots, the samples over restarts.</summary>
/// <param name="directory">/var/lib/timesuite/ntpd.</param>
/// <param name="loggers">For files that make no sense.</param>
internal sealed class KeptState(string directory, ILoggerFactory loggers)
{
    private readonly DriftFile _drift = new(Path.Combine(directory, "drift"), loggers.CreateLogger<DriftFile>());
    private readonly HistoryFile _history = new(Path.Combine(directory, "history"), loggers.CreateLogger<HistoryFile>());
    private readonly Guid _boot = BootId.Read();

    public DriftState? ReadDrift() => _drift.Read(Clocks.Realtime());

    public Dictionary<HistoryKey, List<Sample>> ReadHistory() => _history.Read(_boot, Clocks.Suspended(), Clocks.Raw(), Clocks.Realtime());

    /// <summary>Gathers what is to be kept; calling what it returns writes it, and may take as long as the disk likes.</summary>
    public Action Save(ClockDiscipline discipline, IEnumerable<SourceSession> sessions)
    {
        var drift = discipline.Drift;
        var suspended = Clocks.Suspended();
        List<(HistoryKey, IReadOnlyList<Sample>)> history = [];
        foreach (var session in sessions)
        {
            if (discipline.ExportHistory(session.Id) is { Samples.Count: > 0 } kept)
            {
                history.Add((SourceSet.KeyOf(session), kept.Samples));
            }
        }

        return () =>
        {
            if (drift is not null)
            {
                _drift.Write(drift);
            }

            _history.Write(_boot, suspended, history);
        };
    }
}
