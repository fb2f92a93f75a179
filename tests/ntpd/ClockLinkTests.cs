using System.Net.Sockets;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging.Abstractions;
using TimeSuite.Linux;
using TimeSuite.Ntpd.Clock;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Tests;

/// <summary>The link against a clockd that dies in the middle of a word.</summary>
public sealed class ClockLinkTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("timesuite-link-").FullName;

    private string SocketPath => Path.Combine(_directory, "clockd.sock");

    [Fact]
    public async Task However_clockd_dies_while_messages_are_written_the_link_says_so_and_tries_again()
    {
        const int deaths = 60;
        RpcEndpoint[] endpoints = [new(SocketPath, UnixFileMode.UserRead | UnixFileMode.UserWrite, new PeerGate((_, _) => true, (_, _) => { }, 100, 100))];
        var server = RpcServer.Build(RpcServer.CreateBuilder(NullLoggerFactory.Instance, maxMessage: 4096), endpoints, maxStreams: 8);
        server.MapGrpcService<DyingClock>();
        await RpcServer.StartAsync(server, endpoints, CancellationToken.None);
        int lost = 0;
        using var stop = new CancellationTokenSource();
        var link = new ClockLink(SocketPath, "test", happened => lost += happened is ClockLinkEvent.Lost ? 1 : 0, NullLogger<ClockLink>.Instance, TimeSpan.FromMilliseconds(1));
        var running = link.RunAsync(stop.Token);

        var patience = Clocks.Raw() + Duration.FromSeconds(60L);
        for (int n = 0; lost < deaths && !running.IsCompleted && Clocks.Raw() < patience; n++)
        {
            link.TrySend(new SteerRequest { Renew = new Renew() });
            await Task.Delay(n % 50 == 0 ? 1 : 0);
        }

        await stop.CancelAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(30)); // and does not throw
        Assert.InRange(lost, deaths, deaths + 100);
        await server.DisposeAsync();
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    /// <summary>Opens the lease, takes a few messages, and cuts the connection without a word.</summary>
    private sealed class DyingClock : Rpc.Clock.V1.Clock.ClockBase
    {
        public override Task<DescribeReply> Describe(DescribeRequest request, ServerCallContext context)
        {
            var reply = new DescribeReply { Policy = new(), Counters = new() };
            reply.Clocks.Add(new ClockDescription { Id = "system", Kind = ClockDescription.Types.Kind.Shadow });
            return Task.FromResult(reply);
        }

        public override async Task Steer(IAsyncStreamReader<SteerRequest> requests, IServerStreamWriter<SteerReply> replies, ServerCallContext context)
        {
            for (int n = 0; n < 8 && await requests.MoveNext(); n++)
            {
                await replies.WriteAsync(new SteerReply { Sequence = requests.Current.Sequence });
            }

            context.GetHttpContext().Features.Get<IConnectionSocketFeature>()!.Socket.Shutdown(SocketShutdown.Both);
        }
    }
}
