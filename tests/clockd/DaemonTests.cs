using System.Diagnostics;
using Grpc.Core;
using TimeSuite.Linux;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Time;
using WireLeap = TimeSuite.Rpc.Time.V1.LeapSecond;

namespace TimeSuite.Clockd.Tests;

/// <summary>The real daemon over its real socket.</summary>
public sealed class DaemonTests
{
    private static Rpc.Time.V1.Duration Seconds(double seconds) => Duration.FromSeconds(seconds).ToWire();

    [Fact]
    public async Task Describe_tells_what_there_is()
    {
        using var clockd = new RunningClockd("--shadow-offset", "50ms", "--shadow-frequency", "30ppm");
        var reply = await clockd.Client.DescribeAsync(new());

        var clock = Assert.Single(reply.Clocks);
        Assert.Equal((ClockDescription.Types.Kind.Shadow, "system", ""), (clock.Kind, clock.Id, clock.Holder));
        Assert.Equal(("default", 500_000.0, 3u), (reply.Policy.Name, reply.Policy.MaxFrequencyPpb, reply.Counters.BootStepsLeft));
        using var page = clockd.OpenPage();
        Assert.True(page.TryRead(out var reading));
        var now = Moment.Now();
        Assert.True(reading.TryMap(now.Raw, now.Suspended, out var shown, out _));
        Assert.InRange((shown - now.Realtime).Seconds, 0.049, 0.06);
        Assert.Equal(0, clockd.Stop());
    }

    [Fact]
    public async Task A_second_Steer_is_refused_with_the_holders_name_also_on_the_same_connection()
    {
        using var clockd = new RunningClockd();
        using var first = await clockd.SteerAsync();
        using var second = new Holder(clockd.Client.Steer());
        await second.SendAsync(new() { Open = new() { ClockId = "system" } });
        var status = await second.EndAsync();

        Assert.Equal(StatusCode.FailedPrecondition, status.StatusCode);
        Assert.Contains(FormattableString.Invariant($"uid {Users.Own} pid {Environment.ProcessId} (test)"), status.Detail, StringComparison.Ordinal);
        Assert.Equal(0, (await first.AskAsync(new() { Renew = new() })).Code); // the first one is unharmed
    }

    [Fact]
    public async Task What_policy_forbids_gets_the_right_status_and_the_clock_is_unchanged()
    {
        using var clockd = new RunningClockd();
        using var page = clockd.OpenPage();
        using var holder = await clockd.SteerAsync();
        Assert.Equal(0, (await holder.AskAsync(new() { Announce = new() { Synchronized = true, Bound = Seconds(0.001), Interval = Seconds(64) } })).Code);
        Assert.True(page.TryRead(out var before));
        bool isLeapDay = DateTime.UtcNow is { Month: 6, Day: 30 } or { Month: 12, Day: 31 };
        (StatusCode Code, SteerRequest Request)[] abuses =
        [
            (StatusCode.FailedPrecondition, new() { Step = new() { Offset = Seconds(0.5) } }),
            (StatusCode.OutOfRange, new() { Step = new() { Offset = new() { Seconds = long.MaxValue, Fraction = ulong.MaxValue } } }),
            (StatusCode.OutOfRange, new() { Step = new() { Offset = new() { Seconds = long.MinValue } } }),
            (StatusCode.InvalidArgument, new() { Adjust = new() { FrequencyPpb = double.NaN } }),
            (StatusCode.OutOfRange, new() { Adjust = new() { FrequencyPpb = 1e300 } }),
            (StatusCode.InvalidArgument, new() { Adjust = new() { FrequencyPpb = double.NegativeInfinity } }),
            (StatusCode.InvalidArgument, new() { Adjust = new() { Phase = Seconds(0.001), PhaseDuration = Seconds(-1) } }),
            (StatusCode.FailedPrecondition, new() { Adjust = new() { Phase = Seconds(1.5) } }),
            (StatusCode.OutOfRange, new() { Adjust = new() { Phase = new() { Seconds = long.MaxValue } } }),
            (StatusCode.InvalidArgument, new() { Adjust = new() { FrequencyPpb = 1, BaseFrequencyPpb = 2 } }),
            (StatusCode.OutOfRange, new() { Announce = new() { Bound = Seconds(1), Interval = Seconds(64), TaiOffsetS = 100_000 } }),
            (StatusCode.InvalidArgument, new() { Announce = new() { Bound = Seconds(-1), Interval = Seconds(64) } }),
            (StatusCode.InvalidArgument, new() { Announce = new() { Bound = Seconds(1), Interval = Seconds(64), BoundGrowthPpb = double.NaN } }),
            (StatusCode.OutOfRange, new() { Announce = new() }),
            (StatusCode.InvalidArgument, new() { Announce = new() { Bound = Seconds(1), Interval = Seconds(64), Leap = (WireLeap)7 } }),
            (StatusCode.DeadlineExceeded, new() { Renew = new(), NotAfter = Seconds(0.001) }),
            (StatusCode.OutOfRange, new() { Renew = new(), NotAfter = new() { Seconds = long.MaxValue } }),
            (StatusCode.InvalidArgument, new() { Open = new() { ClockId = "system" } }),
            (StatusCode.InvalidArgument, new()),
            .. isLeapDay ? [] : new[] { (StatusCode.FailedPrecondition, new SteerRequest { Announce = new() { Bound = Seconds(1), Interval = Seconds(64), Leap = WireLeap.Insert } }) },
        ];
        foreach (var (code, request) in abuses)
        {
            var reply = await holder.AskAsync(request);
            Assert.Equal((code, request), ((StatusCode)reply.Code, request));
            Assert.NotEqual("", reply.Message);
        }

        Assert.True(page.TryRead(out var after));
        Assert.Equal(before.Segments(), after.Segments());
        Assert.Equal((before.TaiOffset, before.Leap, before.StepGeneration), (after.TaiOffset, after.Leap, after.StepGeneration));
        var refusals = Events(clockd.Client.Watch(new() { Backlog = 1024 }), abuses.Length, Event.Types.Kind.Refusal);
        Assert.Equal(abuses.Length, (await refusals).Count);
        Assert.Equal((ulong)abuses.Length, (await clockd.Client.DescribeAsync(new())).Counters.Refusals);
    }

    [Theory]
    [InlineData(StatusCode.InvalidArgument, false)]
    [InlineData(StatusCode.NotFound, true)]
    public async Task A_call_has_to_begin_with_Open_of_a_clock_that_exists(StatusCode code, bool opens)
    {
        using var clockd = new RunningClockd();
        using var call = new Holder(clockd.Client.Steer());
        await call.SendAsync(opens ? new() { Open = new() { ClockId = "sundial" } } : new() { Renew = new() });

        Assert.Equal(code, (await call.EndAsync()).StatusCode);
    }

    [Fact]
    public async Task A_sequence_that_does_not_rise_ends_the_call()
    {
        using var clockd = new RunningClockd();
        using var holder = await clockd.SteerAsync();
        await holder.Call.RequestStream.WriteAsync(new() { Sequence = 1, NotAfter = Holder.InTime, Renew = new() });

        Assert.Equal(StatusCode.InvalidArgument, (await holder.EndAsync()).StatusCode);
    }

    [Fact]
    public async Task Permits_have_a_longest_window_and_are_good_for_one_step()
    {
        using var clockd = new RunningClockd();
        using var holder = await clockd.SteerAsync();
        await holder.AskAsync(new() { Announce = new() { Synchronized = true, Bound = Seconds(0.001), Interval = Seconds(64) } });
        var tooLong = await Assert.ThrowsAsync<RpcException>(async () =>
            await clockd.Client.PermitStepAsync(new() { ClockId = "system", MaxSize = Seconds(1), Window = Seconds(3601) }));
        Assert.Equal(StatusCode.OutOfRange, tooLong.StatusCode);
        await clockd.Client.PermitStepAsync(new() { ClockId = "system", MaxSize = Seconds(1), Window = Seconds(60) });

        var reply = await holder.AskAsync(new() { Step = new() { Offset = Seconds(-0.5) } });
        Assert.Equal((0, 1UL, 0u), (reply.Code, reply.Accepted.StepGeneration, reply.Accepted.StepsLeft));
        Assert.Equal((int)StatusCode.FailedPrecondition, (await holder.AskAsync(new() { Step = new() { Offset = Seconds(-0.5) } })).Code);
    }

    [Fact]
    public async Task Kill_9_in_a_slew_makes_no_step_and_the_page_goes_on()
    {
        using var clockd = new RunningClockd("--shadow-frequency", "30ppm");
        using var page = clockd.OpenPage();
        using var holder = await clockd.SteerAsync();
        Assert.Equal(0, (await holder.AskAsync(new() { Adjust = new() { FrequencyPpb = -30_000, Phase = Seconds(0.2) } })).Code);
        clockd.Kill();
        Assert.True(page.TryRead(out var dead));
        var segments = dead.Segments();
        var end = segments[^1].Start;
        Assert.True(dead.TryMap(end + Duration.FromSeconds(1000L), Clocks.Suspended(), out var afterEnd, out _));
        Assert.True(dead.TryMap(end, Clocks.Suspended(), out var atEnd, out _));
        Assert.Equal(1000, (afterEnd - atEnd).Seconds, precision: 6); // it would stop at the planned end

        clockd.Restart();
        Assert.True(page.TryRead(out var alive)); // through the old mapping
        Assert.Equal(segments, alive.Segments());
        using var again = await clockd.SteerAsync();
        var reply = await again.AskAsync(new() { Adjust = new() { FrequencyPpb = -30_000, Phase = Seconds(0) } });
        Assert.True(page.TryRead(out var after));
        var at = reply.Accepted.EffectiveRaw.ToInstant<Raw>();
        Assert.True(alive.TryMap(at, Clocks.Suspended(), out var was, out _));
        Assert.True(after.TryMap(at, Clocks.Suspended(), out var now, out _));
        Assert.Equal(was, now);
    }

    [Fact]
    public async Task End_slews_ends_what_a_killed_clockd_left_and_nothing_else()
    {
        using var clockd = new RunningClockd();
        using var page = clockd.OpenPage();
        using var holder = await clockd.SteerAsync();
        await holder.AskAsync(new() { Announce = new() { Synchronized = true, Bound = Seconds(0.001), Interval = Seconds(1000), TaiOffsetS = 37 } });
        await holder.AskAsync(new() { Adjust = new() { FrequencyPpb = 1000, Phase = Seconds(0.9) } });
        clockd.Kill();
        Assert.Equal(0, clockd.EndSlews());

        Assert.True(page.TryRead(out var reading));
        Assert.Equal((Duration.Zero, 37), (reading.PendingPhase, reading.TaiOffset));
        Assert.Equal(1, reading.Frequency.Ppm, precision: 9);
        Assert.True(reading.IsSynchronizedAt(Clocks.Raw(), Clocks.Suspended()));
    }

    /// <summary>SIGSTOP of clockd for longer than the lease: what was queued meanwhile is not applied.</summary>
    [Fact]
    public async Task Stopped_and_continued_it_applies_nothing_that_was_queued()
    {
        using var clockd = new RunningClockd();
        using var page = clockd.OpenPage();
        using var holder = await clockd.SteerAsync();
        await holder.AskAsync(new() { Adjust = new() { Phase = Seconds(0.9) } });
        clockd.Signal("STOP");
        var patient = (Clocks.Boot() + Duration.FromSeconds(3600L)).ToWire();
        for (int queued = 0; queued < 5; queued++)
        {
            await holder.SendAsync(new() { NotAfter = patient, Adjust = new() { FrequencyPpb = 400_000 } });
        }

        var stopped = Stopwatch.StartNew();
        while (stopped.Elapsed < TimeSpan.FromSeconds(11))
        {
            await Task.Delay(200); // the lease is real time here: 10 s
        }

        clockd.Signal("CONT");
        Assert.Equal(StatusCode.DeadlineExceeded, (await holder.EndAsync()).StatusCode);
        var description = (await clockd.Client.DescribeAsync(new())).Clocks[0];
        Assert.Equal((0.0, Duration.Zero, ""), (description.FrequencyPpb, description.PendingPhase.ToDomain(), description.Holder));
        Assert.True(page.TryRead(out var reading));
        Assert.Equal(Duration.Zero, reading.PendingPhase);
    }

    [Fact]
    public async Task Watch_gives_the_past_and_then_what_comes()
    {
        using var clockd = new RunningClockd();
        using var holder = await clockd.SteerAsync();
        using var watch = clockd.Client.Watch(new() { Backlog = 10 });
        Assert.True(await watch.ResponseStream.MoveNext());
        Assert.Equal(Event.Types.Kind.Start, watch.ResponseStream.Current.Kind);
        Assert.True(await watch.ResponseStream.MoveNext());
        Assert.Equal(Event.Types.Kind.Lease, watch.ResponseStream.Current.Kind);
        await holder.AskAsync(new() { Adjust = new() { FrequencyPpb = 123 } });
        Assert.True(await watch.ResponseStream.MoveNext());
        Assert.Equal((Event.Types.Kind.Adjust, 123.0), (watch.ResponseStream.Current.Kind, Math.Round(watch.ResponseStream.Current.FrequencyPpb, 6)));
    }

    [Fact]
    public async Task A_giant_message_is_refused_and_clockd_lives()
    {
        using var clockd = new RunningClockd();
        using var call = new Holder(clockd.Client.Steer());
        try
        {
            await call.SendAsync(new() { Open = new() { ClockId = "system", Client = new string('x', 100_000) } });
        }
        catch (RpcException)
        {
            // The answer may come before all of it is sent.
        }

        Assert.Equal(StatusCode.ResourceExhausted, (await call.EndAsync()).StatusCode);
        Assert.NotNull(await clockd.Client.DescribeAsync(new()));
    }

    [Fact]
    public async Task A_third_connection_of_one_user_is_closed()
    {
        using var clockd = new RunningClockd();
        await clockd.Client.DescribeAsync(new()); // one connection
        using var second = UnixChannel.Open(clockd.SocketPath);
        await new Rpc.Clock.V1.Clock.ClockClient(second).DescribeAsync(new());
        using var third = UnixChannel.Open(clockd.SocketPath);

        await Assert.ThrowsAsync<RpcException>(async () =>
            await new Rpc.Clock.V1.Clock.ClockClient(third).DescribeAsync(new(), deadline: DateTime.UtcNow.AddSeconds(5)));
    }

    [Fact]
    public void Without_CAP_SYS_TIME_the_systems_clock_is_not_offered()
    {
        using var clockd = RunningClockd.StartWithoutPower("dotnet", Path.Combine(AppContext.BaseDirectory, "clockd.dll"),
            "--runtime-dir", Path.Combine(Path.GetTempPath(), $"none-{Guid.NewGuid():N}/run"), "--state-dir", Path.Combine(Path.GetTempPath(), $"none-{Guid.NewGuid():N}/state"));
        string errors = clockd.StandardError.ReadToEnd();
        clockd.WaitForExit();

        Assert.Equal(1, clockd.ExitCode);
        Assert.Contains("CAP_SYS_TIME is missing", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("need --clock shadow", "--same-uid-roles")]
    [InlineData("and not 'grandfather'", "--clock", "grandfather")]
    [InlineData("need --clock shadow", "--shadow-offset", "50ms")]
    [InlineData("'much' is no time", "--clock", "shadow", "--shadow-offset", "much")]
    [InlineData("'2000ppm' is no rate up to 1000ppm", "--clock", "shadow", "--shadow-frequency", "2000ppm")]
    public void Arguments_that_make_no_sense_are_told(string said, params string[] arguments)
    {
        string folder = Path.Combine(Path.GetTempPath(), $"none-{Guid.NewGuid():N}");
        using var clockd = RunningClockd.StartWithoutPower("dotnet", [Path.Combine(AppContext.BaseDirectory, "clockd.dll"), "--runtime-dir", folder, "--state-dir", folder, .. arguments]);
        string errors = clockd.StandardError.ReadToEnd();
        clockd.WaitForExit();

        Assert.Equal(2, clockd.ExitCode);
        Assert.Contains("wrong arguments: ", errors, StringComparison.Ordinal);
        Assert.Contains(said, errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Relative_directories_are_as_good_as_absolute_ones()
    {
        var folder = Directory.CreateTempSubdirectory("clockd");
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, folder.FullName);
        using var clockd = RunningClockd.StartWithoutPower("dotnet", Path.Combine(AppContext.BaseDirectory, "clockd.dll"),
            "--clock", "shadow", "--same-uid-roles", "--runtime-dir", relative, "--state-dir", relative);
        string socket = Path.Combine(folder.FullName, "clockd/clockd.sock");
        for (int attempt = 0; attempt < 600 && !File.Exists(socket) && !clockd.HasExited; attempt++)
        {
            Thread.Sleep(50);
        }

        bool isThere = File.Exists(socket);
        clockd.Kill();
        string errors = clockd.StandardError.ReadToEnd();
        clockd.WaitForExit();
        folder.Delete(recursive: true);

        Assert.True(isThere, errors);
    }

    [Fact]
    public void A_directory_too_long_for_a_socket_gets_a_sentence()
    {
        var folder = Directory.CreateTempSubdirectory("clockd");
        string tooLong = Path.Combine(folder.FullName, new string('x', 100));
        using var clockd = RunningClockd.StartWithoutPower("dotnet", Path.Combine(AppContext.BaseDirectory, "clockd.dll"),
            "--clock", "shadow", "--same-uid-roles", "--runtime-dir", tooLong, "--state-dir", folder.FullName);
        string errors = clockd.StandardError.ReadToEnd();
        clockd.WaitForExit();
        folder.Delete(recursive: true);

        Assert.Equal(1, clockd.ExitCode);
        Assert.Contains("at most 107", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    /// <summary>uid 65534 connects and says the HTTP/2 preface: the connection ends without an octet in return.</summary>
    [RootFact]
    public async Task A_strangers_connection_ends_without_a_frame()
    {
        using var clockd = new RunningClockd();
        Assert.Equal(["0"], CProgram.Run(CProgram.Compile("stranger", clockd.Folder), clockd.SocketPath));
        var refusal = Assert.Single(await Events(clockd.Client.Watch(new() { Backlog = 100 }), 1, Event.Types.Kind.Refusal));
        Assert.StartsWith("uid 65534", refusal.Who, StringComparison.Ordinal);
    }

    private static async Task<List<Event>> Events(AsyncServerStreamingCall<Event> watch, int count, Event.Types.Kind kind)
    {
        using (watch)
        {
            var found = new List<Event>();
            while (found.Count < count && await watch.ResponseStream.MoveNext())
            {
                if (watch.ResponseStream.Current.Kind == kind)
                {
                    found.Add(watch.ResponseStream.Current);
                }
            }

            return found;
        }
    }
}
