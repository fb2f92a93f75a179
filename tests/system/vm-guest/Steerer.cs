using Grpc.Core;
using Grpc.Net.Client;
using TimeSuite.Linux;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Time;
using Duration = TimeSuite.Time.Duration;

namespace TimeSuite.System.VmGuest;

/// <summary>ntpd's end of a Steer call: one message at a time, each answered.</summary>
internal sealed class Steerer : IDisposable
{
    private const int NtpUser = 991; // of tests/system/vm/passwd
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly GrpcChannel _channel;
    private readonly AsyncDuplexStreamingCall<SteerRequest, SteerReply> _call;
    private ulong _sequence;

    /// <summary>Takes the lease.</summary>
    public Steerer(int user = NtpUser)
    {
        _channel = PeerChannel.Open(ClockdProcess.Socket, user);
        _call = new Clock.ClockClient(_channel).Steer();
        Ask(new() { Open = new() { ClockId = "system", Client = "vm-guest" } });
    }

    public SteerReply Adjust(FrequencyOffset frequency, Duration? phase = null) =>
        Ask(new() { Adjust = new() { FrequencyPpb = frequency.Ppb, Phase = phase?.ToWire() } });

    public SteerReply Step(Duration offset) => Ask(new() { Step = new() { Offset = offset.ToWire() } });

    public SteerReply Renew() => Ask(new() { Renew = new() });

    /// <summary>Synchronised to a millisecond, if nothing else is said.</summary>
    public SteerReply Announce(Action<Announce>? change = null)
    {
        var announce = new Announce
        {
            Synchronized = true,
            Bound = Duration.FromSeconds(0.001).ToWire(),
            Sigma = Duration.FromSeconds(0.0001).ToWire(),
            BoundGrowthPpb = 1000,
            Interval = Duration.FromSeconds(64L).ToWire(),
        };
        change?.Invoke(announce);
        return Ask(new() { Announce = announce });
    }

    /// <summary>The status that the call has ended with.</summary>
    public StatusCode WaitForEnd()
    {
        try
        {
            bool another = _call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Patience).GetAwaiter().GetResult();
            throw new CheckFailedException(another ? "a reply that nobody asked for" : "the call ended without a status");
        }
        catch (RpcException end)
        {
            return end.StatusCode;
        }
    }

    /// <summary>Ends the call, and with it the lease.</summary>
    public void Dispose()
    {
        _call.Dispose();
        _channel.Dispose();
    }

    private SteerReply Ask(SteerRequest request)
    {
        request.Sequence = ++_sequence;
        request.NotAfter = (Clocks.Boot() + Duration.FromSeconds(5L)).ToWire();
        _call.RequestStream.WriteAsync(request).WaitAsync(Patience).GetAwaiter().GetResult();
        return _call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Patience).GetAwaiter().GetResult()
            ? _call.ResponseStream.Current
            : throw new CheckFailedException("the call ended without a status");
    }
}
