using System.ComponentModel;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using TimeSuite.Config;
using TimeSuite.Linux;
using TimeSuite.Ptp;
using TimeSuite.Rpc;

namespace TimeSuite.Ptpd.Hardware;

/// <summary>The hardware clocks of our ports, and what each of them follows: the master of a port of its own; else the clock that has one; else, where we serve, the system's clock. So they are kept together.</summary>
internal sealed partial class PhcSet : IDisposable
{
    /// <summary>Clocks of one machine are compared so often: what a look is off by averages out, and where the kernel's loop takes its orders once a second, the newest is never old.</summary>
    private static readonly Duration s_interval = Duration.FromNanoseconds(250_000_000);

    private readonly PtpConfig _config;
    private readonly EventLoop _loop;
    private readonly SuiteClock _clock;
    private readonly ILogger _log;
    private readonly GrpcChannel _clockd;
    private readonly SortedDictionary<string, SteeredPhc> _clocks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _said = []; // why software stamps at which interface: a port that is tried again and again says it once
    private readonly HashSet<string> _hardware = []; // interfaces that had hardware stamps: they do not fall back
    private bool? _isShared; // a transparent clock: all ports have one clock; decided once, for stamps of two lines would make nonsense of what a message lay here
    private Instant<Boot> _next;

    public PhcSet(PtpConfig config, EventLoop loop, SuiteClock clock, string clockdSocket, ILogger log)
    {
        (_config, _loop, _clock, _log) = (config, loop, clock, log);
        _clockd = UnixChannel.Open(clockdSocket);
    }

    /// <summary>A clock that follows the master of this port was read, as well as can be.</summary>
    public event Action<PortDriver, SteeredPhc, PhcReading>? Looked;

    public IEnumerable<SteeredPhc> All => _clocks.Values;

    /// <summary>The clock that follows a pulse from outside, and by which all others are kept; null: there is none.</summary>
    public SteeredPhc? Pulsed { get; private set; }

    /// <summary>When <see cref="OnTime"/> is to be called; null: there is no clock.</summary>
    public Instant<Boot>? Wake
    {
        get
        {
            if (_clocks.Count == 0)
            {
                return null;
            }

            var wake = _next;
            foreach (var clock in _clocks.Values)
            {
                wake = clock.Wake is { } due && due < wake ? due : wake;
            }

            return wake;
        }
    }

    /// <summary>The clock whose stamps an interface gives; null: it is to be stamped by software.</summary>
    /// <exception cref="Win32Exception">Hardware stamps are asked for, or were had before, and are not to be had now; says why.</exception>
    public SteeredPhc? For(string name)
    {
        if (_config.Timestamping == PtpConfig.PtpTimestamping.Software || (!IsPossible && _config.Timestamping == PtpConfig.PtpTimestamping.Auto))
        {
            return null;
        }

        if ((_config.Role == PtpConfig.PtpRole.Transparent ? IdentifyShared(out string why) : Identify(name, out why)) is not { } id)
        {
            if (_config.Timestamping == PtpConfig.PtpTimestamping.Hardware || _isShared == true || _config.OneStep || _config.Pulse?.Interface == name || _hardware.Contains(name))
            {
                throw new Win32Exception($"no hardware stamps: {why}");
            }

            if (_said.GetValueOrDefault(name) != why)
            {
                _said[name] = why;
                LogSoftware(_log, name, why);
            }

            return null;
        }

        if (!_clocks.TryGetValue(id, out var clock))
        {
            var link = new PhcLink(_clockd, id, _loop.Post);
            _clocks.Add(id, clock = new(id, link, Open, _config.StepThreshold, _log));
            link.Start();
        }

        if (_config.Pulse is { } pulse && pulse.Interface == name)
        {
            clock.Expect(pulse, SystemsTai);
            Pulsed = clock;
        }

        _hardware.Add(name);
        return clock;
    }

    /// <summary>Says what each clock follows, and compares those that follow a clock of this machine with it.</summary>
    public void OnTime(Instant<Boot> now, IReadOnlyList<PortDriver> ports)
    {
        foreach (var clock in _clocks.Values)
        {
            clock.OnTime(now);
        }

        if (now < _next || _clocks.Count == 0)
        {
            return;
        }

        _next = now + s_interval;
        var leader = Pulsed ?? ports.FirstOrDefault(port => port.Clock is not null && port.Port.State.Follows())?.Clock;
        foreach (var clock in _clocks.Values)
        {
            var followed = ports.FirstOrDefault(port => port.Clock == clock && port.Port.State.Follows());
            clock.Follow(PhcUpstream.For(followed?.Interface, leader?.Id, _config.Role, clock == Pulsed ? clock.Pulse?.Interface : null));
            switch (clock.Upstream.Kind)
            {
                case PhcUpstream.Kinds.System:
                    BesideSystem(clock);
                    break;
                case PhcUpstream.Kinds.Phc when leader is not null:
                    BesideOther(clock, leader);
                    break;
                case PhcUpstream.Kinds.Master when clock.TryLook(out var look, PhcDevice.MostLooks):
                    Looked?.Invoke(followed!, clock, look);
                    break;
                case PhcUpstream.Kinds.None or PhcUpstream.Kinds.Pulse:
                    clock.TryLook(out _);
                    break;
            }
        }
    }

    public void Dispose()
    {
        foreach (var clock in _clocks.Values)
        {
            clock.Dispose();
        }

        _clockd.Dispose();
    }

    /// <summary>CSPTP has no port that a clock could follow.</summary>
    private bool IsPossible => _config.Profile != PtpConfig.PtpProfile.Csptp;

    /// <summary>The one clock that stamps at all ports of a transparent clock, which need not be right: how long a message lay here is a difference.</summary>
    private string? IdentifyShared(out string why)
    {
        why = "another port of this transparent clock was stamped by software when it started";
        if (_isShared == false)
        {
            return null;
        }

        string? shared = null;
        foreach (string name in _config.Interfaces)
        {
            string? id = Identify(name, out why);
            if (id is not null && shared is not null && id != shared)
            {
                (why, id) = ($"the ports of a transparent clock need one clock, and {name} has {id} where {_config.Interfaces[0]} has {shared}", null);
            }

            if (id is null)
            {
                _isShared ??= _config.Timestamping == PtpConfig.PtpTimestamping.Hardware ? null : false;
                return null;
            }

            shared = id;
        }

        _isShared = true;
        return shared;
    }

    private void BesideSystem(SteeredPhc clock)
    {
        if (clock.TryLook(out var look, PhcDevice.MostLooks) && SystemsTai(look.Realtime) is { } system)
        {
            clock.UpstreamBound = system.Bound;
            clock.Beside(system.Time, look, look.HalfWidth);
        }
    }

    /// <summary>TAI when the system's clock showed this, and half-width of its error; null: nobody vouches for it, or a leap second is at hand.</summary>
    private (Instant<Tai> Time, Duration Bound)? SystemsTai(Instant<Utc> shown) =>
        _clock.MayServe(out var bound, out var leap) && _clock.TaiMinusUtc() is { } offset && !ServedTime.LeapIsAtHand(shown, leap)
            ? (new(shown.SinceEpoch + Duration.FromSeconds((long)offset)), bound ?? Duration.Zero) : null;

    private static void BesideOther(SteeredPhc clock, SteeredPhc other)
    {
        if (other.IsGood && other.Look is { } before && other.TryLook(out var now, PhcDevice.MostLooks) && now.Raw > before.Raw && clock.TryLook(out var look, PhcDevice.MostLooks))
        {
            double rate = (now.Phc - before.Phc - (now.Raw - before.Raw)).Seconds / (now.Raw - before.Raw).Seconds; // of the other clock against raw
            var since = look.Raw - now.Raw;
            clock.UpstreamBound = other.Bound ?? Duration.Zero;
            clock.Beside(new(now.Phc.SinceEpoch + since + since.Times(rate)), look, look.HalfWidth + now.HalfWidth);
        }
    }

    private PhcView Open(string id) =>
        PhcIdentity.TryFind(id, out int index) ? new(PhcDevice.Open(index, mayBeSet: false), _loop) : throw new Win32Exception($"{id} is gone");

    private string? Identify(string name, out string why)
    {
        if (!IsPossible)
        {
            why = "CSPTP is stamped by software";
        }
        else if (!HardwareStamping.TryDescribe(name, out var stamping) || !stamping.StampsBothWays || stamping.PhcIndex < 0)
        {
            why = $"{name} stamps nothing by its hardware";
        }
        else if (_clock.Kind is not { } kind)
        {
            throw new Win32Exception("clockd is not there yet"); // to decide now would be for good
        }
        else if (kind != TimePageKind.System)
        {
            why = "clockd steers a shadow, and then sets no hardware clock";
        }
        else if (!HardwareStamping.TryReadFilters(name, out var filters) || !filters.StampsTransmits || !filters.Stamped.HasFlag(FilterSetup.NeededBy(_config.On(name).UsedTransport)))
        {
            why = $"the hardware of {name} is not told to stamp PTP: start timesuite-hardware-stamps.service, or 'ptpd --set-hardware-filters' as root";
        }
        else if (_config.OneStep && !stamping.CanOneStep)
        {
            why = $"the hardware of {name} cannot write the time into a Sync as it leaves: leave out one-step";
        }
        else if (_config.OneStep && !filters.StampsInOneStep)
        {
            why = $"the hardware of {name} is not told to write the time into Syncs: start timesuite-hardware-stamps.service, or 'ptpd --set-hardware-filters' as root";
        }
        else if (!PhcIdentity.TryRead(stamping.PhcIndex, out var identity))
        {
            why = $"the clock of {name}, /dev/ptp{stamping.PhcIndex}, is not there";
        }
        else
        {
            try
            {
                PhcDevice.Open(stamping.PhcIndex, mayBeSet: false).Dispose();
                why = "";
                return identity.ToString();
            }
            catch (Win32Exception failure)
            {
                why = failure.Message;
            }
        }

        return null;
    }

    [LoggerMessage(LogLevel.Information, "{Interface} is stamped by software: {Why}")]
    private static partial void LogSoftware(ILogger log, string @interface, string why);
}
