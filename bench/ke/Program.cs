using System.Diagnostics;
using System.Globalization;
using TimeSuite.KeBench;
using TimeSuite.Nts;

const string usage = """
    ke-load exchanges PORT PID SECONDS          key exchanges with a server on loopback, 16 at a time, and what they cost its process PID and its children
    ke-load requests PORT COUNT AEAD FILE       holds one exchange and writes COUNT (at most 4096) protected requests for ntp-load ask --requests; AEAD is a number
    """;

switch (args)
{
    case ["exchanges", var port, var process, var seconds]:
        await ExchangesAsync(Int(port), Int(process), double.Parse(seconds, CultureInfo.InvariantCulture));
        return 0;
    case ["requests", var port, var count, var aead, var file] when Int(count) is > 0 and <= 4096 && ((NtsAead)Int(aead)).IsKnown():
        await Requests.WriteAsync(Int(port), Int(count), (NtsAead)Int(aead), file);
        return 0;
    default:
        Console.Error.WriteLine(usage);
        return 2;
}

static async Task ExchangesAsync(int port, int process, double seconds)
{
    const int clients = 16;
    var load = new ServerCost(process);
    long done = 0, failed = 0;
    await RunAsync(Math.Min(1, seconds / 4)); // warm
    (done, failed) = (0, 0);
    var watch = Stopwatch.StartNew();
    double before = load.CpuMilliseconds(), pss = 0;
    var running = RunAsync(seconds);
    while (!running.IsCompleted)
    {
        await Task.Delay(200);
        pss = Math.Max(pss, load.PssKib());
    }

    await running;
    Console.WriteLine(FormattableString.Invariant(
        $"exchanges/s {done / watch.Elapsed.TotalSeconds:0} cpu-ms/exchange {(load.CpuMilliseconds() - before) / done:0.0000} done {done} failed {failed} pss-kib {pss:0}"));

    async Task RunAsync(double length)
    {
        var end = DateTime.UtcNow.AddSeconds(length);
        await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(async () =>
        {
            while (DateTime.UtcNow < end)
            {
                bool isGood = await Exchange.HoldAsync(port, NtsAead.AesSivCmac256) is { } exchange;
                Interlocked.Increment(ref isGood ? ref done : ref failed);
            }
        })));
    }
}

static int Int(string text) => int.Parse(text, CultureInfo.InvariantCulture);
