using Grpc.Core;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Time;

namespace TimeSuite.Clockd;

/// <summary>One Steer call, from Open to its end: the words of the wire to <see cref="ClockSession"/>, and its answers back. Knows no transport.</summary>
/// <param name="session">The clock's.</param>
/// <param name="who">Calls, e.g. <c>uid 997 pid 1234</c>.</param>
/// <param name="abort">Aborts the call when the lease runs out; does not wait for it.</param>
public sealed class SteerCall(ClockSession session, string who, Action abort) : IDisposable
{
    private const int LongestClientName = 64;
    private const long Reach = 1L << 33; // s, 272 years: no length on the wire means more

    private Lease? _lease;
    private ulong _sequence;

    /// <summary>Whether clockd took the lease away.</summary>
    public bool IsOver => _lease is { IsOver: true };

    /// <summary>Whether the lease was had.</summary>
    public bool IsOpen => _lease is not null;

    /// <summary>Carries one message out, or refuses it.</summary>
    /// <exception cref="RpcException">Ends the call, with this status.</exception>
    public SteerReply Answer(SteerRequest request)
    {
        if (_lease is not null && request.Sequence <= _sequence)
        {
            throw End(StatusCode.InvalidArgument, "the sequence does not rise");
        }

        _sequence = request.Sequence;
        var outcome = _lease is null ? Open(request.Open) : Carry(_lease, request);
        return outcome.Code == StatusCode.Aborted ? throw End(StatusCode.DeadlineExceeded, "the lease is over") : ToWire(outcome);
    }

    /// <summary>The call is over.</summary>
    public void Dispose()
    {
        if (_lease is not null)
        {
            session.Close(_lease);
        }
    }

    /// <returns>False if absent or longer than anything that is meant.</returns>
    internal static bool TryRead(Rpc.Time.V1.Duration? wire, out Duration length)
    {
        bool isInReach = wire is { Seconds: >= -Reach and <= Reach };
        length = isInReach ? wire!.ToDomain() : default;
        return isInReach;
    }

    internal static RpcException End(StatusCode code, string message) => new(new Status(code, message));

    private Outcome Open(Open? open)
    {
        if (open is null)
        {
            throw End(StatusCode.InvalidArgument, "the first message has to be Open");
        }

        if (open.ClockId != ClockSession.ClockId)
        {
            throw End(StatusCode.NotFound, $"no such clock; there is {ClockSession.ClockId}");
        }

        string name = open.Client.Length == 0 ? who : $"{who} ({open.Client[..Math.Min(open.Client.Length, LongestClientName)]})";
        _lease = session.Open(name, abort, out string holder) ?? throw End(StatusCode.FailedPrecondition, $"the lease is held by {holder}");
        return session.Renew(_lease, new(Duration.FromSeconds(Reach)));
    }

    private Outcome Carry(Lease lease, SteerRequest request)
    {
        Announcement? announcement = null;
        if (request.NotAfter is null)
        {
            return Refuse(StatusCode.InvalidArgument, "not_after is missing");
        }

        if (!TryRead(request.NotAfter, out var sinceBoot))
        {
            return Refuse(StatusCode.OutOfRange, "not_after is out of reach");
        }

        if ((request.Adjust?.Announce ?? request.Step?.Announce ?? request.Announce) is { } said)
        {
            if (!TryRead(said.Bound, out var bound) || !TryRead(said.Sigma ?? new(), out var sigma) || !TryRead(said.Interval, out var interval))
            {
                return Refuse(StatusCode.OutOfRange, "bound, sigma or interval is missing or out of reach");
            }

            if (!said.Leap.TryToDomain(out var leap))
            {
                return Refuse(StatusCode.InvalidArgument, "no such leap second");
            }

            announcement = new()
            {
                Synchronized = said.Synchronized,
                Bound = bound,
                Sigma = sigma,
                Growth = FrequencyOffset.FromPpb(said.BoundGrowthPpb),
                Interval = interval,
                Leap = leap,
                TaiOffset = said.HasTaiOffsetS ? said.TaiOffsetS : null,
            };
        }

        Instant<Boot> notAfter = new(sinceBoot);
        return request switch
        {
            { Adjust: { } adjust } => Adjust(adjust),
            { Step: { } step } => TryRead(step.Offset, out var offset)
                ? session.Step(lease, notAfter, offset, announcement)
                : Refuse(StatusCode.OutOfRange, "the step is missing or out of reach"),
            { Announce: not null } => session.Announce(lease, notAfter, announcement!.Value),
            { Renew: not null } => session.Renew(lease, notAfter),
            _ => Refuse(StatusCode.InvalidArgument, "no verb, or Open for the second time"),
        };

        Outcome Adjust(Adjust adjust)
        {
            (Duration, Duration)? slew = null;
            if (adjust.Phase is not null)
            {
                if (!TryRead(adjust.Phase, out var phase) || !TryRead(adjust.PhaseDuration ?? new(), out var duration))
                {
                    return Refuse(StatusCode.OutOfRange, "phase or duration is out of reach");
                }

                slew = (phase, duration);
            }

            var frequency = FrequencyOffset.FromPpb(adjust.FrequencyPpb);
            return session.Adjust(lease, notAfter, frequency, adjust.HasBaseFrequencyPpb ? FrequencyOffset.FromPpb(adjust.BaseFrequencyPpb) : frequency, slew, announcement);
        }

        Outcome Refuse(StatusCode code, string why)
        {
            session.CountRefusal(lease.Holder, request.VerbCase.ToString(), why);
            return new() { Code = code, Message = why };
        }
    }

    private SteerReply ToWire(Outcome outcome) => new()
    {
        Sequence = _sequence,
        Code = (int)outcome.Code,
        Message = outcome.Message,
        Accepted = outcome.Code != StatusCode.OK ? null : new()
        {
            EffectiveRaw = outcome.Effective.Raw.ToWire(),
            FrequencyPpb = outcome.Clock.Frequency.Ppb,
            PendingPhase = outcome.Clock.PendingPhase.ToWire(),
            TimeConstant = (uint)outcome.Clock.TimeConstant,
            SlewStarts = outcome.Clock.SlewStarts.ToWire(),
            StepGeneration = outcome.Generation,
            ClockAtEffective = outcome.Clock.Time.ToWire(),
            StepsLeft = (uint)outcome.StepsLeft,
            SlewBudgetLeft = outcome.BudgetLeft.ToWire(),
        },
    };
}
