using System.Globalization;
using TimeSuite.Linux;
using TimeSuite.Time;

// clock-error PAGE REFERENCE-PAGE SECONDS : the true error of one shadow clock against another.
//   Both time pages are asked for the same instant of CLOCK_MONOTONIC_RAW, twenty times a second; what comes out is the difference of
//   two functions at one argument, with no delay between two readings in it. Exit 0: always within the bound that the page claims.
// clock-error --assert-cannot-steer : exit 0 if this process has no way to set a clock.
if (args is ["--assert-cannot-steer"])
{
    Capabilities.AssertCannotSetClock();
    return 0;
}

if (args is not [var path, var referencePath, var secondsText] || !double.TryParse(secondsText, CultureInfo.InvariantCulture, out double seconds))
{
    Console.Error.WriteLine("usage: clock-error PAGE REFERENCE-PAGE SECONDS | --assert-cannot-steer");
    return 2;
}

if (!TimePage.TryOpen(path, out var page) || !TimePage.TryOpen(referencePath, out var reference))
{
    Console.Error.WriteLine($"clock-error: {path} and {referencePath} are not both time pages of this boot: does clockd run?");
    return 1;
}

double sumOfSquares = 0, largest = 0, smallestBound = double.MaxValue, largestBound = 0;
int count = 0, synchronizedCount = 0, inside = 0;
var end = Clocks.Raw() + Duration.FromSeconds(seconds);
while (Clocks.Raw() < end)
{
    Thread.Sleep(50);
    var at = Clocks.Raw();
    var suspended = Clocks.Suspended();
    if (!page.TryRead(out var reading) || !reference.TryRead(out var truth)
        || !reading.TryMap(at, suspended, out var time, out _) || !truth.TryMap(at, suspended, out var trueTime, out _))
    {
        continue;
    }

    double error = (time - trueTime).Seconds; // s
    double bound = reading.BoundAt(at).Seconds; // s
    bool synchronized = reading.IsSynchronizedAt(at, suspended);
    count++;
    synchronizedCount += synchronized ? 1 : 0;
    inside += synchronized && Math.Abs(error) <= bound ? 1 : 0;
    sumOfSquares += error * error;
    largest = Math.Max(largest, Math.Abs(error));
    smallestBound = Math.Min(smallestBound, bound);
    largestBound = Math.Max(largestBound, bound);
}

if (count == 0)
{
    Console.Error.WriteLine("clock-error: no reading of both clocks was possible");
    return 1;
}

if (synchronizedCount < count)
{
    Console.WriteLine($"not synchronised, and so without a claim, in {count - synchronizedCount} of {count} readings");
}

Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
    $"true error over {seconds:F0} s: RMS {Math.Sqrt(sumOfSquares / count) * 1e6:F3} us, max {largest * 1e6:F3} us; claimed bound {smallestBound * 1e6:F3} to {largestBound * 1e6:F3} us; inside it {inside} of {count} readings"));
return inside == count ? 0 : 1;
