using System.ComponentModel;
using Microsoft.Extensions.Logging;
using TimeSuite.Config;
using TimeSuite.Linux;
using TimeSuite.Ntpd.Serving;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Hardware;

/// <summary>The interfaces whose hardware stamps NTP, and their clocks. Filters are set by <c>ptpd --set-hardware-filters</c>, which has the right to; here it is only seen whether they are. On the loop's thread only.</summary>
/// <param name="log">For what stamps, and why something does not.</param>
internal sealed partial class HardwareStamps(ILogger<HardwareStamps> log) : IDisposable
{
    private static readonly Duration LookInterval = Duration.FromNanoseconds(250_000_000), RetryInterval = Duration.FromSeconds(16L);

    private readonly Dictionary<int, StampingClock> _clocks = []; // by N of /dev/ptpN
    private readonly Dictionary<int, (string Name, int Clock)> _interfaces = []; // by the kernel's number
    private readonly Dictionary<string, string> _complaints = [];
    private NtpConfig _config = new();
    private Instant<Raw> _nextLook, _nextSearch;

    /// <summary>For the threads that serve.</summary>
    public Published<HardwareLines> Lines { get; } = new(default);

    /// <summary>Whether there is anything that stamps, or may be.</summary>
    public bool IsWanted => _config.UsesHardwareStamps;

    /// <summary>When <see cref="OnTime"/> has something to do.</summary>
    public Instant<Raw>? Due => !IsWanted ? null : _clocks.Count > 0 && _nextLook < _nextSearch ? _nextLook : _nextSearch;

    public void Apply(NtpConfig config)
    {
        _config = config;
        _complaints.Clear();
        Search(Clocks.Raw());
    }

    public void OnTime(Instant<Raw> now)
    {
        if (now >= _nextSearch && IsWanted)
        {
            Search(now);
        }
        else if (now >= _nextLook)
        {
            Publish(now);
        }
    }

    /// <summary>Interfaces may have come or gone.</summary>
    public void SearchSoon() => _nextSearch = default;

    /// <summary>Reads the clocks before a request is sent; whose stamps will come is known by its reply.</summary>
    /// <param name="looks">Replaced by what was seen.</param>
    public void Look(List<(StampingClock Clock, PhcReading Seen)> looks)
    {
        looks.Clear();
        foreach (var clock in _clocks.Values)
        {
            if (clock.TryLook(out var seen))
            {
                looks.Add((clock, seen));
            }
        }
    }

    /// <summary>The clock of an interface; null: it stamps nothing that we could use. Of interface 0, which is one that nobody named, it is the only clock there is.</summary>
    public StampingClock? Of(int number) =>
        number == 0 ? _clocks.Count == 1 ? _clocks.Values.First() : null
        : _interfaces.TryGetValue(number, out var found) ? _clocks.GetValueOrDefault(found.Clock) : null;

    public void Dispose()
    {
        foreach (var clock in _clocks.Values)
        {
            clock.Dispose();
        }
    }

    private void Publish(Instant<Raw> now)
    {
        _nextLook = now + LookInterval;
        var lines = new List<HardwareLine>();
        foreach (var (index, clock) in _clocks)
        {
            if (clock.TryLook(out var seen))
            {
                lines.AddRange(_interfaces.Where(one => one.Value.Clock == index)
                    .Select(one => new HardwareLine(one.Key, seen.Phc.SinceEpoch.Nanoseconds, seen.Realtime.SinceEpoch.Nanoseconds, clock.SystemsRate)));
            }
            else if (clock.IsGone)
            {
                _nextSearch = default;
            }
        }

        Lines.Replace(new([.. lines]));
    }

    private void Search(Instant<Raw> now)
    {
        _nextSearch = now + RetryInterval;
        var before = _interfaces.Values.Select(one => one.Name).ToHashSet();
        _interfaces.Clear();
        foreach (string name in _config.StampsOnAll ? HardwareStamping.Interfaces() : _config.HardwareStamps)
        {
            if (WhyNot(name, out var link, out int clock) is not { } why)
            {
                _interfaces[link.Index] = (name, clock);
                _complaints.Remove(name);
                if (!before.Contains(name))
                {
                    LogStamps(log, name, clock);
                }
            }
            else if (!_config.StampsOnAll && _complaints.GetValueOrDefault(name) != why)
            {
                _complaints[name] = why;
                LogNoStamps(log, name, why);
            }
        }

        foreach (int gone in _clocks.Keys.Where(index => _interfaces.Values.All(one => one.Clock != index)).ToList())
        {
            _clocks.Remove(gone, out var clock);
            clock!.Dispose();
        }

        Publish(now);
    }

    /// <returns>Null: its hardware stamps NTP, and we may read its clock.</returns>
    private string? WhyNot(string name, out LinkAddress link, out int index)
    {
        index = -1;
        if (!LinkAddress.TryFind(name, out link))
        {
            return "there is no such interface";
        }

        if (!HardwareStamping.TryDescribe(name, out var stamping) || !stamping.StampsBothWays || stamping.PhcIndex < 0)
        {
            return "it has no hardware that stamps";
        }

        if (!HardwareStamping.TryReadFilters(name, out var filters) || !filters.StampsTransmits || !filters.Stamped.HasFlag(HardwareFilters.Protocols.Ntp))
        {
            return "its hardware is not told to stamp NTP: start timesuite-hardware-stamps.service, or 'ptpd --set-hardware-filters' as root";
        }

        index = stamping.PhcIndex;
        if (_clocks.TryGetValue(index, out var open) && !open.IsGone)
        {
            return null;
        }

        try
        {
            var clock = new StampingClock(PhcDevice.Open(index, mayBeSet: false));
            open?.Dispose();
            _clocks[index] = clock;
            return null;
        }
        catch (Win32Exception failure)
        {
            return failure.Message;
        }
    }

    [LoggerMessage(LogLevel.Information, "{Interface}: its hardware stamps NTP, by /dev/ptp{Clock}")]
    private static partial void LogStamps(ILogger log, string @interface, int clock);

    [LoggerMessage(LogLevel.Warning, "{Interface}: no hardware stamps for NTP: {Why}")]
    private static partial void LogNoStamps(ILogger log, string @interface, string why);
}
