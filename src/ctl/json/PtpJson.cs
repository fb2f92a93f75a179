using TimeSuite.Rpc.Ptp.V1;

namespace TimeSuite.Ctl;

internal sealed record PtpQualityJson(uint Class, string Accuracy, string Variance)
{
    public static PtpQualityJson From(PtpQuality? quality) => new(quality?.ClockClass ?? 0, Units.Invariant($"0x{quality?.Accuracy ?? 0:x2}"), Units.Invariant($"0x{quality?.Variance ?? 0:x4}"));
}

internal sealed record PtpParentJson(
    string Port, string Grandmaster, PtpQualityJson Quality, uint Priority1, uint Priority2, uint StepsRemoved, int? TaiMinusUtcS, bool PtpTimescale,
    bool TimeTraceable, bool FrequencyTraceable, string Leap, string TimeSource)
{
    public static PtpParentJson From(PtpParent parent) => new(
        parent.PortIdentity, parent.Grandmaster, PtpQualityJson.From(parent.Quality), parent.Priority1, parent.Priority2, parent.StepsRemoved,
        parent.HasUtcOffsetS ? parent.UtcOffsetS : null, parent.PtpTimescale, parent.TimeTraceable, parent.FrequencyTraceable, PtpViews.Word(parent.Leap), PtpViews.Source(parent.TimeSource));
}

internal sealed record PtpPortJson(uint Number, string Interface, string State, string Delay, string Transport, string Timestamping, decimal? OffsetFromMasterS, decimal? MeanPathDelayS, decimal? AgeS, string? Alarm,
    uint UnicastGrants, IReadOnlyList<PtpUnicastMasterJson> UnicastMasters);

internal sealed record PtpUnicastMasterJson(string Address, string? Identity, bool AnnounceGranted, bool SyncGranted, bool Denies);

internal sealed record PtpPhcJson(string Clock, IReadOnlyList<string> Interfaces, string State, string Upstream, decimal? OffsetFromUpstreamS, decimal? BoundS, double FrequencyPpb, string Reading);

/// <summary><c>timectl ptp --json</c>.</summary>
internal sealed record PtpJson(
    string Clock, uint Domain, string Profile, string Role, PtpQualityJson Quality, uint Priority1, uint Priority2, PtpParentJson? Parent, IReadOnlyList<PtpPortJson> Ports,
    IReadOnlyList<PtpPhcJson> HardwareClocks)
{
    public static PtpJson From(PtpStatus status) =>
        new(
            status.ClockIdentity, status.Domain, status.Profile, status.Role, PtpQualityJson.From(status.Quality), status.Priority1, status.Priority2,
            status.Parent is { } parent ? PtpParentJson.From(parent) : null,
            [.. status.Ports.Select(port => new PtpPortJson(
                port.Number, port.Interface, port.State, port.DelayMechanism, port.Transport, port.Timestamping,
                JsonValue.Seconds(port.Offset), JsonValue.Seconds(port.MeanPathDelay), JsonValue.Seconds(port.Age),
                port.Alarm.Length > 0 ? port.Alarm : null, port.UnicastGrants,
                [.. port.UnicastMasters.Select(master => new PtpUnicastMasterJson(
                    master.Address, master.PortIdentity.Length > 0 ? master.PortIdentity : null, master.AnnounceGranted, master.SyncGranted, master.Denies))]))],
            [.. status.Clocks.Select(clock => new PtpPhcJson(
                clock.ClockId, clock.Interfaces, clock.State, clock.Upstream, JsonValue.Seconds(clock.Offset), JsonValue.Seconds(clock.Bound), clock.FrequencyPpb, clock.Reading))]);
}

internal sealed record PtpMasterJson(
    uint Port, string Master, string Grandmaster, uint Priority1, PtpQualityJson Quality, uint Priority2, uint StepsRemoved, decimal? LastHeardS, bool Qualified, bool Followed, string? BetterOne);

/// <summary><c>timectl ptp masters --json</c>.</summary>
internal sealed record PtpMastersJson(IReadOnlyList<PtpMasterJson> Masters)
{
    public static PtpMastersJson From(PtpStatus status) => new([.. status.Ports.SelectMany(port => port.Masters.Select(master => new PtpMasterJson(
        port.Number, master.PortIdentity, master.Grandmaster, master.Priority1, PtpQualityJson.From(master.Quality), master.Priority2, master.StepsRemoved,
        JsonValue.Seconds(master.LastHeard), master.Qualified, master.Followed, master.BetterOne.Length > 0 ? master.BetterOne : null)))]);
}

internal sealed record PtpCountJson(uint Port, string Name, ulong Count);

/// <summary><c>timectl ptp counters --json</c>.</summary>
internal sealed record PtpCountersJson(IReadOnlyList<PtpCountJson> Counters)
{
    public static PtpCountersJson From(PtpStatus status) => new([.. status.Ports.SelectMany(port => port.Counts.Select(count => new PtpCountJson(port.Number, count.Name, count.Count)))]);
}
