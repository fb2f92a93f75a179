using System.ComponentModel;
using System.Globalization;
using Microsoft.Extensions.Logging;
using TimeSuite.Config;
using TimeSuite.Discipline;
using TimeSuite.Linux;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Hardware;

/// <summary>Hardware clocks that somebody else sets, next to NTP's servers in the same selection. Read four times a second; one that is gone is looked for again.</summary>
/// <param name="discipline">What weighs them.</param>
/// <param name="log">For what changes.</param>
internal sealed partial class PhcSources(ClockDiscipline discipline, ILogger log) : IDisposable
{
    private const string DevicePrefix = "/dev/ptp";
    private const int FirstId = -1_000_000; // downwards: those of NTP's sources are positive, and those of ptpd's ports begin at -1

    private static readonly Duration ReadInterval = Duration.FromNanoseconds(250_000_000), RetryInterval = Duration.FromSeconds(4L);

    private readonly List<(PhcSource Source, Handle Clock)> _sources = [];
    private Instant<Raw> _next;
    private int _lastId = FirstId;

    public IEnumerable<PhcSource> All => _sources.Select(one => one.Source);

    public PhcSource? Find(SourceId id) => _sources.Find(one => one.Source.Id == id).Source;

    /// <summary>When <see cref="OnTime"/> has something to do.</summary>
    public Instant<Raw>? Due => _sources.Count == 0 ? null : _next;

    /// <summary>Makes the clocks those of the configuration; one that is unchanged goes on.</summary>
    public void Apply(IReadOnlyList<SourceConfig> wanted)
    {
        static SourceConfig Key(SourceConfig config) => config with { Where = "" };

        foreach (var gone in _sources.Where(one => !wanted.Any(config => Key(config) == Key(one.Source.Config))).ToList())
        {
            discipline.RemoveSource(gone.Source.Id);
            gone.Clock.Dispose();
            _sources.Remove(gone);
        }

        foreach (var config in wanted.Where(config => _sources.TrueForAll(one => Key(one.Source.Config) != Key(config))))
        {
            var source = new PhcSource(new(--_lastId), config);
            discipline.AddSource(source.Id, source.Options);
            discipline.OnSourceState(source.Id, source.State);
            _sources.Add((source, new Handle()));
        }

        _next = default;
    }

    /// <summary>Reads them.</summary>
    /// <param name="now">Now.</param>
    /// <param name="leaps">The leap table; null: there is none.</param>
    /// <param name="isDoubtful">A leap second is at hand: samples are left out.</param>
    /// <returns>Whether the discipline has something new.</returns>
    public bool OnTime(Instant<Raw> now, LeapSeconds? leaps, bool isDoubtful)
    {
        if (_sources.Count == 0 || now < _next)
        {
            return false;
        }

        _next = now + ReadInterval;
        bool isNews = false;
        foreach (var (source, clock) in _sources)
        {
            string? before = source.Doubt;
            if (clock.TryRead(source.Config.Name, now, out var reading, out string? why))
            {
                if (!isDoubtful && source.TrySample(reading, leaps, out var sample))
                {
                    discipline.OnSample(source.Id, sample);
                    isNews = true;
                }
            }
            else if (why is not null)
            {
                source.Doubt = why;
            }

            if (source.Doubt != before)
            {
                Say(source);
                discipline.OnSourceState(source.Id, source.State);
                isNews = true;
            }
        }

        return isNews;
    }

    public void Dispose() => _sources.ForEach(one => one.Clock.Dispose());

    private void Say(PhcSource source)
    {
        if (source.Doubt is { } doubt)
        {
            LogDoubt(log, source.Name, doubt);
        }
        else
        {
            LogRead(log, source.Name);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Source} is not used: {Why}")]
    private static partial void LogDoubt(ILogger log, string source, string why);

    [LoggerMessage(LogLevel.Information, "{Source} is read")]
    private static partial void LogRead(ILogger log, string source);

    /// <summary>A clock that may come and go.</summary>
    private sealed class Handle : IDisposable
    {
        private PhcDevice? _device;
        private Instant<Raw> _retry;

        /// <param name="name">An interface or a device.</param>
        /// <param name="now">Now.</param>
        /// <param name="reading">What was seen.</param>
        /// <param name="why">Why there is none; null: it was only this time.</param>
        public bool TryRead(string name, Instant<Raw> now, out PhcReading reading, out string? why)
        {
            (reading, why) = (default, null);
            if (_device is null)
            {
                if (now < _retry)
                {
                    return false;
                }

                _retry = now + RetryInterval;
                try
                {
                    _device = PhcDevice.Open(IndexOf(name), mayBeSet: false);
                }
                catch (Win32Exception failure)
                {
                    why = failure.Message;
                    return false;
                }
            }

            bool isRead = _device.TryRead(out reading, out bool isGone, PhcDevice.MostLooks);
            if (isGone)
            {
                Dispose();
                why = "it was unplugged";
            }

            return isRead;
        }

        public void Dispose()
        {
            _device?.Dispose();
            _device = null;
        }

        private static int IndexOf(string name) =>
            name.StartsWith(DevicePrefix, StringComparison.Ordinal) ? int.Parse(name.AsSpan(DevicePrefix.Length), CultureInfo.InvariantCulture)
            : HardwareStamping.TryDescribe(name, out var found) && found.PhcIndex >= 0 ? found.PhcIndex
            : throw new Win32Exception($"there is no interface {name}, or it has no hardware clock");
    }
}
