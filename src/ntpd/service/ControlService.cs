using Grpc.Core;
using TimeSuite.Config;
using TimeSuite.Linux;
using TimeSuite.Ntpd.Clock;
using TimeSuite.Ntpd.Serving;
using TimeSuite.Ntpd.Sources;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Ntp.V1;
using Status = Grpc.Core.Status;

namespace TimeSuite.Ntpd.Service;

/// <summary>What an administrator may ask. Each request is carried out by the loop, between two of its steps.</summary>
internal sealed partial class ControlService(
    EventLoop loop, SourceSet sources, Steering steering, AccessControl access, Func<uint, bool> hasKey, Func<ReloadReply> reload) : Control.ControlBase
{
    private const int LargestBurst = 16;

    public override async Task<ReloadReply> Reload(ReloadRequest request, ServerCallContext context)
    {
        try
        {
            return await loop.AskAsync(reload, context.CancellationToken);
        }
        catch (InvalidDataException wrong)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, wrong.Message));
        }
    }

    public override async Task<StepReply> Step(StepRequest request, ServerCallContext context)
    {
        var step = await loop.AskAsync(() => steering.StepNow(Clocks.Raw()), context.CancellationToken)
            ?? throw new RpcException(new Status(StatusCode.FailedPrecondition, steering.IsConnected
                ? "no source is selected (timectl selection says why), or a correction is on its way: try again"
                : $"the clock is not steered: {steering.LostReason}"));
        var reply = await step.Reply.WaitAsync(TimeSpan.FromSeconds(5), context.CancellationToken);
        return reply.Code == 0
            ? new StepReply { Stepped = step.Offset.ToWire() }
            : throw new RpcException(new Status(StatusCode.FailedPrecondition, $"clockd refused: {reply.Message}"));
    }

    public override async Task<SetOnlineReply> SetOnline(SetOnlineRequest request, ServerCallContext context)
    {
        uint count = await ForEachAsync(request.Name, source => sources.SetOnline(source, request.Online, Clocks.Raw()), context);
        await loop.AskAsync(UpdateNow, context.CancellationToken); // so that what is shown next is already true
        return new SetOnlineReply { Sources = count };
    }

    public override async Task<BurstReply> Burst(BurstRequest request, ServerCallContext context)
    {
        int good = request.Good == 0 ? 4 : (int)Math.Min(request.Good, LargestBurst);
        int max = request.Max == 0 ? Math.Max(8, good) : (int)Math.Min(request.Max, LargestBurst);
        uint count = await ForEachAsync(request.Name, source => source.Sessions.ForEach(session => session.Burst(good, max)), context);
        return new BurstReply { Sources = count };
    }

    public override async Task<AddSourceReply> AddSource(AddSourceRequest request, ServerCallContext context)
    {
        var parsed = SourceToml.Parse(request.Toml);
        if (!parsed.TryGet(out var config))
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, string.Join('\n', parsed.Errors)));
        }

        if (config.Kind == SourceConfig.SourceKind.Phc)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, "a hardware clock is a source of the file alone: write it into timesuite.toml, then timectl reload"));
        }

        if (config.Key != 0 && !await loop.AskAsync(() => hasKey(config.Key), context.CancellationToken))
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, $"there is no key {config.Key}: write it into the file of [keys], then timectl reload"));
        }

        bool added = await loop.AskAsync(
            () =>
            {
                if (sources.Named(config.Name).Any(source => source.Config.Port == config.Port))
                {
                    return false;
                }

                sources.Add(config, Clocks.Raw(), isOfRunTime: true);
                return true;
            },
            context.CancellationToken);
        return added
            ? new AddSourceReply { Name = config.Name }
            : throw new RpcException(new Status(StatusCode.AlreadyExists, $"there is a source {config.Name} with port {config.Port} already"));
    }

    public override async Task<DeleteSourceReply> DeleteSource(DeleteSourceRequest request, ServerCallContext context)
    {
        int count = await loop.AskAsync(
            () =>
            {
                int removed = request.Name.Length > 0 ? sources.Remove(request.Name) : 0;
                return removed > 0 && UpdateNow() ? removed : 0;
            },
            context.CancellationToken);
        return count > 0 ? new DeleteSourceReply { Sources = (uint)count } : throw NoSuchSource(request.Name);
    }

    private bool UpdateNow()
    {
        steering.Update(Clocks.Raw());
        return true;
    }

    private static RpcException NoSuchSource(string name) =>
        new(new Status(StatusCode.NotFound, $"there is no source {name}; timectl sources lists them"));

    private async Task<uint> ForEachAsync(string name, Action<ConfiguredSource> action, ServerCallContext context)
    {
        int count = await loop.AskAsync(
            () =>
            {
                var found = sources.Named(name);
                found.ForEach(action);
                return found.Count;
            },
            context.CancellationToken);
        return count > 0 || name.Length == 0 ? (uint)count : throw NoSuchSource(name);
    }
}
