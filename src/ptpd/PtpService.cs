using Grpc.Core;
using TimeSuite.Config;
using TimeSuite.Host;
using TimeSuite.Linux;
using TimeSuite.Ptp;
using TimeSuite.Ptpd.Hardware;
using TimeSuite.Rpc;
using Wire = TimeSuite.Rpc.Ptp.V1;

namespace TimeSuite.Ptpd;

/// <summary>For everybody; nothing can be changed by it.</summary>
internal sealed class PtpService(PtpDaemon daemon, CancellationToken stop) : Wire.Ptp.PtpBase
{
    private static readonly WriteOptions s_together = new(WriteFlags.BufferHint);

    public override Task<Wire.PtpStatus> GetPtpStatus(Wire.GetPtpStatusRequest request, ServerCallContext context) =>
        daemon.Loop.AskAsync(Status, context.CancellationToken);

    public override async Task Watch(Wire.WatchPtpRequest request, IServerStreamWriter<Wire.PtpEvent> responseStream, ServerCallContext context)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, stop);
        try
        {
            var happened = daemon.Watch(both.Token);
            while (await happened.WaitToReadAsync(both.Token))
            {
                while (happened.TryRead(out var next))
                {
                    var wire = await ToWireAsync(next.Port, next.What, both.Token);
                    responseStream.WriteOptions = happened.TryPeek(out _) ? s_together : null; // what comes together leaves together
                    await responseStream.WriteAsync(wire, both.Token);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The watcher has gone, or we stop.
        }
    }

    private Wire.PtpStatus Status()
    {
        var own = daemon.Instance.Default;
        var now = Clocks.Boot();
        var status = new Wire.PtpStatus
        {
            ClockIdentity = own.Identity.ToString(),
            Domain = own.Domain,
            Profile = daemon.Profile.Name,
            Role = daemon.Config.Role switch { PtpConfig.PtpRole.Serve => "serve", PtpConfig.PtpRole.Boundary => "boundary", PtpConfig.PtpRole.Transparent => "transparent", _ => "follow" },
            Quality = ToWire(own.Quality),
            Priority1 = own.Priority1,
            Priority2 = own.Priority2,
            Parent = daemon.Config.Role == PtpConfig.PtpRole.Transparent ? null : Parent(),
            Version = Daemon.Version,
        };
        status.Ports.AddRange(daemon.Ports.Select(port => ToWire(port, now)));
        status.Clocks.AddRange(daemon.HardwareClocks.All.Select(clock => HardwareMapping.ToWire(clock, daemon.Ports.Where(port => port.Clock == clock).Select(port => port.Interface))));
        return status;
    }

    private Wire.PtpParent Parent()
    {
        var (instance, parent) = (daemon.Instance, daemon.Instance.Parent);
        var wire = new Wire.PtpParent
        {
            PortIdentity = parent.Port.ToString(),
            Grandmaster = parent.Grandmaster.ToString(),
            Quality = ToWire(parent.Quality),
            Priority1 = parent.Priority1,
            Priority2 = parent.Priority2,
            StepsRemoved = (uint)instance.StepsRemoved,
            TimeSource = (uint)instance.Time.Source,
            PtpTimescale = (instance.Time.Flags & PtpFlags.PtpTimescale) != 0,
            TimeTraceable = (instance.Time.Flags & PtpFlags.TimeTraceable) != 0,
            FrequencyTraceable = (instance.Time.Flags & PtpFlags.FrequencyTraceable) != 0,
            Leap = ((instance.Time.Flags & PtpFlags.Leap61) != 0 ? LeapSecond.Insert : (instance.Time.Flags & PtpFlags.Leap59) != 0 ? LeapSecond.Delete : LeapSecond.None).ToWire(),
        };
        if (instance.Time.TaiMinusUtc is not null)
        {
            wire.UtcOffsetS = instance.Time.UtcOffset;
        }

        return wire;
    }

    private Wire.PtpPortStatus ToWire(PortDriver driver, Instant<Boot> now)
    {
        var port = driver.Port;
        var wire = new Wire.PtpPortStatus
        {
            Number = port.Identity.Port,
            Interface = driver.Interface,
            State = driver.Trouble ?? Word(port.State),
            DelayMechanism = port.Mechanism switch { DelayMechanism.E2E => "e2e", DelayMechanism.P2P => "p2p", _ => "none" },
            Transport = driver.TransportKind switch { PtpConfig.PtpTransport.Udp4 => "udp4", PtpConfig.PtpTransport.Udp6 => "udp6", _ => "ethernet" },
            Timestamping = driver.Clock is null ? "software" : "hardware",
            MeanPathDelay = PortFacts.PathDelay(port.State, port.Mechanism, port.MeanLinkDelay, driver.Path.MeanPathDelay)?.ToWire(),
        };
        if (port.State.Follows() && driver.ClockOffset is { } offset)
        {
            wire.Offset = offset.ToWire();
            wire.Age = driver.Age.ToWire();
        }

        wire.Counts.AddRange(Enum.GetValues<MessageType>().SelectMany(type => new[] { Count($"{type} received", port.Counters.Received(type)), Count($"{type} sent", port.Counters.Sent(type)) }));
        wire.Counts.AddRange(Enum.GetValues<Drop>().Select(reason => Count($"dropped: {reason}", port.Counters.Dropped(reason))));
        wire.Counts.Add(Count("transmit stamps lost", port.Counters.StampsLost));
        wire.Counts.Add(Count("announce time-outs", port.Counters.AnnounceTimeouts));
        wire.Counts.Add(Count("sync time-outs", port.Counters.SyncTimeouts));
        wire.Counts.Add(Count("unicast requests granted", port.Counters.Granted));
        wire.Counts.Add(Count("unicast requests denied", port.Counters.Denied));
        wire.UnicastGrants = (uint)port.UnicastGrants;
        wire.UnicastMasters.AddRange(port.UnicastMasters(now).Select(master => new Wire.PtpUnicastMaster
        {
            Address = Transport.Text(master.Address),
            PortIdentity = master.Identity?.ToString() ?? "",
            AnnounceGranted = master.Announces,
            SyncGranted = master.Syncs,
            Denies = master.Denies,
        }));
        wire.Alarm = PortAlarm.Of(PortFacts.Of(driver, daemon.Config, now)) ?? "";

        foreach (var (candidate, last, counts) in port.Masters(now))
        {
            var best = daemon.Instance.Best;
            wire.Masters.Add(new Wire.PtpMaster
            {
                PortIdentity = candidate.Sender.ToString(),
                Grandmaster = candidate.Grandmaster.ToString(),
                Quality = ToWire(candidate.Quality),
                Priority1 = candidate.Priority1,
                Priority2 = candidate.Priority2,
                StepsRemoved = candidate.StepsRemoved,
                LastHeard = (now - last).ToWire(),
                Qualified = counts,
                Followed = port.State.Follows() && candidate.Sender == daemon.Instance.Parent.Port,
                BetterOne = best is { } other && other.Sender != candidate.Sender ? ComparisonReason.Of(other, candidate, daemon.Instance.Rule) : "",
            });
        }

        return wire;
    }

    private async Task<Wire.PtpEvent> ToWireAsync(PortDriver port, Measured what, CancellationToken cancel)
    {
        var wire = new Wire.PtpEvent { Port = port.Port.Identity.Port };
        switch (what)
        {
            case Measured.Sync(var pair, var error):
                wire.Sync = new() { Sent = pair.Sent.ToWire(), Received = pair.Received.ToWire(), Error = error.ToWire() };
                break;
            case Measured.Delay(var pair, var error):
                wire.Delay = new() { Sent = pair.Sent.ToWire(), Received = pair.Received.ToWire(), Error = error.ToWire() };
                break;
            case Measured.Link(var link):
                wire.Link = new() { MeanLinkDelay = link.MeanLinkDelay.ToWire() };
                break;
            case Measured.Phc(var told):
                wire.Phc = told;
                break;
            case Measured.Change(var state):
                wire.Changed = new() { State = Word(state), Parent = await daemon.Loop.AskAsync(() => daemon.Instance.IsGrandmaster ? null : Parent(), cancel) };
                break;
        }

        return wire;
    }

    private static string Word(PortState state) => state switch
    {
        PortState.PreMaster => "pre-master",
        _ => state.ToString().ToLowerInvariant(),
    };

    private static Wire.PtpCount Count(string name, long count) => new() { Name = name, Count = (ulong)count };

    private static Wire.PtpQuality ToWire(ClockQuality quality) => new() { ClockClass = quality.Class, Accuracy = (uint)quality.Accuracy, Variance = quality.Variance };
}
