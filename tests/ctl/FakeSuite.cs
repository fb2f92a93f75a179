using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Rpc.Ntp.V1;
using TimeSuite.Rpc.Nts.V1;
using TimeSuite.Rpc.Ptp.V1;
using Status = Grpc.Core.Status;

namespace TimeSuite.Ctl.Tests;

/// <summary>ntpd and clockd as timectl sees them: real gRPC on real Unix sockets, answers from the test.</summary>
public sealed class FakeSuite : IAsyncLifetime
{
    private WebApplication? _server;

    /// <summary>Short, because a socket's name holds 107 characters.</summary>
    public string RuntimeDirectory { get; } = Directory.CreateTempSubdirectory("ts-").FullName;

    /// <summary>What the daemons answer and what they were asked.</summary>
    public FakeState State { get; } = new();

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Path.Combine(RuntimeDirectory, "ntpd"));
        Directory.CreateDirectory(Path.Combine(RuntimeDirectory, "clockd"));
        Directory.CreateDirectory(Path.Combine(RuntimeDirectory, "ntskeyd"));
        Directory.CreateDirectory(Path.Combine(RuntimeDirectory, "ptpd"));
        var open = new PeerGate((_, _) => true, (_, _) => { }, maxConnections: 100, maxPerUid: 100);
        var guarded = new PeerGate((_, _) => State.AdmitsToControl, (_, _) => { }, maxConnections: 100, maxPerUid: 100);
        const UnixFileMode ours = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        RpcEndpoint[] endpoints =
        [
            new(Path.Combine(RuntimeDirectory, "ntpd/status.sock"), ours, open),
            new(Path.Combine(RuntimeDirectory, "ntpd/ntpd.sock"), ours, guarded),
            new(Path.Combine(RuntimeDirectory, "clockd/clockd.sock"), ours, guarded),
            new(Path.Combine(RuntimeDirectory, "ntskeyd/status.sock"), ours, open),
            new(Path.Combine(RuntimeDirectory, "ptpd/status.sock"), ours, open),
            new(Path.Combine(RuntimeDirectory, "ntskeyd/ntskeyd.sock"), ours, guarded),
            new(Path.Combine(RuntimeDirectory, "ptpd/ptpd.sock"), ours, guarded),
        ];
        var builder = RpcServer.CreateBuilder(NullLoggerFactory.Instance, maxMessage: 1 << 16);
        builder.Services.AddSingleton(State);
        _server = RpcServer.Build(builder, endpoints, maxStreams: 100);
        _server.MapGrpcService<FakeStatus>();
        _server.MapGrpcService<FakeControl>();
        _server.MapGrpcService<FakeClock>();
        _server.MapGrpcService<FakeNtsStatus>();
        _server.MapGrpcService<FakePtp>();
        _server.MapGrpcService<FakePtpManagement>();
        _server.MapGrpcService<FakePtpControl>();
        _server.MapGrpcService<FakeNtsControl>();
        await RpcServer.StartAsync(_server, endpoints, CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        State.Ended.Cancel();
        await _server!.DisposeAsync();
        Directory.Delete(RuntimeDirectory, recursive: true);
    }

    /// <summary>Runs timectl against this suite.</summary>
    public Task<Run> TimectlAsync(params string[] args) => Run.OfAsync([.. args, "--runtime-dir", RuntimeDirectory]);
}

/// <summary>One run of timectl: what it printed and how it ended.</summary>
public sealed record Run(int Code, string Out, string Error)
{
    public static async Task<Run> OfAsync(string[] args, bool isInteractive = false, CancellationToken cancel = default)
    {
        var output = new StringWriter { NewLine = "\n" };
        var error = new StringWriter { NewLine = "\n" };
        var terminal = new Terminal { Out = output, Error = error, IsInteractive = isInteractive, HasColor = isInteractive, Width = isInteractive ? 100 : 400 };
        int code = await TimeCtl.RunAsync(args, terminal, cancel);
        return new(code, output.ToString(), error.ToString());
    }
}

public sealed class FakeState
{
    public Tracking Tracking { get; set; } = Samples.Tracking();

    public List<Source> Sources { get; } = [.. Samples.Sources()];

    public GetClockReply Clock { get; set; } = Samples.Clock();

    public ServerStatistics Server { get; set; } = Samples.Server();

    public ListClientsReply Clients { get; set; } = Samples.Clients();

    /// <summary>What ptpd answers.</summary>
    public PtpStatus Ptp { get; } = new() { ClockIdentity = "001122.fffe.334455", Profile = "default", Role = "follow", Parent = new() };

    /// <summary>The value of whatever ptpd's management is asked for.</summary>
    public string ManagedValue { get; set; } = "128";

    public NtsStatusReply Nts { get; } = new() { Crypto = "openssl" };

    public CookieKeys Keys { get; } = Samples.Keys();

    public bool AdmitsToControl { get; set; } = true;

    /// <summary>Instead of an answer to anything.</summary>
    public Status? Refusal { get; set; }

    /// <summary>An address that a reload cannot have served.</summary>
    public string? Unserved { get; set; }

    /// <summary>Whether Watch ends after three snapshots, as when ntpd stops.</summary>
    public bool EndsWatch { get; set; }

    /// <summary>Requests of Control and Clock in the order of their arrival.</summary>
    public List<object> Asked { get; } = [];

    public CancellationTokenSource Ended { get; } = new();

    public T Answer<T>(object request, T reply)
    {
        lock (Asked)
        {
            Asked.Add(request);
        }

        return Refusal is { } status ? throw new RpcException(status) : reply;
    }
}

public sealed class FakeStatus(FakeState state) : Rpc.Ntp.V1.Status.StatusBase
{
    public override Task<Tracking> GetTracking(GetTrackingRequest request, ServerCallContext context) =>
        Task.FromResult(state.Answer(request, state.Tracking));

    public override Task<ListSourcesReply> ListSources(ListSourcesRequest request, ServerCallContext context) =>
        Task.FromResult(state.Answer(request, new ListSourcesReply { Sources = { state.Sources } }));

    public override Task<GetClockReply> GetClock(GetClockRequest request, ServerCallContext context) =>
        Task.FromResult(state.Answer(request, state.Clock));

    public override Task<ServerStatistics> GetServerStatistics(GetServerStatisticsRequest request, ServerCallContext context) =>
        Task.FromResult(state.Answer(request, state.Server));

    /// <summary>Three snapshots at once, then silence or the end.</summary>
    public override async Task Watch(WatchStatusRequest request, IServerStreamWriter<Snapshot> responseStream, ServerCallContext context)
    {
        for (int i = 0; i < 3; i++)
        {
            var tracking = state.Tracking.Clone();
            tracking.Offset = state.Tracking.Offset is null ? null : Samples.Time(i * 1e-5);
            await responseStream.WriteAsync(state.Answer(request, new Snapshot { Tracking = tracking, Sources = { state.Sources } }), context.CancellationToken);
        }

        if (state.EndsWatch)
        {
            return;
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, state.Ended.Token);
        var silence = new TaskCompletionSource();
        await using var registration = either.Token.Register(silence.SetResult);
        await silence.Task;
    }
}

public sealed class FakeControl(FakeState state) : Control.ControlBase
{
    public override Task<ReloadReply> Reload(ReloadRequest request, ServerCallContext context) =>
        Task.FromResult(state.Answer(request, new ReloadReply { Added = 1, Removed = 2, Changed = 3, Kept = 4, Unserved = { state.Unserved is { } endpoint ? [endpoint] : Array.Empty<string>() } }));

    public override Task<StepReply> Step(StepRequest request, ServerCallContext context) =>
        Task.FromResult(state.Answer(request, new StepReply { Stepped = Samples.Time(-0.25) }));

    public override Task<SetOnlineReply> SetOnline(SetOnlineRequest request, ServerCallContext context) =>
        Task.FromResult(state.Answer(request, new SetOnlineReply { Sources = request.Name.Length > 0 ? 1u : 3u }));

    public override Task<BurstReply> Burst(BurstRequest request, ServerCallContext context) =>
        Task.FromResult(state.Answer(request, new BurstReply { Sources = 1 }));

    public override Task<AddSourceReply> AddSource(AddSourceRequest request, ServerCallContext context) =>
        Task.FromResult(state.Answer(request, new AddSourceReply { Name = "ntp.example.net" }));

    public override Task<DeleteSourceReply> DeleteSource(DeleteSourceRequest request, ServerCallContext context) =>
        request.Name == "nobody"
            ? throw new RpcException(new Status(StatusCode.NotFound, "no source is called nobody"))
            : Task.FromResult(state.Answer(request, new DeleteSourceReply { Sources = request.Name == "twice" ? 2u : 1u }));

    public override Task<ListClientsReply> ListClients(ListClientsRequest request, ServerCallContext context) =>
        Task.FromResult(state.Answer(request, state.Clients));

    public override Task<ChangeAccessReply> ChangeAccess(ChangeAccessRequest request, ServerCallContext context) =>
        Task.FromResult(state.Answer(request, new ChangeAccessReply { Networks = { request.Network == "all" ? ["0.0.0.0/0", "::/0"] : new[] { request.Network } } }));

    public override Task<ResetAccessReply> ResetAccess(ResetAccessRequest request, ServerCallContext context) =>
        Task.FromResult(state.Answer(request, new ResetAccessReply { Removed = 2 }));

    public override Task<ListAccessReply> ListAccess(ListAccessRequest request, ServerCallContext context) =>
        Task.FromResult(state.Answer(request, new ListAccessReply
        {
            Rules = { new ListAccessReply.Types.Rule { Network = "192.0.2.0/24", Action = AccessAction.Allow }, new ListAccessReply.Types.Rule { Network = "::/0", Action = AccessAction.DenyKod, RunTime = true } },
            Otherwise = AccessAction.Deny,
            Serving = true,
        }));

    public override Task<CheckAccessReply> CheckAccess(CheckAccessRequest request, ServerCallContext context) =>
        Task.FromResult(state.Answer(request, new CheckAccessReply { Action = AccessAction.Allow, Network = request.Address == "192.0.2.1" ? "192.0.2.0/24" : "" }));
}

public sealed class FakeClock(FakeState state) : Clock.ClockBase
{
    public override Task<PermitStepReply> PermitStep(PermitStepRequest request, ServerCallContext context) =>
        Task.FromResult(state.Answer(request, new PermitStepReply()));
}

public sealed class FakePtp(FakeState state) : Ptp.PtpBase
{
    public override Task<PtpStatus> GetPtpStatus(GetPtpStatusRequest request, ServerCallContext context) => Task.FromResult(state.Ptp);
}

public sealed class FakePtpManagement(FakeState state) : PtpManagement.PtpManagementBase
{
    public override Task<ManagedReply> GetManaged(GetManagedRequest request, ServerCallContext context) =>
        Task.FromResult(state.Answer(request, FakePtpControl.Reply(request.Name, state.ManagedValue)));
}

public sealed class FakePtpControl(FakeState state) : PtpControl.PtpControlBase
{
    public override Task<ManagedReply> SetManaged(SetManagedRequest request, ServerCallContext context) => Task.FromResult(state.Answer(request, Reply(request.Name, request.Value)));

    internal static ManagedReply Reply(string name, string value)
    {
        var values = new ManagedValues { Port = name.StartsWith("PORT", StringComparison.Ordinal) ? 1u : 0u };
        values.Fields.Add(new ManagedField { Name = "field", Value = value, IsNumber = name.StartsWith("PORT", StringComparison.Ordinal) });
        var reply = new ManagedReply { Name = name };
        reply.Values.Add(values);
        return reply;
    }
}

public sealed class FakeNtsStatus(FakeState state) : NtsStatus.NtsStatusBase
{
    public override Task<NtsStatusReply> GetNtsStatus(GetNtsStatusRequest request, ServerCallContext context) => Task.FromResult(state.Nts);
}

public sealed class FakeNtsControl(FakeState state) : NtsControl.NtsControlBase
{
    public override Task<RotateReply> Rotate(RotateRequest request, ServerCallContext context) => Task.FromResult(state.Answer(request, new RotateReply { Id = 0xAB }));

    public override Task<ReloadNtsReply> ReloadNts(ReloadNtsRequest request, ServerCallContext context) =>
        Task.FromResult(state.Answer(request, new ReloadNtsReply { Notes = { "listen is read at the start only" } }));

    public override Task<CookieKeys> ExportKeys(ExportKeysRequest request, ServerCallContext context) => Task.FromResult(state.Answer(request, state.Keys));

    public override Task<ImportKeysReply> ImportKeys(CookieKeys request, ServerCallContext context) =>
        Task.FromResult(state.Answer(request, new ImportKeysReply { Keys = (uint)request.Keys.Count }));
}
