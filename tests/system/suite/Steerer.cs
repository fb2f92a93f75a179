using Grpc.Core;
using Grpc.Net.Client;
using TimeSuite.Linux;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Time;
using ClockClient = TimeSuite.Rpc.Clock.V1.Clock.ClockClient;

namespace TimeSuite.System.Tests.Suite;

/// <summary>The other end of a Steer call, which sends what it is told, sense or nonsense.</summary>
internal sealed class Steerer : IDisposable
{
    private static readonly Duration s_fresh = Duration.FromSeconds(5L);

    private GrpcChannel? _own;
    private readonly AsyncDuplexStreamingCall<SteerRequest, SteerReply> _call;
    private ulong _sequence;

    /// <param name="channel">To clockd.</param>
    public Steerer(GrpcChannel channel) => _call = new ClockClient(channel).Steer(deadline: DateTime.UtcNow.AddMinutes(2));

    /// <summary>Takes the lease.</summary>
    public static async Task<Steerer> OpenAsync(Station station, string clock = "system")
    {
        var channel = UnixChannel.Open(station.ClockdSocket);
        var steerer = new Steerer(channel) { _own = channel };
        var reply = await steerer.SendAsync(new SteerRequest { Open = new Open { ClockId = clock, Client = "test" } });
        Assert.Equal(0, reply.Code);
        return steerer;
    }

    /// <summary>Sends a message, fresh and with the next number unless it says otherwise, and waits for the answer.</summary>
    /// <exception cref="RpcException">The call has ended.</exception>
    public async Task<SteerReply> SendAsync(SteerRequest request)
    {
        request.Sequence = request.Sequence == 0 ? ++_sequence : request.Sequence;
        request.NotAfter ??= (Clocks.Boot() + s_fresh).ToWire();
        return await SendAsItIsAsync(request);
    }

    /// <summary>Sends a message with nothing filled in.</summary>
    /// <exception cref="RpcException">The call has ended.</exception>
    public async Task<SteerReply> SendAsItIsAsync(SteerRequest request)
    {
        try
        {
            await _call.RequestStream.WriteAsync(request);
        }
        catch (Exception ended) when (ended is InvalidOperationException or RpcException)
        {
            // The answer says why.
        }

        return await _call.ResponseStream.MoveNext(CancellationToken.None)
            ? _call.ResponseStream.Current
            : throw new RpcException(new Status(StatusCode.OK, "clockd ended the call"));
    }

    public void Dispose()
    {
        _call.Dispose();
        _own?.Dispose();
    }
}
