using System.ComponentModel;
using Microsoft.Extensions.Logging;
using TimeSuite.Config;
using TimeSuite.Discipline;
using TimeSuite.Linux;
using TimeSuite.Ptpd.Hardware;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;
using Duration = TimeSuite.Time.Duration;

namespace TimeSuite.Ptpd.Tests;

/// <summary>A hardware clock between its servo, its device and clockd.</summary>
public sealed class SteeredPhcTests : IDisposable
{
    private readonly MadeUpDevice _device = new();
    private readonly MadeUpLink _link;
    private readonly SteeredPhc _clock;
    private readonly LinesOf _log = new();
    private int _stepped;

    public SteeredPhcTests()
    {
        _link = new(_device);
        _clock = new("phc:test", _link, _ => _device.IsThere ? _device : throw new Win32Exception("there is no clock"), Duration.FromNanoseconds(10_000_000), _log);
        _clock.Follow(new(PhcUpstream.Kinds.System, ""));
        _clock.Stepped += () => _stepped++;
    }

    public void Dispose() => _clock.Dispose();

    [Fact]
    public void Until_clockd_has_opened_it_nothing_is_steered_and_why_is_said()
    {
        Compare(20);

        Assert.Empty(_link.Requests);
        Assert.Equal("not opened by clockd yet", _clock.Trouble);
        Assert.False(_clock.IsGood);
    }

    [Fact]
    public void A_clock_that_is_far_off_is_stepped_once_and_then_turned_until_it_is_right()
    {
        _device.Shown = Duration.FromSeconds(-3.25);
        _device.Rate = 25e-6;
        _link.Open();
        Compare(120);

        Assert.Equal((1, 1), (_link.Requests.Count(request => request.Step is not null), _stepped));
        Assert.True(_clock.IsGood);
        Assert.InRange(_device.Shown.Seconds, -50e-9, 50e-9);
        Assert.InRange(_clock.Frequency.Ppm, -25.1, -24.9);
        Assert.True(_device.Shown.Magnitude <= _clock.Bound, $"{_device.Shown} off, {_clock.Bound} claimed");
    }

    [Fact]
    public void What_is_measured_before_clockd_has_answered_waits_for_the_answer()
    {
        _device.Shown = Duration.FromSeconds(-3.25);
        _link.Open();
        _link.IsSlow = true;
        Compare(20);
        int asked = _link.Requests.Count;
        Compare(20);
        Assert.Equal(asked, _link.Requests.Count); // the servo has not heard what was done, and says nothing new

        _link.IsSlow = false;
        _link.Answer();
        Compare(60);
        Assert.Equal(1, _stepped);
        Assert.InRange(_device.Shown.Seconds, -50e-9, 50e-9);
    }

    [Fact]
    public void A_step_by_somebody_elses_hand_is_noticed_and_taken_back()
    {
        _link.Open();
        Compare(60);
        _device.Shown += Duration.FromSeconds(0.5);
        Compare(1);
        Assert.Equal(2, _stepped); // who holds older stamps is told, each time
        Assert.Equal(2u, _clock.Steps.Count);
        Assert.InRange(_clock.Steps.Sum.Seconds, -1e-6, 1e-6);

        Compare(60);
        Assert.True(_clock.IsGood);
        Assert.InRange(_device.Shown.Seconds, -50e-9, 50e-9);
    }

    [Fact]
    public void What_is_not_worth_a_step_is_slewed_once_it_was_right()
    {
        _link.Open();
        Compare(60);
        _device.Shown += Duration.FromSeconds(0.005);
        Compare(60);

        Assert.DoesNotContain(_link.Requests, request => request.Step is not null);
        Assert.InRange(_device.Shown.Seconds, -50e-9, 50e-9);
    }

    [Fact]
    public void Where_clockd_allows_no_steps_it_is_slewed_and_that_is_asked_and_said_once()
    {
        _link.Refuses = request => request.Step is not null;
        _device.Shown = Duration.FromSeconds(-0.02);
        _link.Open();
        Compare(30);

        Assert.Single(_link.Requests, request => request.Step is not null);
        Assert.Single(_log.Lines, line => line.Contains("clockd refuses", StringComparison.Ordinal));
        Assert.Equal(0, _stepped);
        Compare(60);
        Assert.True(_clock.IsGood);
        Assert.InRange(_device.Shown.Seconds, -50e-9, 50e-9);
    }

    [Fact]
    public void A_minutes_refusals_of_anything_are_one_line()
    {
        _link.Refuses = _ => true;
        _link.Open();
        Compare(30);

        Assert.Single(_log.Lines, line => line.Contains("clockd refuses", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_clockd_nothing_is_vouched_for_and_when_it_is_back_the_servo_goes_on()
    {
        _device.Rate = 25e-6;
        _link.Open();
        Compare(60);
        int before = _stepped;
        _link.Lose("clockd does not answer");
        Assert.Equal("clockd does not answer", _clock.Trouble);
        Assert.False(_clock.IsGood);
        Compare(3); // it runs on at its last rate

        _link.Open();
        Compare(2);
        Assert.Null(_clock.Trouble);
        Assert.True(_clock.IsGood, "it knows its oscillator still");
        Assert.Equal(before, _stepped);
    }

    [Fact]
    public void One_that_is_unplugged_is_another_one_when_it_is_back()
    {
        _link.Open();
        Compare(60);
        _device.IsThere = false;
        Compare(1);
        Assert.Equal((null, null, true), (_clock.Last, _clock.Look, _device.IsClosed));

        _link.Lose("clockd: it is gone");
        _device.IsThere = true;
        _device.Shown = Duration.FromSeconds(77L);
        _link.Open();
        Compare(60);
        Assert.True(_clock.IsGood);
        Assert.InRange(_device.Shown.Seconds, -50e-9, 50e-9);
    }

    [Fact]
    public void It_follows_a_pulse_that_comes_into_its_card_by_the_seconds_that_the_systems_clock_counts()
    {
        _device.Rate = 25e-6;
        _device.Shown = Duration.FromSeconds(-3.25);
        _clock.Expect(new("eth0", 1, 3, Duration.FromNanoseconds(250), Duration.FromNanoseconds(100)), realtime => (new(realtime.SinceEpoch + Duration.FromNanoseconds(7_000_000)), Duration.FromNanoseconds(10_000_000)));
        _clock.Follow(new(PhcUpstream.Kinds.Pulse, "eth0"));
        _link.Open();
        var asked = Assert.Single(_link.Requests).ExternalStamps;
        Assert.Equal((true, 1u, 3u), (asked.On, asked.Channel, asked.Pin));

        for (int i = 0; i < 60; i++)
        {
            _device.Pass(1);
            _device.Pulse(channel: 1, after: Duration.FromNanoseconds(250));
            _link.AnswerUnlessSlow();
            _device.Pulse(channel: 0, after: Duration.FromSeconds(0.001)); // somebody else's
        }

        Assert.True(_clock.IsGood);
        Assert.Equal(1, _stepped);
        Assert.InRange(_device.Shown.Seconds, -50e-9, 50e-9);
        Assert.InRange(_clock.Bound!.Value.Seconds, 100e-9, 1e-6); // what is stated for the pulse is in it
    }

    /// <summary>Four looks beside a clock that is right.</summary>
    private void Compare(int seconds)
    {
        for (int i = 0; i < 4 * seconds; i++)
        {
            _device.Pass(0.25);
            if (_clock.TryLook(out var look))
            {
                _clock.Beside(new(look.Realtime.SinceEpoch), look, look.HalfWidth);
            }

            _link.AnswerUnlessSlow();
        }
    }

    /// <summary>True time is its Raw and its Realtime, TAI at that.</summary>
    private sealed class MadeUpDevice : IPhcView
    {
        private Duration _now = Duration.FromSeconds(1_800_000_000L);
        private Action? _ready;
        private (int Channel, Instant<Phc> At)? _stamp;
        private double _turned, _pulse, _pulseLeft; // s/s, s/s, s

        public bool IsThere { get; set; } = true;

        public bool IsClosed { get; private set; }

        /// <summary>Minus true time.</summary>
        public Duration Shown { get; set; }

        /// <summary>Of its oscillator, s/s.</summary>
        public double Rate { get; set; }

        public FrequencyOffset MaxFrequency => FrequencyOffset.FromPpm(500);

        public Instant<Phc> Now => new(_now + Shown);

        public void Pass(double seconds)
        {
            double pulsed = Math.Min(seconds, _pulseLeft);
            Shown += Duration.FromSeconds((seconds * (Rate + _turned)) + (pulsed * _pulse));
            (_pulseLeft, _now) = (_pulseLeft - pulsed, _now + Duration.FromSeconds(seconds));
        }

        public void Pulse(int channel, Duration after)
        {
            _stamp = (channel, new(new Duration() + Duration.FromSeconds((double)_now.WholeSeconds) + Shown + after));
            _ready?.Invoke();
        }

        public Accepted Do(SteerRequest request)
        {
            if (request.Step is { } step && step.Offset.TryToDomain(out var by))
            {
                Shown += by;
            }

            if (request.Adjust is { } adjust && adjust.Phase.TryToDomain(out var phase) && adjust.PhaseDuration.TryToDomain(out var duration))
            {
                (_turned, _pulse, _pulseLeft) = (adjust.FrequencyPpb * 1e-9, duration.Sign > 0 ? phase.Seconds / duration.Seconds : 0, duration.Seconds);
            }

            return new() { ClockAtEffective = Now.ToWire(), FrequencyPpb = _turned * 1e9, EffectiveRaw = _now.ToWire() };
        }

        public bool TryRead(out PhcReading reading, out bool isGone, int looks)
        {
            isGone = !IsThere;
            reading = new(Now, new(_now), new(_now), Duration.FromNanoseconds(20), PhcMethod.Precise);
            return IsThere;
        }

        public void Watch(Action ready) => _ready = ready;

        public (int Channel, Instant<Phc> At)? ReadExternalStamp() => _stamp;

        public void Dispose() => IsClosed = true;
    }

    private sealed class MadeUpLink(MadeUpDevice device) : IPhcLink
    {
        private readonly List<(SteerRequest[] Requests, Action<bool, IReadOnlyList<Accepted>> Done)> _unanswered = [];
        private bool _isOpen;

        public event Action<Accepted>? Opened;

        public event Action<string>? Lost;

        public event Action<string>? Refused;

        public Func<SteerRequest, bool> Refuses { get; set; } = _ => false;

        public List<SteerRequest> Requests { get; } = [];

        public bool IsSlow { get; set; }

        public void Open()
        {
            _isOpen = true;
            Opened?.Invoke(device.Do(new()));
        }

        public void Lose(string why)
        {
            _isOpen = false;
            Lost?.Invoke(why);
        }

        public bool TrySend(SteerRequest[] requests, Action<bool, IReadOnlyList<Accepted>> done)
        {
            if (!_isOpen)
            {
                return false;
            }

            Requests.AddRange(requests);
            _unanswered.Add((requests, done));
            return true;
        }

        public void AnswerUnlessSlow()
        {
            if (!IsSlow)
            {
                Answer();
            }
        }

        public void Answer()
        {
            var work = _unanswered.ToList();
            _unanswered.Clear();
            foreach (var (requests, done) in work)
            {
                var accepted = requests.TakeWhile(request => !Refuses(request)).Select(device.Do).ToList();
                if (accepted.Count < requests.Length)
                {
                    Refused?.Invoke("phc-steps is off");
                }

                done(accepted.Count == requests.Length, accepted);
            }
        }

        public void Dispose() => _isOpen = false;
    }
}
