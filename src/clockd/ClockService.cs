using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using TimeSuite.Host;
using TimeSuite.Linux;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Time;

namespace TimeSuite.Clockd;

/// <summary>Translates between the wire and <see cref="ClockSession"/>, and asks for roles. Nothing is decided about the clock here.</summary>
public sealed class ClockService(ClockSession session, EventRing events, Roles roles) : Rpc.Clock.V1.Clock.ClockBase
{
    /// <summary>Of the one clock that programs read, the kernel's or the shadow.</summary>
    public const string ClockId = "system";

    private const int LongestClientName = 64;
    private const long Reach = 1L << 33; // s, 272 years: no length on the wire means more
    private static readonly Duration s_longestWindow = Duration.FromSeconds(3_600L);

    public override Task<DescribeReply> Describe(DescribeRequest request, ServerCallContext context)
    {
        Admit(context, Role.Reader, "Describe");
        return Task.FromResult(session.Describe(Daemon.Version));
    }

    public override async Task Steer(IAsyncStreamReader<SteerRequest> requestStream, IServerStreamWriter<SteerReply> responseStream, ServerCallContext context)
    {
        string who = Admit(context, Role.Steerer, "Steer");
        if (!await requestStream.MoveNext(context.CancellationToken) || requestStream.Current is not { VerbCase: SteerRequest.VerbOneofCase.Open } first)
        {
            throw End(StatusCode.InvalidArgument, "the first message has to be Open");
        }

        if (first.Open.ClockId != ClockId)
        {
            throw End(StatusCode.NotFound, $"no such clock; there is {ClockId}");
        }

        string client = first.Open.Client;
        who = client.Length == 0 ? who : $"{who} ({client[..Math.Min(client.Length, LongestClientName)]})";
        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        var lease = session.Open(who, () => _ = over.CancelAsync(), out string holder) ?? throw End(StatusCode.FailedPrecondition, $"the lease is held by {holder}");
        try
        {
            ulong sequence = first.Sequence;
            await responseStream.WriteAsync(ToWire(sequence, session.Renew(lease, new(Duration.FromSeconds(Reach)))), over.Token);
            while (await requestStream.MoveNext(over.Token))
            {
                var request = requestStream.Current;
                if (request.Sequence <= sequence)
                {
                    throw End(StatusCode.InvalidArgument, "the sequence does not rise");
                }

                sequence = request.Sequence;
                await responseStream.WriteAsync(ToWire(sequence, Carry(lease, request)), over.Token);
            }
        }
        catch (Exception cancelled) when (lease.IsOver && cancelled is not RpcException)
        {
            throw End(StatusCode.DeadlineExceeded, "the lease is over");
        }
        catch (Exception gone) when (context.CancellationToken.IsCancellationRequested && gone is OperationCanceledException or IOException)
        {
            throw End(StatusCode.Cancelled, "the caller is gone");
        }
        finally
        {
            session.Close(lease);
        }
    }

    public override async Task Watch(WatchRequest request, IServerStreamWriter<Event> responseStream, ServerCallContext context)
    {
        Admit(context, Role.Reader, "Watch");
        var (past, coming) = events.Listen((int)Math.Min(request.Backlog, EventRing.Size));
        try
        {
            foreach (var happened in past)
            {
                await responseStream.WriteAsync(happened, context.CancellationToken);
            }

            if (request.BacklogOnly)
            {
                return;
            }

            await foreach (var happened in coming.Reader.ReadAllAsync(context.CancellationToken))
            {
                await responseStream.WriteAsync(happened, context.CancellationToken);
            }

            throw End(StatusCode.ResourceExhausted, "too slow: events were missed");
        }
        catch (Exception gone) when (context.CancellationToken.IsCancellationRequested && gone is OperationCanceledException or IOException)
        {
            throw End(StatusCode.Cancelled, "the caller is gone");
        }
        finally
        {
            events.Leave(coming);
        }
    }

    public override Task<PermitStepReply> PermitStep(PermitStepRequest request, ServerCallContext context)
    {
        string who = Admit(context, Role.Administrator, "PermitStep");
        if (request.ClockId != ClockId)
        {
            throw End(StatusCode.NotFound, $"no such clock; there is {ClockId}");
        }

        if (!TryRead(request.MaxSize, out var size) || !TryRead(request.Window, out var window) || size.Sign <= 0 || window.Sign <= 0 || window > s_longestWindow)
        {
            throw End(StatusCode.OutOfRange, $"size and window must be positive, the window at most {s_longestWindow}");
        }

        session.PermitStep(who, size, window);
        return Task.FromResult(new PermitStepReply());
    }

    private Outcome Carry(Lease lease, SteerRequest request)
    {
        if (request.NotAfter is null)
        {
            return Refuse(lease, request, StatusCode.InvalidArgument, "not_after is missing");
        }

        if (!TryRead(request.NotAfter, out var notAfter))
        {
            return Refuse(lease, request, StatusCode.OutOfRange, "not_after is out of reach");
        }

        var outcome = request.VerbCase switch
        {
            SteerRequest.VerbOneofCase.Adjust => Adjust(lease, request, new(notAfter)),
            SteerRequest.VerbOneofCase.Step when TryRead(request.Step.Offset, out var offset) => session.Step(lease, new(notAfter), offset),
            SteerRequest.VerbOneofCase.Step => Refuse(lease, request, StatusCode.OutOfRange, "the step is missing or out of reach"),
            SteerRequest.VerbOneofCase.Announce => Announce(lease, request, new(notAfter)),
            SteerRequest.VerbOneofCase.Renew => session.Renew(lease, new(notAfter)),
            _ => Refuse(lease, request, StatusCode.InvalidArgument, "no verb, or Open for the second time"),
        };
        return outcome.Code == StatusCode.Aborted ? throw End(StatusCode.DeadlineExceeded, "the lease is over") : outcome;
    }

    private Outcome Adjust(Lease lease, SteerRequest request, Instant<Boot> notAfter)
    {
        var adjust = request.Adjust;
        (Duration, Duration)? slew = null;
        if (adjust.Phase is not null)
        {
            var duration = Duration.Zero;
            if (!TryRead(adjust.Phase, out var phase) || (adjust.PhaseDuration is not null && !TryRead(adjust.PhaseDuration, out duration)))
            {
                return Refuse(lease, request, StatusCode.OutOfRange, "phase or duration is out of reach");
            }

            slew = (phase, duration);
        }

        var frequency = FrequencyOffset.FromPpb(adjust.FrequencyPpb);
        return session.Adjust(lease, notAfter, frequency, adjust.HasBaseFrequencyPpb ? FrequencyOffset.FromPpb(adjust.BaseFrequencyPpb) : frequency, slew);
    }

    private Outcome Announce(Lease lease, SteerRequest request, Instant<Boot> notAfter)
    {
        var announce = request.Announce;
        if (!TryRead(announce.Bound, out var bound) || !TryRead(announce.Sigma ?? new(), out var sigma) || !TryRead(announce.Interval, out var interval))
        {
            return Refuse(lease, request, StatusCode.OutOfRange, "bound, sigma or interval is missing or out of reach");
        }

        if (!announce.Leap.TryToDomain(out var leap))
        {
            return Refuse(lease, request, StatusCode.InvalidArgument, "no such leap second");
        }

        var wanted = new Announcement
        {
            Synchronized = announce.Synchronized,
            Bound = bound,
            Sigma = sigma,
            Growth = FrequencyOffset.FromPpb(announce.BoundGrowthPpb),
            Interval = interval,
            Leap = leap,
            TaiOffset = announce.TaiOffsetS,
        };
        return session.Announce(lease, notAfter, wanted, announce.HasTaiOffsetS);
    }

    private Outcome Refuse(Lease lease, SteerRequest request, StatusCode code, string why)
    {
        session.CountRefusal(lease.Holder, request.VerbCase.ToString(), why);
        return new() { Code = code, Message = why };
    }

    private static SteerReply ToWire(ulong sequence, Outcome outcome) => new()
    {
        Sequence = sequence,
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

    private static bool TryRead(Rpc.Time.V1.Duration? wire, out Duration length)
    {
        bool isInReach = wire is { Seconds: >= -Reach and <= Reach };
        length = isInReach ? wire!.ToDomain() : default;
        return isInReach;
    }

    private string Admit(ServerCallContext context, Role role, string verb)
    {
        var credentials = context.GetHttpContext().Features.GetRequiredFeature<Peer>().Credentials;
        if (!roles.Of(credentials.Uid).HasFlag(role))
        {
            session.CountRefusal(credentials.ToString(), verb, $"not a {role}");
            throw End(StatusCode.PermissionDenied, $"{credentials} is not a {role} of this clock");
        }

        return credentials.ToString();
    }

    private static RpcException End(StatusCode code, string message) => new(new Status(code, message));
}
