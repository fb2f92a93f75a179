using System.Diagnostics;
using System.Globalization;
using TimeSuite.Fuzz;
using TimeSuite.Ntp;

// fuzz CORPUS RUNS [SEED]: mutates the files of a folder (requests: of the NTP server; ptp: messages to PTP ports; ptp-modes: to transparent clocks, CSPTP and behind seals; ptp-unicast: to who grants and who asks; nts: of the key exchange and for the client), runs each, keeps what goes a new way, and ends with
// exit code 1 at the first thing that does not hold. run.sh instruments the assembly first.
string folder = args[0];
long runs = long.Parse(args[1], CultureInfo.InvariantCulture);
int seed = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 1;

var coverage = new Coverage();
string kind = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
var exchanges = new NtsTarget();
var target = new RequestTarget();
var ports = new PtpTarget();
var modes = new PtpModesTarget();
var unicast = new PtpUnicastTarget();
var mutator = new Mutator(seed);
var corpus = new List<byte[]>();
foreach (string file in Directory.EnumerateFiles(folder).Order())
{
    byte[] input = File.ReadAllBytes(file);
    Run(input);
    corpus.Add(input);
}

int before = corpus.Count;
foreach (byte[] good in kind == "nts" ? NtsTarget.Seeds : kind == "ptp-modes" ? PtpModesTarget.Seeds : kind == "ptp-unicast" ? PtpUnicastTarget.Seeds : corpus.Count == 0 ? [new byte[64]] : [])
{
    if (Run(good))
    {
        Keep(good); // of a kind that the corpus has not yet
    }
}

var watch = Stopwatch.StartNew();
for (long run = 1; run <= runs; run++)
{
    var input = kind switch { "ptp" or "ptp-modes" or "ptp-unicast" => mutator.NextMessage(corpus), "nts" => mutator.NextExchange(corpus), _ => mutator.Next(corpus) };
    if (Run(input))
    {
        Keep(input.ToArray());
    }

    if (run % 1_000_000 == 0 || run == runs)
    {
        string what = kind switch
        {
            "ptp" => string.Create(CultureInfo.InvariantCulture, $"{run} messages, {ports.Sent} sent, {ports.Measured} measured"),
            "ptp-modes" => string.Create(CultureInfo.InvariantCulture, $"{run} messages, {modes.Sent} sent, {modes.Passed} of them handed on, {modes.Measured} measured"),
            "ptp-unicast" => string.Create(CultureInfo.InvariantCulture, $"{run} messages, {unicast.Answers.Granted} granted, {unicast.Answers.Denied} denied, {unicast.HandedOn} handed on"),
            "nts" => string.Create(CultureInfo.InvariantCulture, $"{run} inputs"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{run} requests, {target.Answered} answered, {target.Sealed} replies sealed by NTS"),
        };
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}, {coverage.Branches} branches, corpus {corpus.Count} (+{corpus.Count - before}), {run / watch.Elapsed.TotalSeconds:0} a second"));
    }
}

if (kind == "nts")
{
    foreach (var (what, count) in exchanges.Counts.OrderBy(entry => entry.Key))
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count,12} {what}"));
    }

    return 0;
}

if (kind is "ptp" or "ptp-modes" or "ptp-unicast")
{
    foreach (var reason in Enum.GetValues<TimeSuite.Ptp.Drop>())
    {
        long dropped = kind switch { "ptp" => ports.Dropped(reason), "ptp-modes" => modes.Dropped(reason), _ => unicast.Dropped(reason) };
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{dropped,12} dropped: {reason}"));
    }

    return 0;
}

foreach (var verdict in Enum.GetValues<RequestVerdict>())
{
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{target.CountOf(verdict),12} {verdict.Words()}"));
}

return 0;

void Keep(byte[] input)
{
    corpus.Add(input);
    File.WriteAllBytes(Path.Combine(folder, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(input))[..16]), input);
}

bool Run(ReadOnlySpan<byte> input)
{
    coverage.Begin();
    try
    {
        switch (kind)
        {
            case "ptp":
                ports.Run(input);
                break;
            case "ptp-modes":
                modes.Run(input);
                break;
            case "ptp-unicast":
                unicast.Run(input);
                break;
            case "nts":
                exchanges.Run(input);
                break;
            default:
                target.Run(input);
                break;
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
