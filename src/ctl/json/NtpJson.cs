using TimeSuite.Rpc.Ntp.V1;

namespace TimeSuite.Ctl;

/// <summary><c>timectl status --json</c>. Names end in their unit; what is unknown is null.</summary>
internal sealed record TrackingJson
{
    public required bool Synchronized { get; init; }
    public required string ReferenceName { get; init; }
    public required string ReferenceId { get; init; }
    public required uint Stratum { get; init; }
    public required decimal? ReferenceTimeS { get; init; }
    public required decimal? OffsetS { get; init; }
    public required decimal? LastOffsetS { get; init; }
    public required decimal? RmsOffsetS { get; init; }
    public required double? FrequencyPpb { get; init; }
    public required double? ResidualFrequencyPpb { get; init; }
    public required double? SkewPpb { get; init; }
    public required decimal? RootDelayS { get; init; }
    public required decimal? RootDispersionS { get; init; }
    public required decimal? UpdateIntervalS { get; init; }
    public required string Leap { get; init; }
    public required decimal? BoundS { get; init; }
    public required decimal? SigmaS { get; init; }
    public required decimal? PendingPhaseS { get; init; }
    public required string ClockKind { get; init; }
    public required string Explanation { get; init; }
    public required bool Holdover { get; init; }
    public required double? PacketsPerHour { get; init; }
    public required bool ClockdConnected { get; init; }

    /// <summary>Why not; null if it is.</summary>
    public required string? ClockdReason { get; init; }
    public required int? TaiOffsetS { get; init; }
    public required decimal? AccuracyTargetS { get; init; }

    /// <summary>Null without a target.</summary>
    public required bool? AccuracyMet { get; init; }
    public required decimal? AccuracyExpectedS { get; init; }
    public required string? AccuracyReason { get; init; }

    /// <summary>Null if nothing is wrong.</summary>
    public required string? Alarm { get; init; }

    /// <summary>Sources minus clock, while they are not followed; null if they agree.</summary>
    public required decimal? JumpS { get; init; }
    public required string Version { get; init; }
    public required decimal? UptimeS { get; init; }

    /// <summary>Of the server's certificate that expires first, negative once it has; null without one, and in watch.</summary>
    public decimal? NtsCertificateLeftS { get; init; }

    public static TrackingJson From(Tracking tracking) => new()
    {
        Synchronized = tracking.Synchronized,
        ReferenceName = tracking.ReferenceName,
        ReferenceId = Units.ReferenceId(tracking.ReferenceId, tracking.Stratum),
        Stratum = tracking.Stratum,
        ReferenceTimeS = JsonValue.Seconds(tracking.ReferenceTime),
        OffsetS = JsonValue.Seconds(tracking.Offset),
        LastOffsetS = JsonValue.Seconds(tracking.LastOffset),
        RmsOffsetS = JsonValue.Seconds(tracking.RmsOffset),
        FrequencyPpb = JsonValue.Number(tracking.FrequencyPpb),
        ResidualFrequencyPpb = tracking.ReferenceTime is null ? null : JsonValue.Number(tracking.ResidualFrequencyPpb),
        SkewPpb = tracking.ReferenceTime is null ? null : JsonValue.Number(tracking.SkewPpb),
        RootDelayS = JsonValue.Seconds(tracking.RootDelay),
        RootDispersionS = JsonValue.Seconds(tracking.RootDispersion),
        UpdateIntervalS = JsonValue.Seconds(tracking.UpdateInterval),
        Leap = Units.Leap(tracking.Leap),
        BoundS = JsonValue.Seconds(tracking.Bound),
        SigmaS = JsonValue.Seconds(tracking.Sigma),
        PendingPhaseS = JsonValue.Seconds(tracking.PendingPhase),
        ClockKind = tracking.ClockKind,
        Explanation = tracking.Explanation,
        Holdover = tracking.Holdover,
        PacketsPerHour = JsonValue.Number(tracking.PacketsPerHour),
        ClockdConnected = tracking.ClockdConnected,
        ClockdReason = tracking.ClockdReason.Length == 0 ? null : tracking.ClockdReason,
        TaiOffsetS = tracking.TaiOffsetS == 0 ? null : tracking.TaiOffsetS,
        AccuracyTargetS = JsonValue.Seconds(tracking.AccuracyTarget),
        AccuracyMet = tracking.AccuracyTarget is null ? null : tracking.AccuracyMet,
        AccuracyExpectedS = JsonValue.Seconds(tracking.AccuracyExpected),
        AccuracyReason = tracking.AccuracyReason.Length == 0 ? null : tracking.AccuracyReason,
        Alarm = tracking.Alarm.Length == 0 ? null : tracking.Alarm,
        JumpS = JsonValue.Seconds(tracking.Jump),
        Version = tracking.Version,
        UptimeS = JsonValue.Seconds(tracking.Uptime),
    };
}

/// <summary>One source; the same in <c>sources</c>, <c>sourcestats</c> and <c>selection</c>.</summary>
internal sealed record SourceJson
{
    public required string Name { get; init; }
    public required string Address { get; init; }
    public required uint? Port { get; init; }
    public required string Pool { get; init; }
    public required string Mode { get; init; }
    public required bool Online { get; init; }
    public required uint Stratum { get; init; }
    public required string ReferenceId { get; init; }
    public required int PollLog2S { get; init; }
    public required uint Reach { get; init; }
    public required decimal? LastReceivedAgoS { get; init; }
    public required decimal? LastOffsetS { get; init; }
    public required decimal? LastDelayS { get; init; }
    public required decimal? EstimatedOffsetS { get; init; }
    public required decimal? SigmaS { get; init; }
    public required decimal? JitterS { get; init; }
    public required decimal? BoundS { get; init; }
    public required double? FrequencyPpb { get; init; }
    public required double? SkewPpb { get; init; }
    public required uint Samples { get; init; }
    public required decimal? SpanS { get; init; }
    public required decimal? RootDelayS { get; init; }
    public required decimal? RootDispersionS { get; init; }
    public required bool Interleaved { get; init; }
    public required double? Weight { get; init; }
    public required string Verdict { get; init; }
    public required string Reason { get; init; }
    public required ulong Sent { get; init; }
    public required ulong Received { get; init; }
    public required ulong Refused { get; init; }
    public required string LastRefusal { get; init; }
    public required string Leap { get; init; }
    public required string Options { get; init; }
    public required string Stamps { get; init; }

    public static SourceJson From(Source source) => new()
    {
        Name = source.Name,
        Address = source.Address,
        Port = source.Port == 0 ? null : source.Port,
        Pool = source.Pool,
        Mode = source.Mode switch
        {
            Source.Types.Mode.Server => "server",
            Source.Types.Mode.PoolMember => "pool_member",
            Source.Types.Mode.Local => "local",
            Source.Types.Mode.Ptp => "ptp",
            Source.Types.Mode.Phc => "phc",
            _ => "unknown",
        },
        Online = source.Online,
        Stratum = source.Stratum,
        ReferenceId = Units.ReferenceId(source.ReferenceId, source.Stratum),
        PollLog2S = source.PollLog2S,
        Reach = source.Reach,
        LastReceivedAgoS = JsonValue.Seconds(source.LastReceivedAgo),
        LastOffsetS = JsonValue.Seconds(source.LastOffset),
        LastDelayS = JsonValue.Seconds(source.LastDelay),
        EstimatedOffsetS = JsonValue.Seconds(source.EstimatedOffset),
        SigmaS = JsonValue.Seconds(source.Sigma),
        JitterS = JsonValue.Seconds(source.JitterS),
        BoundS = JsonValue.Seconds(source.Bound),
        FrequencyPpb = JsonValue.Number(source.FrequencyPpb),
        SkewPpb = JsonValue.Number(source.SkewPpb),
        Samples = source.Samples,
        SpanS = JsonValue.Seconds(source.Span),
        RootDelayS = JsonValue.Seconds(source.RootDelay),
        RootDispersionS = JsonValue.Seconds(source.RootDispersion),
        Interleaved = source.Interleaved,
        Weight = JsonValue.Number(source.Weight),
        Verdict = JsonValue.Word(SourceViews.InWords(source.Verdict)),
        Reason = source.Reason,
        Sent = source.Sent,
        Received = source.Received,
        Refused = source.Refused,
        LastRefusal = source.LastRefusal,
        Leap = Units.Leap(source.Leap),
        Options = source.Options,
        Stamps = source.Stamps,
    };
}

internal sealed record SourcesJson(IReadOnlyList<SourceJson> Sources)
{
    public static SourcesJson From(IEnumerable<Source> sources) => new([.. sources.Select(SourceJson.From)]);
}

/// <summary>One line of <c>timectl watch --json</c>.</summary>
internal sealed record SnapshotJson(TrackingJson Tracking, IReadOnlyList<SourceJson> Sources);
