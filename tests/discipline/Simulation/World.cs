using TimeSuite.Time;

namespace TimeSuite.Discipline.Tests.Simulation;

/// <summary>One client with its discipline, some servers, and true time to judge it by. All in virtual time.</summary>
public sealed class World
{
    private readonly Link[] _links;

    private readonly double[] _due;

    private readonly int[] _sent;

    public World(ulong seed, Setup setup)
    {
        Setup = setup;
        Clock = new(new Dice(seed), setup.Offset, setup.Frequency, setup.Wander, setup.Kernel) { Bias = setup.Bias };
        Discipline = new(setup.Settings);
        if (setup.Drift is { } drift)
        {
            Discipline.Expect(drift);
        }

        _links = [.. Enumerable.Range(0, setup.Servers).Select(i => setup.Path(i, new Dice((seed * 1009) + 77 + (ulong)i)))];
        _due = [.. Enumerable.Range(0, setup.Servers).Select(i => 1 + (i * 0.5 * setup.Stagger))];
        _sent = new int[setup.Servers];
        for (int i = 0; i < setup.Servers; i++)
        {
            Discipline.AddSource(new(i), setup.Options(i) with { Iburst = setup.Burst > 0 });
        }
    }

    public Setup Setup { get; }

    public VirtualClock Clock { get; }

    public ClockDiscipline Discipline { get; }

    public Outcome? Last { get; private set; }

    /// <summary>True time of the last update, s.</summary>
    public double UpdatedAt { get; private set; }

    public int Packets => _sent.Sum();

    /// <summary>No packet passes from then on, s.</summary>
    public double LinkDies { get; set; } = double.PositiveInfinity;

    /// <summary>Runs to a true time; <paramref name="each"/> sees the world once a second.</summary>
    public void RunTo(double time, Action<World>? each = null)
    {
        double second = Math.Floor(Clock.Now) + 1;
        while (Clock.Now < time)
        {
            int next = Array.IndexOf(_due, _due.Min());
            if (_due[next] <= second)
            {
                Clock.AdvanceTo(_due[next]);
                Poll(next);
                continue;
            }

            Clock.AdvanceTo(second);
            if (Clock.Now - UpdatedAt >= (Last?.Announcement.Horizon.Seconds ?? 64))
            {
                Update();
            }

            each?.Invoke(this);
            second++;
        }
    }

    public void Update()
    {
        UpdatedAt = Clock.Now;
        var reading = Clock.Read();
        Last = Discipline.Update(reading, reading.At);
        if (Last.Correction is { } correction)
        {
            Clock.Apply(correction);
        }
    }

    private void Poll(int index)
    {
        double now = Clock.Now;
        if (now >= LinkDies)
        {
            Discipline.OnSourceState(new(index), new() { Reachable = false });
            _due[index] = double.PositiveInfinity;
            Update();
            return;
        }

        var sample = _links[index].Exchange(Clock, out double arrival);
        _sent[index]++;
        Clock.AdvanceTo(arrival);
        Discipline.OnSample(new(index), sample);
        Update();
        double interval = Last!.Sources[index].PollInterval.Seconds;
        if (_sent[index] < Setup.Burst)
        {
            interval = 2;
        }

        _due[index] = Math.Max(now + interval, Clock.Now);
    }
}

/// <summary>What a world is made of. Defaults are clknetsim's.</summary>
public sealed record Setup
{
    public double Offset { get; init; } = 0.1;

    public double Frequency { get; init; } = 1e-4;

    public double Wander { get; init; } = 1e-9;

    public double Bias { get; init; }

    /// <summary>The kernel's phase-locked loop steers, else an ideal slew.</summary>
    public bool Kernel { get; init; }

    public int Servers { get; init; } = 1;

    /// <summary>Servers are not asked at the same moment, 0 or 1.</summary>
    public int Stagger { get; init; } = 1;

    /// <summary>Polls at the start that follow each other by 2 s; as iburst has it, 4.</summary>
    public int Burst { get; init; }

    public DriftState? Drift { get; init; }

    public DisciplineSettings Settings { get; init; } = new();

    public Func<int, Dice, Link> Path { get; init; } = (_, dice) => new(dice);

    public Func<int, SourceOptions> Options { get; init; } = _ => new();

    public static Func<int, SourceOptions> FixedPoll(double seconds) => _ => new()
    {
        MinPoll = Duration.FromSeconds(seconds),
        MaxPoll = Duration.FromSeconds(seconds),
    };
}

/// <summary>Collects a world's errors once a second from some time on.</summary>
public sealed class Score(double from, double to = double.PositiveInfinity)
{
    private double _squares;

    private double _claimed;

    private double _rates;

    private int _inside;

    public int Count { get; private set; }

    public double Max { get; private set; }

    /// <summary>s.</summary>
    public double Rms => Math.Sqrt(_squares / Count);

    public double MeanSquare => _squares / Count;

    public double ClaimedMeanSquare => _claimed / Count;

    public double RateRms => Math.Sqrt(_rates / Count);

    public double Inside => (double)_inside / Count;

    public void See(World world)
    {
        if (world.Clock.Now < from || world.Clock.Now > to || world.Last is null)
        {
            return;
        }

        double error = world.Clock.Error;
        Count++;
        _squares += error * error;
        _rates += world.Clock.RateError * world.Clock.RateError;
        Max = Math.Max(Max, Math.Abs(error));
        var reading = world.Clock.Read();
        var announced = world.Last.Announcement;
        _claimed += announced.Sigma.Seconds * announced.Sigma.Seconds;
        var age = Duration.FromSeconds(world.Clock.Now - world.UpdatedAt);
        double bound = announced.Bound.Seconds + age.At(announced.BoundGrowth).Seconds + Math.Abs(reading.PendingPhase.Seconds);
        _inside += Math.Abs(error) <= bound ? 1 : 0;
    }
}
