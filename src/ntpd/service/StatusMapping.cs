using TimeSuite.Config;
using TimeSuite.Discipline;
using TimeSuite.Linux;
using TimeSuite.Ntp;
using TimeSuite.Ntpd.Clock;
using TimeSuite.Ntpd.Hardware;
using TimeSuite.Ntpd.Ptp;
using TimeSuite.Ntpd.Serving;
using TimeSuite.Ntpd.Sources;
using TimeSuite.Rpc;
using TimeSuite.Time;
using Wire = TimeSuite.Rpc.Ntp.V1;

namespace TimeSuite.Ntpd.Service;

/// <summary>What ntpd knows, in the words of timesuite.ntp.v1. Translation only.</summary>
internal static class StatusMapping
{
    public static Wire.Source ToWire(ConfiguredSource source) => new()
    {
        Name = source.Config.Name,
        Port = (uint)source.Config.Port,
        Pool = source.Config.Kind == SourceConfig.SourceKind.Pool ? source.Config.Name : "",
        Mode = ModeOf(source.Config),
        Online = source.IsOnline,
        Verdict = source.IsOnline ? Wire.Verdict.Unreachable : Wire.Verdict.Offline,
        Reason = source.IsOnline ? source.ResolveFailure ?? "the name is being resolved" : "switched off (timectl online switches it on)",
        Options = OptionsOf(source.Config),
        PollLog2S = source.Config.MinPoll,
    };

    public static Wire.Source ToWire(SourceSession session, SourceReport? report, Instant<Raw> now)
    {
        var association = session.Association;
        var wire = new Wire.Source
        {
            Name = session.Config.Name,
            Port = session.Address.Port,
            Address = session.Address.ToIPAddress().ToString(),
            Pool = session.Config.Kind == SourceConfig.SourceKind.Pool ? session.Config.Name : "",
            Mode = ModeOf(session.Config),
            Online = association.IsOnline,
            PollLog2S = association.PollExponent,
            Reach = association.Reach.Bits,
            Sent = association.Counters.Sent,
            Received = association.Counters.Received,
            Refused = association.Counters.Refused,
            LastRefusal = association.Counters.LastRefusal?.Words() ?? session.SendFailure ?? "",
            Options = OptionsOf(session.Config),
            Verdict = Wire.Verdict.TooFewSamples,
            Reason = session.SendFailure ?? "no answer yet",
        };
        if (session.Last is { } last)
        {
            wire.Stratum = (uint)last.Stratum;
            wire.ReferenceId = last.ReferenceId.Bits;
            wire.LastReceivedAgo = (now - last.Received.At).ToWire();
            wire.LastDelay = last.Delay.ToWire();
            wire.RootDelay = last.RootDelay.ToWire();
            wire.RootDispersion = last.RootDispersion.ToWire();
            wire.Interleaved = last.Interleaved;
            wire.Leap = last.Leap switch
            {
                LeapIndicator.Insert => Rpc.Time.V1.LeapSecond.Insert,
                LeapIndicator.Delete => Rpc.Time.V1.LeapSecond.Delete,
                _ => Rpc.Time.V1.LeapSecond.None,
            };
            wire.Stamps = last.Sent.Source < last.Received.Source ? Word(last.Sent.Source) : Word(last.Received.Source);
        }

        if (report is not null)
        {
            Fill(wire, report);
            wire.Reason = session.SendFailure is { } failure ? $"cannot be asked: {failure}" : wire.Reason;
        }

        return wire;
    }

    public static Wire.Source ToWire(PtpSource port, SourceReport? report, Instant<Raw> now)
    {
        var wire = new Wire.Source
        {
            Name = port.Name,
            Address = port.Master?.Identity ?? "",
            Mode = Wire.Source.Types.Mode.Ptp,
            Online = true,
            Reach = port.Master is null ? 0u : 0xFF,
            Received = port.Samples,
            Stamps = "kernel",
            Verdict = port.Master is null ? Wire.Verdict.Unreachable : Wire.Verdict.TooFewSamples,
            Reason = port.Doubt ?? "nothing measured yet",
        };
        if (port.Master is { } master)
        {
            wire.Stratum = (uint)port.State.Stratum;
            wire.ReferenceId = ReferenceId.FromAscii("PTP").Bits;
            wire.Leap = master.Leap.ToWire();
            wire.RootDispersion = (master.Accuracy ?? PtpSource.UnknownAccuracy).ToWire();
        }

        return Filled(wire, report, port.Doubt, port.LastSample is { } last ? now - last : null);
    }

    public static Wire.Source ToWire(PhcSource phc, SourceReport? report, Instant<Raw> now)
    {
        var wire = new Wire.Source
        {
            Name = phc.Name,
            Address = phc.Config.Name,
            Mode = Wire.Source.Types.Mode.Phc,
            Online = true,
            Reach = phc.Doubt is null ? 0xFFu : 0,
            Received = phc.Samples,
            Stamps = "hardware",
            Stratum = (uint)phc.State.Stratum,
            ReferenceId = ReferenceId.FromAscii("PHC").Bits,
            RootDispersion = phc.Config.Accuracy.ToWire(),
            Options = OptionsOf(phc.Config with { Iburst = false }),
            Verdict = phc.Doubt is null ? Wire.Verdict.TooFewSamples : Wire.Verdict.Unreachable,
            Reason = phc.Doubt ?? "nothing measured yet",
        };
        return Filled(wire, report, phc.Doubt, phc.LastSample is { } last ? now - last : null);
    }

    /// <summary>What is the same of all that is no server: when it was heard, and what came of it.</summary>
    private static Wire.Source Filled(Wire.Source wire, SourceReport? report, string? doubt, Duration? ago)
    {
        if (ago is { } heard)
        {
            wire.LastReceivedAgo = heard.ToWire();
        }

        if (report is not null)
        {
            Fill(wire, report);
            wire.Reason = doubt ?? wire.Reason;
        }

        return wire;
    }

    /// <param name="steering">What was found and what clockd says.</param>
    /// <param name="clock">The steered clock.</param>
    /// <param name="reference">What it follows.</param>
    /// <param name="local">If it serves without.</param>
    /// <param name="weighed">The clock as it was read when the present outcome was found; null: unknown.</param>
    /// <param name="now">Now.</param>
    public static Wire.Tracking ToWire(Steering steering, SteeredClock clock, Reference? reference, LocalConfig? local, LocalClock? weighed, Instant<Raw> now)
    {
        var wire = new Wire.Tracking
        {
            Stratum = 16,
            ClockdConnected = steering.IsConnected,
            ClockdReason = steering.LostReason is { } lost && !lost.StartsWith(ClockLink.NoAnswer, StringComparison.Ordinal) ? lost : "",
            ClockKind = clock.Kind == TimePageKind.Shadow ? "shadow" : "system",
            TaiOffsetS = steering.TaiOffset ?? 0,
            Explanation = steering.LostReason ?? "waiting for the first samples",
            Bound = Duration.FromSeconds(16L).ToWire(),
        };
        bool isRead = clock.TryRead(out var reading);
        if (isRead)
        {
            wire.PendingPhase = reading.PendingPhase.ToWire();
            wire.FrequencyPpb = reading.Frequency.Ppb;
        }

        if (steering.Outcome is not { } outcome)
        {
            return wire;
        }

        var tracking = outcome.Tracking;
        var offset = isRead && weighed is { } then ? OffsetNow(tracking.Offset, tracking.Frequency, then, reading) : tracking.Offset;
        // What clockd publishes counts: it has the pending phase in it, and it may not have believed us.
        wire.Synchronized = clock.TryReadBound(now, out var bound) && outcome.Announcement.Synchronized;
        var known = outcome.Announcement.Synchronized ? outcome.Announcement.Bound + offset.Magnitude : Duration.FromSeconds(16L);
        wire.Bound = (wire.Synchronized ? bound : known).ToWire();
        wire.Leap = outcome.Announcement.Leap.ToWire();
        wire.Sigma = outcome.Announcement.Sigma.ToWire();
        wire.Holdover = tracking.Holdover;
        wire.Alarm = outcome.Alarm ?? "";
        wire.Jump = outcome.Jump?.ToWire();
        wire.Explanation = steering.IsConnected || steering.LostReason is null
            ? tracking.Explanation
            : $"{tracking.Explanation}; the clock is not steered: {steering.LostReason}";
        if (outcome.Accuracy is { } accuracy)
        {
            wire.AccuracyTarget = accuracy.Target.ToWire();
            wire.AccuracyExpected = accuracy.Expected.ToWire();
            wire.AccuracyMet = accuracy.IsMet;
            wire.AccuracyReason = accuracy.Reason;
        }

        if (tracking.ReferenceTime is { } time) // else nothing has been measured
        {
            wire.ReferenceTime = time.ToWire();
            wire.UpdateInterval = tracking.UpdateInterval.Sign > 0 ? tracking.UpdateInterval.ToWire() : null; // else there was one update only
            wire.Offset = offset.ToWire();
            wire.LastOffset = tracking.LastOffset.ToWire();
            wire.RmsOffset = tracking.RmsOffset.ToWire();
            wire.ResidualFrequencyPpb = tracking.ResidualFrequency.Ppb;
            wire.SkewPpb = tracking.Skew.Ppb;
            wire.RootDelay = tracking.RootDelay.ToWire();
            wire.RootDispersion = tracking.RootDispersion.ToWire();
        }

        if (reference is not null && wire.Synchronized)
        {
            wire.ReferenceName = reference.Name;
            wire.ReferenceId = reference.ReferenceId.Bits;
            wire.Stratum = (uint)reference.Stratum;
        }
        else if (local is not null)
        {
            wire.ReferenceName = "local";
            wire.ReferenceId = ReferenceId.FromAscii("LOCL").Bits;
            wire.Stratum = (uint)local.Stratum;
            wire.Explanation = $"no source: serving the local clock at stratum {local.Stratum}";
        }

        return wire;
    }

    /// <summary>True time minus the clock, now: what has been slewed off since it was weighed up is gone.</summary>
    /// <param name="offset">As it was found.</param>
    /// <param name="rate">UTC gained per raw second, by the estimate.</param>
    /// <param name="then">The clock when that was found.</param>
    /// <param name="now">The clock now.</param>
    internal static Duration OffsetNow(Duration offset, FrequencyOffset rate, in LocalClock then, in LocalClock now)
    {
        var passed = now.At - then.At;
        return offset + passed + passed.At(rate) - (now.Reading - then.Reading);
    }

    private static void Fill(Wire.Source wire, SourceReport report)
    {
        wire.Verdict = (Wire.Verdict)(int)report.Verdict;
        wire.Reason = report.Alarm ?? report.Reason;
        wire.Weight = report.Weight;
        if (report.LastOffset is { } lastOffset)
        {
            wire.LastOffset = lastOffset.ToWire();
        }

        if (report.LastDelay is { } lastDelay)
        {
            wire.LastDelay = lastDelay.ToWire();
        }

        if (report.Offset is { } offset)
        {
            wire.EstimatedOffset = offset.ToWire();
        }

        if (report.Estimate is { } estimate)
        {
            wire.Sigma = estimate.Covariance.OffsetSigma.ToWire();
            wire.Bound = estimate.MaxError.ToWire();
            wire.FrequencyPpb = estimate.Rate.Ppb;
            wire.SkewPpb = estimate.Covariance.RateSigma.Ppb;
            wire.Samples = (uint)estimate.SampleCount;
            wire.Span = estimate.Span.ToWire();
            wire.JitterS = estimate.Jitter.Seconds;
        }
    }

    private static Wire.Source.Types.Mode ModeOf(SourceConfig config) =>
        config.Kind == SourceConfig.SourceKind.Pool ? Wire.Source.Types.Mode.PoolMember : Wire.Source.Types.Mode.Server;

    private static string Word(StampSource source) => source switch
    {
        StampSource.Hardware => "hardware",
        StampSource.Kernel => "kernel",
        _ => "daemon",
    };

    private static string OptionsOf(SourceConfig config)
    {
        (bool Set, string Word)[] words =
        [
            (config.Prefer, "prefer"), (config.NoSelect, "noselect"), (config.Trust, "trust"), (config.Require, "require"),
            (config.Iburst, "iburst"), (config.Burst, "burst"), (config.Interleaved, "interleaved"),
            (config.Key != 0, FormattableString.Invariant($"key {config.Key}")),
        ];
        return string.Join(' ', words.Where(word => word.Set).Select(word => word.Word));
    }
}
