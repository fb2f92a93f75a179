using Grpc.Core;
using TimeSuite.Policy;
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

    /// <summary>Carries one message out, or refuses it.</summary>
    /// <exception cref="RpcException">Ends the call, with this status.</exception>
    public SteerReply Answer(SteerRequest request)
    {
        if (_lease is not null && request.Sequence <= _sequence)
        {
            throw End(StatusCode.InvalidArgument, "the sequence does not rise");
        }

        _sequence = request.Sequence;
        var reply = _lease is null ? Open(request.Open) : Carry(_lease, request);
        reply.Sequence = _sequence;
        return reply.Code == (int)StatusCode.Aborted ? throw End(StatusCode.DeadlineExceeded, "the lease is over") : reply;
    }

    /// <summary>The caller has said all.</summary>
    /// <exception cref="RpcException">It was nothing.</exception>
    public void Finish() => _ = _lease ?? throw End(StatusCode.InvalidArgument, "the first message has to be Open");

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

    private SteerReply Open(Open? open)
    {
        if (open?.ClockId != ClockSession.ClockId)
        {
            throw open is null ? End(StatusCode.InvalidArgument, "the first message has to be Open") : End(StatusCode.NotFound, $"no such clock; there is {ClockSession.ClockId}");
        }

        _lease = session.Open(open.Client.Length == 0 ? who : $"{who} ({open.Client[..Math.Min(open.Client.Length, LongestClientName)]})", abort);
        return session.Carry(_lease, new(Duration.FromSeconds(Reach)), "Open", default);
    }

    private SteerReply Carry(Lease lease, SteerRequest request)
    {
        string verb = request.VerbCase.ToString();
        if (request.NotAfter is null)
        {
            return session.Refuse(lease.Holder, verb, "not_after is missing", StatusCode.InvalidArgument);
        }

        if (!TryRead(request.NotAfter, out var notAfter))
        {
            return session.Refuse(lease.Holder, verb, "not_after is out of reach", StatusCode.OutOfRange);
        }

        return Read(request, out var wish) is { } wrong ? session.Refuse(lease.Holder, verb, wrong.Why, wrong.Code) : session.Carry(lease, new(notAfter), verb, wish);
    }

    /// <returns>What is wrong with it, if it cannot be read.</returns>
    private static (string Why, StatusCode Code)? Read(SteerRequest request, out Wish wish)
    {
        wish = default;
        if (request.VerbCase is SteerRequest.VerbOneofCase.None or SteerRequest.VerbOneofCase.Open)
        {
            return ("no verb, or Open for the second time", StatusCode.InvalidArgument);
        }

        if (request.Adjust is { } adjust)
        {
            wish = new()
            {
                Frequency = FrequencyOffset.FromPpb(adjust.FrequencyPpb),
                BaseFrequency = adjust.HasBaseFrequencyPpb ? FrequencyOffset.FromPpb(adjust.BaseFrequencyPpb) : null,
            };
            if (adjust.Phase is not null)
            {
                if (!TryRead(adjust.Phase, out var phase) || !TryRead(adjust.PhaseDuration ?? new(), out var duration))
                {
                    return ("phase or duration is out of reach", StatusCode.OutOfRange);
                }

                wish = wish with { Slew = (phase, duration) };
            }
        }

        if (request.Step is { } step)
        {
            if (!TryRead(step.Offset, out var offset))
            {
                return ("the step is missing or out of reach", StatusCode.OutOfRange);
            }

            wish = new() { Step = offset };
        }

        if ((request.Adjust?.Announce ?? request.Step?.Announce ?? request.Announce) is { } said)
        {
            if (!TryRead(said.Bound, out var bound) || !TryRead(said.Sigma ?? new(), out var sigma) || !TryRead(said.Interval, out var interval))
            {
                return ("bound, sigma or interval is missing or out of reach", StatusCode.OutOfRange);
            }

            if (!said.Leap.TryToDomain(out var leap))
            {
                return ("no such leap second", StatusCode.InvalidArgument);
            }

            wish = wish with
            {
                Announcement = new()
                {
                    Synchronized = said.Synchronized,
                    Bound = bound,
                    Sigma = sigma,
                    Growth = FrequencyOffset.FromPpb(said.BoundGrowthPpb),
                    Interval = interval,
                    Leap = leap,
                    TaiOffset = said.HasTaiOffsetS ? said.TaiOffsetS : null,
                },
            };
        }

        return null;
    }
}
