using System.ComponentModel;
using Microsoft.Extensions.Logging;
using TimeSuite.Config;
using TimeSuite.Linux;
using TimeSuite.Ptp;
using TimeSuite.Ptpd.Hardware;

namespace TimeSuite.Ptpd;

/// <summary>Joins a port of <c>src/ptp</c> with its sockets, its stamps and its log.</summary>
internal sealed partial class PortDriver : IPortOutput, IDisposable
{
    private const int MaxDatagram = 1500, Batch = 64, MostLost = 16;

    private readonly string _interface;
    private readonly Profile _profile;
    private readonly bool _arbitraryIsUtc;
    private readonly PtpInstance _instance;
    private readonly EventLoop _loop;
    private readonly SuiteClock _clock;
    private readonly ILogger _log;
    private readonly PhcSet _hardware;
    private readonly MeasuredPairs _pairs;
    private IStampLine _line = new StampLine();
    private Instant<Raw> _measured; // the last Sync
    private readonly byte[] _buffer = new byte[MaxDatagram];
    private readonly AwaitedStamps _awaited = new();
    private readonly Patience _patience = new();
    private readonly PortTrouble _trouble = new();
    private readonly Action<TransmitTicket> _lost;
    private Transport? _transport;
    private bool _hasSent; // an event message, whose stamp may be there already
    private bool _isInGenerals; // or in the routine

    public PortDriver(string name, Profile profile, bool arbitraryIsUtc, PtpInstance instance, EventLoop loop, SuiteClock clock, ServedTime served, PhcSet hardware, ILogger log)
    {
        _hardware = hardware;
        _pairs = new(what => Happened?.Invoke(this, what));
        _lost = ticket => Port!.StampLost(ticket);
        (_interface, _profile, _arbitraryIsUtc, _instance, _loop, _clock, _log) = (name, profile, arbitraryIsUtc, instance, loop, clock, log);
        Port = instance.AddPort(profile.Port with { Description = InterfaceDescription.Of(name, profile.Transport) }, new PortTime(this, served), this);
    }

    /// <summary>Something was measured, or the port has changed.</summary>
    public event Action<PortDriver, Measured>? Happened;

    public PtpPort Port { get; }

    public string Interface => _interface;

    /// <summary>What its messages travel in.</summary>
    public PtpConfig.PtpTransport TransportKind => _profile.Transport;

    public PathEstimate Path { get; } = new();

    /// <summary>The hardware clock that stamps here; null: software does.</summary>
    public SteeredPhc? Clock { get; private set; }

    /// <summary>Since the last Sync.</summary>
    public Duration Age => Clocks.Raw() - _measured;

    /// <summary>Why there are no sockets; null: there are.</summary>
    public string? Trouble => _transport is null ? _trouble.Why : null;

    /// <summary>The offset of the clock that clockd steers, counted at the last Sync; null: not known.</summary>
    public Duration? ClockOffset => Clock is not null ? Path.Offset :
        Path is { At: { } at, MastersTime: { } master } && _clock.TryShow(at, out var shown) && MastersTaiMinusUtc() is { } offset ? shown.SinceEpoch + offset - master.SinceEpoch : null;

    /// <summary>When <see cref="OnTime"/> is to be called.</summary>
    public Instant<Boot>? Wake
    {
        get
        {
            var wake = Port.Wake;
            wake = _patience.Wake is { } look && (wake is not { } planned || look < planned) ? look : wake;
            return _trouble.Retry is { } retry && (wake is not { } at || retry < at) ? retry : wake;
        }
    }

    /// <summary>Opens the sockets and starts the port; if that cannot be, says why and tries again later.</summary>
    public void Start()
    {
        _trouble.Begin();
        try
        {
            if (WhyUnusable(out var link) is { } why)
            {
                Stop(why);
                return;
            }

            StampBy(_hardware.For(_interface));
            _transport = Open(link);
        }
        catch (Win32Exception failure)
        {
            Stop(failure.Message);
            return;
        }

        _loop.Watch(_transport.Events.Descriptor, OnEvents);
        if (_transport.Generals != _transport.Events)
        {
            _loop.Watch(_transport.Generals.Descriptor, OnGenerals);
        }

        if (_transport.Routine is { } routine)
        {
            _loop.Watch(routine.Descriptor, OnRoutine);
        }

        _trouble.Opened();
        Port.Start(Clocks.Boot());
    }

    public void OnTime()
    {
        var now = Clocks.Boot();
        if (_trouble.Retry <= now)
        {
            Start();
        }

        if (_patience.Events && Wake <= now)
        {
            OnRoutine();
        }

        Port.OnTime(now);
        TakeOwnStamps();
        LetWait();
        _awaited.GiveUp(now, _lost);
        if (_awaited.LostInARow >= MostLost && _transport is not null)
        {
            Stop($"{MostLost} transmit stamps in a row did not come");
        }
    }

    public void SendEvent(ReadOnlySpan<byte> message, Destination to, TransmitTicket ticket)
    {
        if (_transport is not { } transport)
        {
            return;
        }

        if (Send(transport, message, to, isEvent: true, out uint id) is not { } outcome)
        {
            return;
        }

        if (outcome != DatagramOutcome.Done)
        {
            Suffer(outcome, to);
        }
        else if (!ticket.IsOneStep)
        {
            _awaited.Add(id, ticket, Clocks.Boot());
            _hasSent = true;
        }
        else
        {
            Work();
        }
    }

    public void SendGeneral(ReadOnlySpan<byte> message, Destination to)
    {
        if (_transport is { } transport && Send(transport, message, to, isEvent: false, out _) is { } outcome and not DatagramOutcome.Done)
        {
            Suffer(outcome, to);
        }
    }

    /// <summary>A port that only listens sends nothing, and so does not find out by itself that its interface is down, or is no more. About once a second.</summary>
    public void LookForInterface()
    {
        if (_transport is not null && WhyUnusable(out _) is { } why)
        {
            Stop(why);
        }
    }

    public void Synchronized(in SyncPair pair)
    {
        Work();
        Path.Add(pair);
        _measured = Clocks.Raw();
        _patience.Paired(byFollowUp: _isInGenerals);
        if (Clock is { } clock)
        {
            clock.Sync(Port, pair, _line.Error);
        }
        else
        {
            _pairs.Add(pair, _line.Error);
        }

        if (Clock is null && Path.Measured >= PathEstimate.Enough && Port.State == PortState.Uncalibrated)
        {
            Port.Calibrated(true, Clocks.Boot());
        }
    }

    public void Delayed(in DelayPair pair)
    {
        Path.Add(pair);
        if (Clock is { } clock)
        {
            clock.Delay(Port, pair, _line.Error);
        }
        else
        {
            _pairs.Add(pair, _line.Error);
        }
    }

    public void PeerDelayed(in PeerDelayMeasurement measurement)
    {
        Path.Add(measurement.MeanLinkDelay);
        Clock?.LinkDelay(Port, measurement);
        Happened?.Invoke(this, new Measured.Link(measurement));
    }

    public void Changed(PortState before, PortState after, PortEvent why)
    {
        if (!_trouble.IsOnTrial)
        {
            LogChanged(_log, Port.Identity.Port, _interface, before, after, why);
        }

        if (after == PortState.Uncalibrated && Port.Mechanism != DelayMechanism.P2P)
        {
            Path.Clear(); // of another master, by another way
            _pairs.Clear();
        }

        Happened?.Invoke(this, new Measured.Change(after));
    }

    public void Jumped(JumpNews news, Duration by)
    {
        if (news == JumpNews.Jumped)
        {
            LogJumped(_log, Port.Identity.Port, _interface, by, Port.Settings.JumpConfirmation.WholeSeconds);
        }
        else
        {
            LogUsedAgain(_log, Port.Identity.Port, _interface, news == JumpNews.Returned ? "is back" : "has stayed where it jumped to", by);
        }
    }

    public void Dispose()
    {
        Close();
        StampBy(null);
    }

    private void StampBy(SteeredPhc? clock)
    {
        if (clock != Clock)
        {
            if (Clock is { } old)
            {
                old.Stepped -= Path.Clear;
                old.Stepped -= Port.ForgetStamps;
                old.Ports.Remove(Port);
            }

            if (clock is not null)
            {
                clock.Stepped += Path.Clear;
                clock.Stepped += Port.ForgetStamps;
                clock.Ports.Add(Port);
            }

            Path.Clear();
            Clock = clock;
            Port.StampedBy(clock is not null);
            _line = clock is null ? new StampLine() : new PhcStampLine();
        }
    }

    /// <summary>What the master's time is ahead of UTC: our own table has the first word, and a scale that nobody knows is not guessed (threats.md row 80).</summary>
    private Duration? MastersTaiMinusUtc() =>
        (_instance.Time.Flags & PtpFlags.PtpTimescale) == 0 ? _arbitraryIsUtc ? Duration.Zero : null
        : _clock.TaiMinusUtc() is { } known ? Duration.FromSeconds((long)known)
        : _instance.Time.TaiMinusUtc;

    /// <returns>Null: it could not be tried, and the port is stopped.</returns>
    private DatagramOutcome? Send(Transport transport, ReadOnlySpan<byte> message, Destination to, bool isEvent, out uint id)
    {
        try
        {
            return transport.Send(message, to, isEvent, out id);
        }
        catch (Win32Exception failure)
        {
            id = 0;
            Stop(failure.Message);
            return null;
        }
    }

    /// <summary>Why there is nothing to be done on the interface; null: there is.</summary>
    private string? WhyUnusable(out LinkAddress link) =>
        !LinkAddress.TryFind(_interface, out link) ? $"there is no interface {_interface}"
        : !LinkAddress.IsUp(_interface) ? "the interface is down"
        : _transport is { } transport && transport.Interface != link.Index ? "the interface is another one of the same name"
        : null;

    private Transport Open(in LinkAddress link)
    {
        try
        {
            return new(link, _profile.Transport, _profile.UsesPeerGroup, Clock is null ? StampKind.Software : StampKind.Hardware, HasRoutine ? Port.Identity : null, _profile.Udp);
        }
        catch (Win32Exception failure)
        {
            throw new Win32Exception(failure.NativeErrorCode, failure.Message + MissingRight.Remedy(failure.NativeErrorCode, _profile.Transport, Capabilities.Read()));
        }
    }

    // The interface has lost its address or its way out: what is left of its sockets is of no use.
    private void Suffer(DatagramOutcome outcome, Destination to)
    {
        if (to.IsUnicast && LinkAddress.TryFind(_interface, out var link) && link.Index == _transport?.Interface)
        {
            return; // one host is not there: that is its matter
        }

        if (outcome is DatagramOutcome.Unreachable or DatagramOutcome.Forbidden)
        {
            Stop(outcome == DatagramOutcome.Unreachable ? "the interface has no address, or no way leads out of it" : "a rule of this machine forbids it");
        }
    }

    private void Work()
    {
        if (_trouble.Works())
        {
            LogWorks(_log, Port.Identity.Port, _interface, Port.State);
        }
    }

    private void Stop(string trouble)
    {
        string? unusable = WhyUnusable(out _);
        bool wasOpen = _transport is not null;
        trouble = unusable ?? trouble;
        Close();
        Port.Fault(Clocks.Boot());
        if (_trouble.Stopped(trouble, wasOpen, unusable is not null, Clocks.Boot()))
        {
            LogTrouble(_log, Port.Identity.Port, _interface, trouble, PortTrouble.RetryAfter.WholeSeconds);
        }
    }

    private void Close()
    {
        if (_transport is { } transport)
        {
            _loop.Unwatch(transport.Events.Descriptor);
            _loop.Unwatch(transport.Generals.Descriptor);
            if (transport.Routine is { } routine)
            {
                _loop.Unwatch(routine.Descriptor);
            }

            transport.Dispose();
            _transport = null;
            _isInGenerals = false;
            _patience.Clear();
            _awaited.Clear();
        }
    }

    [LoggerMessage(LogLevel.Information, "Port {Port} ({Interface}): {Before} -> {After} on {Why}")]
    private static partial void LogChanged(ILogger log, ushort port, string @interface, PortState before, PortState after, PortEvent why);

    [LoggerMessage(LogLevel.Error, "Port {Port} ({Interface}): the master's time has jumped by {Jump} against our oscillator; it is not used until it is back or has stayed there for {Seconds} s (max-jump)")]
    private static partial void LogJumped(ILogger log, ushort port, string @interface, Duration jump, long seconds);

    [LoggerMessage(LogLevel.Warning, "Port {Port} ({Interface}): the master's time {How} after a jump of {Jump}; it is used again")]
    private static partial void LogUsedAgain(ILogger log, ushort port, string @interface, string how, Duration jump);

    [LoggerMessage(LogLevel.Warning, "Port {Port} ({Interface}) does not work: {Trouble}; tried again every {Retry} s")]
    private static partial void LogTrouble(ILogger log, ushort port, string @interface, string trouble, long retry);

    [LoggerMessage(LogLevel.Information, "Port {Port} ({Interface}) works again: {State}")]
    private static partial void LogWorks(ILogger log, ushort port, string @interface, PortState state);
}
