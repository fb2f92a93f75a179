using Grpc.Core;
using TimeSuite.Policy;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Time;

namespace TimeSuite.Clockd;

/// <summary>One Steer call, from Open to its end: the words of the wire to the clock that it is of, and its answers back.</summary>
/// <remarks>It knows no transport; <c>abort</c> aborts the call when the lease runs out, and does not wait for it.</remarks>
public sealed class SteerCall(Func<string, ILeasedClock> find, string who, Action abort) : IDisposable
{
    private const int LongestClientName = 64;

    private ILeasedClock? _clock;
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
        var reply = _lease is null || _clock is null ? Open(request.Open) : Carry(_clock, _lease, request);
        reply.Sequence = _sequence;
        return reply.Code == (int)StatusCode.Aborted ? throw End(StatusCode.DeadlineExceeded, "the lease is over") : reply;
    }

    /// <exception cref="RpcException">The caller has said all, and it was nothing.</exception>
    public void Finish() => _ = _lease ?? throw End(StatusCode.InvalidArgument, "the first message has to be Open");

    /// <summary>The call is over.</summary>
    public void Dispose() => _clock?.Close(_lease);

    internal static RpcException End(StatusCode code, string message) => new(new Status(code, message));

    private SteerReply Open(Open? open)
    {
        if (open is null)
        {
            throw End(StatusCode.InvalidArgument, "the first message has to be Open");
        }

        string client = string.Concat(open.Client.Take(LongestClientName).Select(letter => letter is >= ' ' and <= '~' ? letter : '?')); // others will read it
        var clock = find(open.ClockId);
        _lease = clock.Open(client.Length == 0 ? who : $"{who} ({client})", abort);
        _clock = clock;
        return clock.Carry(_lease, new(Duration.FromSeconds(long.MaxValue)), "Open", default);
    }

    private static SteerReply Carry(ILeasedClock clock, Lease lease, SteerRequest request)
    {
        string verb = request.VerbCase.ToString();
        return Read(request, out var notAfter, out var wish) is { } wrong
            ? clock.Refuse(lease.Holder, verb, wrong.Why, wrong.Code)
            : clock.Carry(lease, new(notAfter), verb, wish);
    }

    /// <returns>What is wrong with it, if it cannot be read.</returns>
    private static (string Why, StatusCode Code)? Read(SteerRequest request, out Duration notAfter, out Wish wish)
    {
        wish = default;
        if (!request.NotAfter.TryToDomain(out notAfter))
        {
            return request.NotAfter is null ? ("not_after is missing", StatusCode.InvalidArgument) : ("not_after is out of reach", StatusCode.OutOfRange);
        }

        switch (request.VerbCase)
        {
            case SteerRequest.VerbOneofCase.Adjust:
                Duration phase = default, duration = default;
                var adjust = request.Adjust;
                if (adjust.Phase is not null && !(adjust.Phase.TryToDomain(out phase) && (adjust.PhaseDuration ?? new()).TryToDomain(out duration)))
                {
                    return ("phase or duration is out of reach", StatusCode.OutOfRange);
                }

                wish = new()
                {
                    Frequency = FrequencyOffset.FromPpb(adjust.FrequencyPpb),
                    BaseFrequency = adjust.HasBaseFrequencyPpb ? FrequencyOffset.FromPpb(adjust.BaseFrequencyPpb) : null,
                    Slew = adjust.Phase is null ? null : (phase, duration),
                };
                break;
            case SteerRequest.VerbOneofCase.Step:
                if (!request.Step.Offset.TryToDomain(out var offset))
                {
                    return ("the step is missing or out of reach", StatusCode.OutOfRange);
                }

                wish = new() { Step = offset };
                break;
            case SteerRequest.VerbOneofCase.ExternalStamps:
                const uint most = 255; // a device has a handful of each; the kernel knows how many
                var stamps = request.ExternalStamps;
                if (stamps.Channel > most || stamps.Pin > most)
                {
                    return ("there is no such channel or pin", StatusCode.InvalidArgument);
                }

                wish = new() { Stamps = new((int)stamps.Channel, stamps.HasPin ? (int)stamps.Pin : null, stamps.On) };
                break;
            case SteerRequest.VerbOneofCase.None or SteerRequest.VerbOneofCase.Open:
                return ("no verb, or Open for the second time", StatusCode.InvalidArgument);
        }

        if ((request.Adjust?.Announce ?? request.Step?.Announce ?? request.Announce) is { } said)
        {
            if (!said.TryToDomain(out var announcement))
            {
                return ("bound, sigma or interval is missing or out of reach", StatusCode.OutOfRange);
            }

            wish = wish with { Announcement = announcement };
        }

        return null;
    }
}
