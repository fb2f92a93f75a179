using System.Text;
using Microsoft.Extensions.Logging;
using TimeSuite.Linux;
using TimeSuite.Policy;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Time;

namespace TimeSuite.Clockd;

/// <summary>The hardware clocks of this machine, by identity. One that is not plugged in is known as soon as it is.</summary>
public sealed class HardwareClocks(PulseFile pulses, AuditTrail audit)
{
    private readonly Dictionary<string, PhcSession> _sessions = [];

    /// <summary>In force from the next message on.</summary>
    public PhcLimits Limits { get; set; } = new();

    public IEnumerable<ClockDescription> Describe() => PhcIdentity.List().Select(clock => Find(clock.Identity.ToString())!.Describe());

    /// <summary>Null if there is none of this name now.</summary>
    public PhcSession? Find(string id)
    {
        lock (_sessions)
        {
            if (!_sessions.TryGetValue(id, out var session) && PhcIdentity.TryFind(id, out _))
            {
                _sessions.Add(id, session = new(id, Open, () => Limits, pulses, audit, Moment.Now));
            }

            return session;
        }
    }

    /// <summary>When clockd stops, and for <c>clockd --end-slews</c> after one that was killed: no pulse goes on.</summary>
    public void EndPulses()
    {
        lock (_sessions)
        {
            _sessions.Values.ToList().ForEach(session => session.End());
        }

        foreach (var (id, fallback) in pulses.All)
        {
            try
            {
                using var clock = Open(id);
                clock.SetFrequency(fallback);
                audit.Say(LogLevel.Information, $"{id}: back to {fallback}");
            }
            catch (System.ComponentModel.Win32Exception failure)
            {
                audit.Say(LogLevel.Warning, $"{id} does not get its frequency back: {failure.Message}");
            }

            pulses.Note(id, null);
        }
    }

    private static PhcDevice Open(string id) =>
        PhcIdentity.TryFind(id, out int index) ? PhcDevice.Open(index, mayBeSet: true) : throw new System.ComponentModel.Win32Exception($"there is no clock {id} now, or more than one");
}

/// <summary>Which hardware clocks run at another rate than they should if nobody says more: in a file of this boot, so that a kill leaves no pulse running.</summary>
public sealed class PulseFile(string path, AuditTrail audit)
{
    private const int LongestFile = 1 << 16;

    /// <summary>A fallback that differs by less is not worth a new file.</summary>
    private static readonly FrequencyOffset s_same = FrequencyOffset.FromPpb(1);

    private readonly Dictionary<string, FrequencyOffset> _pulses = Read(path, audit); // and the lock

    public IReadOnlyList<KeyValuePair<string, FrequencyOffset>> All
    {
        get
        {
            lock (_pulses)
            {
                return [.. _pulses];
            }
        }
    }

    /// <summary>What a clock is to fall back to; null: it runs as it should.</summary>
    public FrequencyOffset? Find(string id)
    {
        lock (_pulses)
        {
            return _pulses.TryGetValue(id, out var fallback) ? fallback : null;
        }
    }

    /// <summary>Before the deed; survives kill -9.</summary>
    /// <exception cref="IOException">Or UnauthorizedAccessException: the deed must then not be done.</exception>
    public void Note(string id, FrequencyOffset? fallback)
    {
        lock (_pulses)
        {
            bool isKnown = _pulses.TryGetValue(id, out var old);
            if (fallback is not { } wanted ? !isKnown : isKnown && (wanted - old).IsWithin(s_same))
            {
                return;
            }

            if (fallback is { } rate)
            {
                _pulses[id] = rate;
            }
            else
            {
                _pulses.Remove(id);
            }

            AtomicFile.Write(path, Encoding.UTF8.GetBytes(PulseText.Write(_pulses)), UnixFileMode.UserRead | UnixFileMode.UserWrite, isDurable: false);
        }
    }

    private static Dictionary<string, FrequencyOffset> Read(string path, AuditTrail audit)
    {
        var outcome = AtomicFile.Read(path, LongestFile, out byte[] content);
        if (PulseText.TryRead(Encoding.UTF8.GetString(content), out var pulses) || outcome == FileOutcome.Absent)
        {
            return pulses;
        }

        audit.Say(LogLevel.Warning, $"{path} makes no sense: set aside as {AtomicFile.SetAside(path, Clocks.Realtime())}");
        return [];
    }
}
