using System.Diagnostics;
using System.Globalization;
using TimeSuite.Fuzz;
using TimeSuite.Ntp;

// fuzz CORPUS RUNS [SEED]: mutates the files of a folder (requests: of the NTP server; ptp: messages to PTP ports), runs each, keeps what goes a new way, and ends with
// exit code 1 at the first thing that does not hold. run.sh instruments the assembly first.
string folder = args[0];
long runs = long.Parse(args[1], CultureInfo.InvariantCulture);
int seed = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 1;

var coverage = new Coverage();
bool isPtp = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)) == "ptp";
var target = new RequestTarget();
var ports = new PtpTarget();
var mutator = new Mutator(seed);
var corpus = new List<byte[]>();
foreach (string file in Directory.EnumerateFiles(folder).Order())
{
    byte[] input = File.ReadAllBytes(file);
    Run(input);
    corpus.Add(input);
}

if (corpus.Count == 0)
{
    corpus.Add(new byte[64]);
}

int before = corpus.Count;
var watch = Stopwatch.StartNew();
for (long run = 1; run <= runs; run++)
{
    var input = isPtp ? mutator.NextMessage(corpus) : mutator.Next(corpus);
    if (Run(input))
    {
        byte[] kept = input.ToArray();
        corpus.Add(kept);
        File.WriteAllBytes(Path.Combine(folder, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(kept))[..16]), kept);
    }

    if (run % 1_000_000 == 0 || run == runs)
    {
        string what = isPtp
            ? string.Create(CultureInfo.InvariantCulture, $"{run} messages, {ports.Sent} sent, {ports.Measured} measured")
            : string.Create(CultureInfo.InvariantCulture, $"{run} requests, {target.Answered} answered, {target.Sealed} replies sealed by NTS");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}, {coverage.Branches} branches, corpus {corpus.Count} (+{corpus.Count - before}), {run / watch.Elapsed.TotalSeconds:0} a second"));
    }
}

if (isPtp)
{
    foreach (var reason in Enum.GetValues<TimeSuite.Ptp.Drop>())
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{ports.Dropped(reason),12} dropped: {reason}"));
    }

    return 0;
}

foreach (var verdict in Enum.GetValues<RequestVerdict>())
{
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{target.CountOf(verdict),12} {verdict.Words()}"));
}

return 0;

bool Run(ReadOnlySpan<byte> input)
{
    coverage.Begin();
    try
    {
        if (isPtp)
        {
            ports.Run(input);
        }
        else
        {
            target.Run(input);
        }
    }
#pragma warning disable CA1031 // Whatever it is, it is what we look for.
    catch (Exception found)
#pragma warning restore CA1031
    {
        Console.Error.WriteLine($"{found}\n{Convert.ToHexStringLower(input)}");
        Environment.Exit(1);
    }

    return coverage.IsNew();
}
