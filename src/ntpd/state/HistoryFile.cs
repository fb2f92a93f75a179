using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using TimeSuite.Discipline;
using TimeSuite.Host;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.State;

/// <summary>Whose samples.</summary>
/// <param name="Name">As configured.</param>
/// <param name="Address">With its port.</param>
internal readonly record struct HistoryKey(string Name, string Address);

/// <summary>The samples of each source, kept over a restart of the daemon within one boot: <c>STATE/ntpd/history</c>.</summary>
/// <remarks>
/// Text: "timesuite-history 1 BOOT-ID SUSPENDED", then for each source "source NAME ADDRESS" and its samples, oldest first, as
/// "sample" with four instants (forward local and remote, backward local and remote; "-" for a leg that is not there) and four lengths
/// (stamp error, resolution, root delay, root dispersion), each as seconds:fraction with the fraction in hexadecimal, unit 2^-64 s.
/// Raw instants mean nothing in another boot or after a suspend, so such a file is passed over without complaint.
/// </remarks>
internal sealed class HistoryFile(string path, ILogger<HistoryFile> log)
{
    private const int MostSources = 64, MostSamples = 64;
    private const long FarthestLocal = 1L << 33, LastRemote = 1L << 34, LongestError = 1L << 20; // s; the second since 1970, the year 2514
    private static readonly Duration LeastSuspend = Duration.FromSeconds(0.1);

    private readonly StateFile _file = new(path, limit: 2 << 20, log);

    /// <summary>What was stored in this boot; empty if nothing usable was.</summary>
    public Dictionary<HistoryKey, List<Sample>> Read(Guid boot, Duration suspended, Instant<Raw> latest, Instant<Utc> now)
    {
        Dictionary<HistoryKey, List<Sample>> found = [];
        _file.ReadText(
            text =>
            {
                string? fault = Parse(text, boot, suspended, latest, out var parsed);
                found = fault is null ? parsed : [];
                return fault;
            },
            now);
        return found;
    }

    public void Write(Guid boot, Duration suspended, IEnumerable<(HistoryKey Key, IReadOnlyList<Sample> Samples)> sources) =>
        _file.WriteText(Format(boot, suspended, sources));

    internal static string Format(Guid boot, Duration suspended, IEnumerable<(HistoryKey Key, IReadOnlyList<Sample> Samples)> sources)
    {
        var text = new StringBuilder($"timesuite-history 1 {boot} {Text(suspended)}\n");
        foreach (var (key, samples) in sources.Take(MostSources))
        {
            text.Append(CultureInfo.InvariantCulture, $"source {key.Name} {key.Address}\n");
            foreach (var sample in samples.TakeLast(MostSamples))
            {
                text.Append(CultureInfo.InvariantCulture,
                    $"sample {Text(sample.Forward)} {Text(sample.Backward)} {Text(sample.StampError)} {Text(sample.Resolution)} {Text(sample.RootDelay)} {Text(sample.RootDispersion)}\n");
            }
        }

        return text.ToString();
    }

    /// <returns>What is wrong, or null.</returns>
    internal static string? Parse(string text, Guid boot, Duration suspended, Instant<Raw> latest, out Dictionary<HistoryKey, List<Sample>> sources)
    {
        sources = [];
        string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length == 0 || lines[0].Split(' ') is not ["timesuite-history", "1", var bootField, var suspendedField]
            || !Guid.TryParse(bootField, out var itsBoot) || !TryParse(suspendedField, -1, FarthestLocal, out var itsSuspended)) // never suspended, it may read some ns below zero
        {
            return "line 1: expected 'timesuite-history 1 BOOT-ID SUSPENDED'";
        }

        if (itsBoot != boot || (suspended - itsSuspended).Magnitude > LeastSuspend)
        {
            return null;
        }

        List<Sample>? samples = null;
        for (int index = 1; index < lines.Length; index++)
        {
            switch (lines[index].Split(' '))
            {
                case ["source", var name, var address] when sources.Count < MostSources:
                    samples = sources[new(name, address)] = [];
                    break;
                case ["sample", .. var fields] when samples is { Count: < MostSamples } && TryParse(fields, out var sample) && sample.At <= latest
                    && (samples.Count == 0 || sample.At > samples[^1].At):
                    samples.Add(sample);
                    break;
                default:
                    sources = [];
                    return $"line {index + 1} is neither a source nor a sample in order of time";
            }
        }

        return null;
    }

    private static string Text(Duration value) => string.Create(CultureInfo.InvariantCulture, $"{value.WholeSeconds}:{value.Fraction:x16}");

    private static string Text(Leg? leg) => leg is { } there ? $"{Text(there.Local.SinceEpoch)} {Text(there.Remote.SinceEpoch)}" : "- -";

    /// <returns>False for what is no number, or none of <paramref name="least"/> to <paramref name="most"/> s: sums of those do not overflow.</returns>
    private static bool TryParse(string field, long least, long most, out Duration value)
    {
        value = default;
        if (field.Split(':') is not [var seconds, { Length: 16 } fraction]
            || !long.TryParse(seconds, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) || whole < least || whole >= most
            || !ulong.TryParse(fraction, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong bits))
        {
            return false;
        }

        value = Duration.FromFixedPoint(whole, bits);
        return true;
    }

    private static bool TryParse(string local, string remote, out Leg? leg)
    {
        leg = null;
        if (local == "-" && remote == "-")
        {
            return true;
        }

        bool ok = TryParse(local, -FarthestLocal, FarthestLocal, out var here) & TryParse(remote, 0, LastRemote, out var there);
        leg = ok ? new(new(here), new(there)) : null;
        return ok;
    }

    private static bool TryParse(string[] fields, out Sample sample)
    {
        sample = default;
        if (fields.Length != 8 || !TryParse(fields[0], fields[1], out var forward) || !TryParse(fields[2], fields[3], out var backward)
            || (forward is null && backward is null)
            || !TryParse(fields[4], 0, LongestError, out var stampError) || !TryParse(fields[5], 0, LongestError, out var resolution)
            || !TryParse(fields[6], 0, LongestError, out var rootDelay) || !TryParse(fields[7], 0, LongestError, out var rootDispersion))
        {
            return false;
        }

        sample = new Sample
        {
            Forward = forward,
            Backward = backward,
            StampError = stampError,
            Resolution = resolution,
            RootDelay = rootDelay,
            RootDispersion = rootDispersion,
        };
        return forward is null || backward is null
            || (forward.Value.Local <= backward.Value.Local && sample.Delay!.Value.Magnitude < Duration.FromSeconds(LongestError));
    }
}
