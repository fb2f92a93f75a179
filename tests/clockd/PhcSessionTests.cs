using System.ComponentModel;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using TimeSuite.Linux;
using TimeSuite.Policy;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Time;
using Duration = TimeSuite.Time.Duration;

namespace TimeSuite.Clockd.Tests;

public sealed class PhcSessionTests : IDisposable
{
    private const string Id = "phc:test";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("timesuite-phc-");
    private readonly AuditTrail _audit = new(NullLogger.Instance);
    private readonly MadeUpClock _device = new();
    private Moment _now = new(new(Duration.FromSeconds(100L)), new(Duration.FromSeconds(100L)), new(Duration.FromSeconds(1_800_000_000L)), default);
    private ulong _sequence;

    private string File => Path.Combine(_folder.FullName, "phc.pulses");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_frequency_goes_to_the_device_and_stays_there()
    {
        using var call = Open(Session());
        var reply = Adjust(call, 12_500);
        Assert.Equal(12_500, reply.Accepted.FrequencyPpb);
        Assert.Equal(12.5, _device.Frequency.Ppm, 9);
        Assert.False(System.IO.File.Exists(File));
    }

    [Fact]
    public void A_pulse_is_on_file_before_it_begins_and_ends_by_itself()
    {
        using var call = Open(Session());
        _device.Changing = () => Assert.Contains(Id, System.IO.File.ReadAllText(File), StringComparison.Ordinal);
        Adjust(call, 10_000, phase: 2e-6, duration: 2);
        Assert.Equal(11, _device.Frequency.Ppm, 9);

        _device.Changing = () => { };
        Pass(2.1);
        Renew(call);
        Assert.Equal(10, _device.Frequency.Ppm, 9);
        Assert.Empty(System.IO.File.ReadAllText(File));
    }

    [Fact]
    public void The_pulse_of_a_killed_clockd_is_undone_by_the_next()
    {
        var call = Open(Session()); // never closed: killed
        Adjust(call, 20_000, fallback: 7_000);
        Assert.Equal(20, _device.Frequency.Ppm, 9);

        using var next = Open(Session());
        Assert.Equal(7, _device.Frequency.Ppm, 9);
        Assert.Empty(System.IO.File.ReadAllText(File));
    }

    [Fact]
    public void A_holder_that_leaves_leaves_the_frequency_that_it_named()
    {
        var call = Open(Session());
        Adjust(call, 20_000, fallback: 7_000);
        call.Dispose();
        Assert.Equal(7, _device.Frequency.Ppm, 9);
        Assert.True(_device.IsClosed);
    }

    [Fact]
    public void A_silent_holder_of_a_pulse_loses_the_lease_and_one_of_a_steady_clock_does_not()
    {
        using var call = Open(Session());
        Adjust(call, 20_000);
        Pass(3_600);
        Adjust(call, 20_000, fallback: 7_000);
        Pass(11);
        Assert.Equal(StatusCode.DeadlineExceeded, Assert.Throws<RpcException>(() => Renew(call)).StatusCode);
        Assert.Equal(7, _device.Frequency.Ppm, 9);
    }

    [Fact]
    public void An_unplugged_clock_ends_the_call_and_another_attempt_finds_it_again()
    {
        var session = Session();
        using var call = Open(session);
        Adjust(call, 1_000);
        _device.IsGone = true;
        Assert.Equal(StatusCode.Unavailable, Assert.Throws<RpcException>(() => Adjust(call, 2_000)).StatusCode);
        Assert.Equal(StatusCode.Unavailable, Assert.Throws<RpcException>(() => Open(session)).StatusCode);
        _device.IsGone = false;
        using var again = Open(session);
        Adjust(again, 3_000);
        Assert.Equal(3, _device.Frequency.Ppm, 9);
    }

    [Fact]
    public void What_policy_forbids_does_not_reach_the_device()
    {
        using var call = Open(Session());
        Assert.Equal((int)StatusCode.OutOfRange, Answer(call, new() { Adjust = new() { FrequencyPpb = 2e6 } }).Code);
        Assert.Equal((int)StatusCode.InvalidArgument, Answer(call, new() { Adjust = new() { FrequencyPpb = double.NaN } }).Code);
        Assert.Equal(FrequencyOffset.Zero, _device.Frequency);
    }

    [Fact]
    public void Two_holders_of_one_clock_there_are_not()
    {
        var session = Session();
        using var call = Open(session);
        Assert.Equal(StatusCode.FailedPrecondition, Assert.Throws<RpcException>(() => Open(session)).StatusCode);
    }

    [Fact]
    public void A_step_is_made_and_told_with_what_the_clock_shows_then()
    {
        using var call = Open(Session());
        var reply = Answer(call, new() { Step = new() { Offset = Duration.FromSeconds(-3.25).ToWire() } });
        Assert.Equal(0, reply.Code);
        Assert.Equal(-3.25, _device.Stepped.Seconds);
        Assert.True(reply.Accepted.ClockAtEffective.TryToDomain(out var shown));
        Assert.Equal(_device.ReadTime().SinceEpoch, shown);
        Assert.Equal(1UL, reply.Accepted.StepGeneration);
    }

    [Fact]
    public void Stamps_from_outside_are_on_until_the_lease_ends()
    {
        var call = Open(Session());
        Assert.Equal(0, Answer(call, new() { ExternalStamps = new() { On = true, Pin = 2 } }).Code);
        Assert.Equal((0, 2), _device.Stamps);
        Adjust(call, 1_000); // which does not end them
        Assert.NotNull(_device.Stamps);

        call.Dispose();
        Assert.Null(_device.Stamps);
        Assert.True(_device.IsClosed);
    }

    [Fact]
    public void What_the_device_cannot_stamp_is_said_and_the_lease_goes_on()
    {
        using var call = Open(Session());
        var refused = Answer(call, new() { ExternalStamps = new() { On = true, Channel = 1 } });
        Assert.Equal(((int)StatusCode.FailedPrecondition, "there is one channel, 0"), (refused.Code, refused.Message));
        Assert.Equal((int)StatusCode.InvalidArgument, Answer(call, new() { ExternalStamps = new() { On = true, Channel = uint.MaxValue } }).Code);
        Adjust(call, 1_000);
    }

    [Fact]
    public void Stamps_go_off_when_they_are_told_to()
    {
        using var call = Open(Session());
        Answer(call, new() { ExternalStamps = new() { On = true } });
        Answer(call, new() { ExternalStamps = new() });
        Assert.Null(_device.Stamps);
    }

    private PhcSession Session() => new(
        Id, _ => _device.IsGone ? throw new Win32Exception("there is no clock") : _device.Opened(), () => new(), new PulseFile(File, _audit), _audit, () => _now);

    private SteerCall Open(PhcSession session)
    {
        var call = new SteerCall(_ => session, "uid 994", () => { });
        Assert.Equal(0, Answer(call, new() { Open = new() { ClockId = Id } }).Code);
        return call;
    }

    private SteerReply Adjust(SteerCall call, double frequency, double? fallback = null, double phase = 0, double duration = 0)
    {
        var adjust = new Adjust { FrequencyPpb = frequency, Phase = Duration.FromSeconds(phase).ToWire(), PhaseDuration = Duration.FromSeconds(duration).ToWire() };
        if (fallback is { } rate)
        {
            adjust.BaseFrequencyPpb = rate;
        }

        var reply = Answer(call, new() { Adjust = adjust });
        Assert.True(reply.Code == 0, reply.Message);
        return reply;
    }

    private void Renew(SteerCall call) => Assert.Equal(0, Answer(call, new() { Renew = new() }).Code);

    private SteerReply Answer(SteerCall call, SteerRequest request)
    {
        request.Sequence = ++_sequence;
        request.NotAfter = (_now.Boot + Duration.FromSeconds(5L)).ToWire();
        return call.Answer(request);
    }

    private void Pass(double seconds)
    {
        var length = Duration.FromSeconds(seconds);
        _now = new(_now.Raw + length, _now.Boot + length, _now.Realtime + length, default);
    }

    private sealed class MadeUpClock : IHardwareClock
    {
        public bool IsGone { get; set; }

        public bool IsClosed { get; private set; }

        public FrequencyOffset Frequency { get; private set; }

        public Duration Stepped { get; private set; }

        public (int Channel, int? Pin)? Stamps { get; private set; }

        public Action Changing { get; set; } = () => { };

        public FrequencyOffset MaxFrequency => FrequencyOffset.FromPpm(60_000);

        public MadeUpClock Opened()
        {
            IsClosed = false;
            return this;
        }

        public Instant<Phc> ReadTime() => new(Duration.FromSeconds(1_800_000_037L) + Stepped);

        public FrequencyOffset ReadFrequency() => Frequency;

        public void SetFrequency(FrequencyOffset frequency)
        {
            Live();
            Changing();
            Frequency = frequency;
        }

        public void StepBy(Duration offset)
        {
            Live();
            Stepped += offset;
        }

        public bool TryStampExternally(int channel, int? pin, bool isOn, out string why)
        {
            why = channel == 0 ? "" : "there is one channel, 0";
            Stamps = channel != 0 ? Stamps : isOn ? (channel, pin) : null;
            return channel == 0;
        }

        public void Dispose() => IsClosed = true;

        private void Live()
        {
            if (IsGone)
            {
                throw new Win32Exception(19, "no such device");
            }
        }
    }
}
