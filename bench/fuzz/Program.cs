using System.Diagnostics;
using System.Globalization;
using TimeSuite.Fuzz;
using TimeSuite.Ntp;

// fuzz CORPUS RUNS [SEED]: mutates the files of a folder, runs each through the server's whole step, keeps what goes a new way, and ends with
// exit code 1 at the first thing that does not hold. run.sh instruments the assembly first.
string folder = args[0];
long runs = long.Parse(args[1], CultureInfo.InvariantCulture);
int seed = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 1;

var coverage = new Coverage();
var target = new RequestTarget();
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
    corpus.Add(new byte[NtpHeader.Size]);
}

int before = corpus.Count;
var watch = Stopwatch.StartNew();
for (long run = 1; run <= runs; run++)
{
    var input = mutator.Next(corpus);
    if (Run(input))
    {
        byte[] kept = input.ToArray();
        corpus.Add(kept);
        File.WriteAllBytes(Path.Combine(folder, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(kept))[..16]), kept);
    }

    if (run % 1_000_000 == 0 || run == runs)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{run} requests, {target.Answered} answered, {target.Sealed} replies sealed by NTS, {coverage.Branches} branches, corpus {corpus.Count} (+{corpus.Count - before}), {run / watch.Elapsed.TotalSeconds:0} a second"));
    }
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
        target.Run(input);
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
