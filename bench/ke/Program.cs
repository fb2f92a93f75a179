// Whole key exchanges with a server on loopback, 16 at a time, and what they cost the server's process: ke-load PORT PID SECONDS
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using TimeSuite.Nts;
using TimeSuite.Nts.Tls;

const int clients = 16;
int port = int.Parse(args[0], CultureInfo.InvariantCulture), pid = int.Parse(args[1], CultureInfo.InvariantCulture);
double seconds = double.Parse(args[2], CultureInfo.InvariantCulture);
var crypto = new KeCrypto(KeProvider.OpenSsl, RandomNumberGenerator.Fill);
long done = 0, failed = 0;
await RunAsync(1);
(done, failed) = (0, 0);
double before = Cpu();
var watch = Stopwatch.StartNew();
double pss = 0;
var load = RunAsync(seconds);
while (!load.IsCompleted)
{
    await Task.Delay(200);
    pss = Math.Max(pss, Pss());
}

await load;
Console.WriteLine(FormattableString.Invariant(
    $"{done} exchanges, {failed} failed, {done / watch.Elapsed.TotalSeconds:0} a second, {(Cpu() - before) * 1e3 / done:0.000} CPU-ms each, Pss at most {pss / 1024:0.0} MiB"));

async Task RunAsync(double length)
{
    var end = DateTime.UtcNow.AddSeconds(length);
    await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(async () =>
    {
        while (DateTime.UtcNow < end)
        {
            bool isGood = await HoldAsync();
            Interlocked.Increment(ref isGood ? ref done : ref failed);
        }
    })));
}

async Task<bool> HoldAsync()
{
    try
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        using var tls = new KeTlsClient(crypto, "localhost", _ => null);
        byte[] buffer = new byte[8192], said = new byte[KeMessage.LongestSize];
        bool isAsked = false;
        for (int have = 0; ;)
        {
            if (!isAsked && tls.State == KeTlsState.Open)
            {
                isAsked = tls.Write(KeClient.Request([NtsAead.AesSivCmac256], []));
            }

            for (int taken; (taken = tls.Take(buffer)) > 0;)
            {
                await socket.SendAsync(buffer.AsMemory(0, taken));
            }

            for (int read; (read = tls.Read(said.AsSpan(have))) > 0;)
            {
                have += read;
            }

            if (KeMessage.Measure(said.AsSpan(0, have), KeMessage.LongestSize, out _) == KeArrival.Complete)
            {
                return true;
            }

            int count = await socket.ReceiveAsync(buffer.AsMemory());
            if (count == 0 || tls.Fault != KeTlsFault.None)
            {
                return false;
            }

            tls.Offer(buffer.AsSpan(0, count));
        }
    }
    catch (SocketException)
    {
        return false;
    }
}

// User and system time of the server and its helpers, in clock ticks of 10 ms.
double Cpu() => Processes().Sum(id =>
{
    string[] fields = File.ReadAllText($"/proc/{id}/stat").Split(") ")[1].Split(' ');
    return (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / 100;
});

double Pss() => Processes().Sum(id => double.Parse(
    File.ReadLines($"/proc/{id}/smaps_rollup").First(line => line.StartsWith("Pss:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture));

List<int> Processes() =>
[
    pid, .. Directory.GetDirectories("/proc/").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)).Select(name => int.Parse(name!, CultureInfo.InvariantCulture))
        .Where(id => File.Exists($"/proc/{id}/stat") && File.ReadAllText($"/proc/{id}/stat").Split(") ")[1].Split(' ')[1] == pid.ToString(CultureInfo.InvariantCulture)),
];
