using System.ComponentModel;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using TimeSuite.Linux;
using TimeSuite.Policy;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Time;

namespace TimeSuite.Clockd;

/// <summary>One hardware clock and its lease. The device is open only while somebody steers it, so that one that was plugged out and in again is another one then.</summary>
/// <remarks>A pulse is noted on file before it begins; when it is over, or the lease is, the clock falls back to the rate that the holder named.</remarks>
/// <param name="id">As <see cref="PhcIdentity"/> writes it.</param>
/// <param name="open">Opens the device to be set.</param>
/// <param name="limits">Policy.</param>
/// <param name="pulses">What is to be undone after a kill.</param>
/// <param name="audit">What happens.</param>
/// <param name="moments">The clocks.</param>
public sealed class PhcSession(string id, Func<string, IHardwareClock> open, Func<PhcLimits> limits, PulseFile pulses, AuditTrail audit, Func<Moment> moments) : ILeasedClock
{
    private readonly Lock _oneAtATime = new();
    private Timer? _timer;
    private IHardwareClock? _device;
    private Lease? _holder;
    private FrequencyOffset _frequency, _base;
    private Instant<Boot>? _pulseEnds, _leaseEnds;
    private ulong _steps;
    private PinStamps? _stamps; // that are on

    public ClockDescription Describe()
    {
        lock (_oneAtATime)
        {
            return new() { Id = id, Kind = ClockDescription.Types.Kind.Phc, FrequencyPpb = _frequency.Ppb, Holder = _holder?.Holder ?? "", StepGeneration = _steps };
        }
    }

    public Lease Open(string who, Action abort)
    {
        lock (_oneAtATime)
        {
            if (_holder is not null)
            {
                throw SteerCall.End(StatusCode.FailedPrecondition, Refuse(who, "Open", $"the lease is held by {_holder.Holder}").Message);
            }

            try
            {
                _device = open(id);
                _frequency = _base = _device.ReadFrequency();
                EndPulse(pulses.Find(id)); // of a clockd that was killed
            }
            catch (Win32Exception failure)
            {
                _device?.Dispose();
                throw SteerCall.End(StatusCode.Unavailable, Refuse(who, "Open", failure.Message).Message);
            }

            audit.Note(Event.Types.Kind.Lease, who, $"takes the lease of {id}", moments(), LogLevel.Information, clock: id);
            return _holder = new(who, abort);
        }
    }

    public SteerReply Carry(Lease lease, Instant<Boot> notAfter, string verb, Wish wish)
    {
        lock (_oneAtATime)
        {
            var now = moments();
            Settle(now);
            if (_holder != lease || _device is not { } device)
            {
                return new() { Code = (int)StatusCode.Aborted, Message = "the lease is over" };
            }

            if (now.Boot > notAfter)
            {
                return Refuse(lease.Holder, verb, $"came {now.Boot - notAfter} too late", StatusCode.DeadlineExceeded);
            }

            var ruling = PhcPolicy.Judge(wish, limits(), device.MaxFrequency, out var deed, out string why);
            if (ruling != Ruling.Allowed)
            {
                var code = ruling switch { Ruling.Malformed => StatusCode.InvalidArgument, Ruling.BeyondLimit => StatusCode.OutOfRange, _ => StatusCode.FailedPrecondition };
                return Refuse(lease.Holder, verb, why, code);
            }

            Instant<Phc> shown;
            if (deed.Stamps is { } stamps && !device.TryStampExternally(stamps.Channel, stamps.Pin, stamps.IsOn, out why))
            {
                return Refuse(lease.Holder, verb, why, StatusCode.FailedPrecondition);
            }

            try
            {
                shown = Do(device, deed, lease.Holder, now);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                return Refuse(lease.Holder, verb, failure.Message, StatusCode.Internal); // the pulse could not be noted: nothing was done
            }
            catch (Win32Exception failure)
            {
                LetGo(failure.Message, now);
                throw SteerCall.End(StatusCode.Unavailable, failure.Message);
            }

            _stamps = deed.Stamps is { } done ? done.IsOn ? done : null : _stamps;
            _leaseEnds = _frequency == _base ? null : now.Boot + limits().Lease;
            Arm(now);
            return new()
            {
                Accepted = new() { EffectiveRaw = moments().Raw.ToWire(), ClockAtEffective = shown.ToWire(), FrequencyPpb = _frequency.Ppb, StepGeneration = _steps, PendingPhase = default(Duration).ToWire() },
            };
        }
    }

    public SteerReply Refuse(string who, string verb, string why, StatusCode code = StatusCode.PermissionDenied)
    {
        audit.Refuse(who, $"{verb} ({id})", why, moments());
        return new() { Code = (int)code, Message = why };
    }

    public void Close(Lease? lease)
    {
        lock (_oneAtATime)
        {
            if (lease is not null && _holder == lease)
            {
                LetGo("the call ended", moments());
            }
        }
    }

    /// <summary>clockd ends.</summary>
    public void End()
    {
        lock (_oneAtATime)
        {
            if (_holder is not null)
            {
                LetGo("clockd ends", moments());
            }
        }
    }

    /// <returns>What the clock showed just after a step, or in the middle of the change of its rate.</returns>
    private Instant<Phc> Do(IHardwareClock device, in PhcDeed deed, string who, Moment now)
    {
        var shown = device.ReadTime();
        if (deed.Step is { } step)
        {
            device.StepBy(step);
            shown = device.ReadTime();
            _steps++;
            audit.Note(Event.Types.Kind.Step, who, $"{id}: step of {step}", now, LogLevel.Information, phase: step, clock: id);
        }

        if (deed.Frequency is { } frequency)
        {
            if (deed.IsPulse)
            {
                pulses.Note(id, deed.Base);
            }

            shown = device.ReadTime();
            device.SetFrequency(frequency);
            shown += (device.ReadTime() - shown).Half();
            if (!deed.IsPulse)
            {
                pulses.Note(id, null); // after: a kill in between leaves one too many
            }

            (_frequency, _base, _pulseEnds) = (frequency, deed.Base, now.Boot + deed.For);
            audit.Note(Event.Types.Kind.Adjust, who, "", now, frequency: frequency, clock: id);
        }

        return shown;
    }

    /// <summary>A pulse that is over ends, and so does a lease.</summary>
    private void Settle(Moment now)
    {
        if (_leaseEnds is { } lease && now.Boot > lease)
        {
            LetGo("the lease ran out", now);
        }
        else if (_pulseEnds is { } pulse && now.Boot >= pulse)
        {
            try
            {
                EndPulse(_frequency == _base ? null : _base);
            }
            catch (Win32Exception failure)
            {
                LetGo(failure.Message, now);
            }
        }
    }

    /// <exception cref="Win32Exception">The clock is gone.</exception>
    private void EndPulse(FrequencyOffset? to)
    {
        (_pulseEnds, _leaseEnds) = (null, null);
        if (to is { } fallback)
        {
            _device!.SetFrequency(fallback);
            (_frequency, _base) = (fallback, fallback);
            pulses.Note(id, null);
        }
    }

    private void LetGo(string why, Moment now)
    {
        var holder = _holder!;
        try
        {
            EndPulse(_frequency == _base ? null : _base);
        }
        catch (Win32Exception)
        {
            pulses.Note(id, null); // what was plugged out has forgotten its rate
        }

        if (_stamps is { } stamps)
        {
            _device?.TryStampExternally(stamps.Channel, pin: null, isOn: false, out _);
        }

        _device?.Dispose();
        (_device, _holder, _stamps) = (null, null, null);
        Arm(now);
        audit.Note(Event.Types.Kind.LeaseEnd, holder.Holder, $"the lease of {id} is over: {why}", now, LogLevel.Information, clock: id);
        holder.End();
    }

    private void Arm(Moment now)
    {
        var due = _pulseEnds is { } pulse && (_leaseEnds is not { } lease || pulse < lease) ? pulse : _leaseEnds;
        _timer ??= new(_ => OnTimer());
        _timer.Change(due is { } at ? TimeSpan.FromSeconds(Math.Max(0, (at - now.Boot).Seconds)) : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private void OnTimer()
    {
        lock (_oneAtATime)
        {
            var now = moments();
            Settle(now);
            Arm(now);
        }
    }
}
