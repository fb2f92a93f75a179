using TimeSuite.Linux;
using TimeSuite.Time;

namespace TimeSuite.System.Tests.Suite;

/// <summary>How wrong one shadow clock is against another: two functions of the raw oscillator at one argument, nothing is measured.</summary>
/// <param name="Largest">Magnitude.</param>
/// <param name="Readings">How many there were.</param>
/// <param name="Outside">Readings that were outside of the bound that the page then claimed, or of a page that claimed none.</param>
internal readonly record struct TrueError(Duration Largest, int Readings, int Outside)
{
    /// <summary>Now; positive: ahead.</summary>
    public static Duration Now(Station station, Station reference)
    {
        Assert.True(TryRead(station, reference, out var error, out _), "both pages can be read");
        return error;
    }

    /// <summary>Over some time.</summary>
    public static async Task<TrueError> OverAsync(Station station, Station reference, TimeSpan length)
    {
        var result = default(TrueError);
        var end = Clocks.Raw() + Duration.FromSeconds(length.TotalSeconds);
        while (Clocks.Raw() < end)
        {
            await Task.Delay(10);
            if (TryRead(station, reference, out var error, out bool isInside))
            {
                result = new(Duration.Max(result.Largest, error.Magnitude), result.Readings + 1, result.Outside + (isInside ? 0 : 1));
            }
        }

        return result;
    }

    private static bool TryRead(Station station, Station reference, out Duration error, out bool isInside)
    {
        var at = Clocks.Raw(); // before the pages are read: their past is exact, their future is a plan
        var suspended = Clocks.Suspended();
        (error, isInside) = (default, false);
        if (!station.Page.TryRead(out var page) || !reference.Page.TryRead(out var truth)
            || !page.TryMap(at, suspended, out var time, out _) || !truth.TryMap(at, suspended, out var trueTime, out _))
        {
            return false;
        }

        error = time - trueTime;
        isInside = page.IsSynchronizedAt(at, suspended) && error.Magnitude <= page.BoundAt(at);
        return true;
    }
}
