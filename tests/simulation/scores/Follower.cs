using TimeSuite.Discipline;
using TimeSuite.Time;

namespace TimeSuite.Simulation;

/// <summary>A clock that follows a bystander's line with the rate of that line and no delay, and what it is off as fast as policy lets a clock be slewed.</summary>
internal sealed class Follower(IBystander line)
{
    private static readonly FrequencyOffset s_slew = new DisciplineSettings().MaxSlewRate;

    private Instant<Raw>? _last; // not set before
    private Duration _off; // from the line at that instant

    /// <summary>The line hears of a sample.</summary>
    public void Add(in Sample sample, int source, Instant<Raw> now)
    {
        if (!TryMove(now))
        {
            line.Add(sample, source);
            return;
        }

        var time = line.At(now) + _off;
        line.Add(sample, source);
        _off = time - line.At(now);
    }

    /// <summary>What the clock shows. When it is first looked at, it is set to its line; false before there is one.</summary>
    public bool TryShow(Instant<Raw> now, out Instant<Utc> time)
    {
        time = default;
        if (!line.HasBegun)
        {
            return false;
        }

        _last ??= now;
        TryMove(now);
        time = line.At(now) + _off;
        return true;
    }

    private bool TryMove(Instant<Raw> now)
    {
        if (_last is not { } last)
        {
            return false;
        }

        _off -= _off.ClampTo((now - last).At(s_slew));
        _last = now;
        return true;
    }
}
