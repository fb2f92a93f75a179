// nts-bench: what the octets of NTS cost in one thread, without the network: sealing, and a whole reply. Medians of rounds, in nanoseconds.
// dotnet publish bench/nts -c Release -r linux-x64 -o out/publish/nts-bench && out/publish/nts-bench/nts-bench
using System.Diagnostics;
using TimeSuite.Ntp;
using TimeSuite.Nts;

const int rounds = 25, each = 20_000;

Console.WriteLine("| what | ns, median | allocated, octets each |\n|---|---|---|");
foreach (var aead in new[] { NtsAead.AesSivCmac256, NtsAead.AesSivCmac512, NtsAead.Aes128GcmSiv })
{
    var cipher = AeadCipher.Create(aead);
    byte[] key = new byte[aead.KeySize()], nonce = new byte[aead.NonceSize()], associated = new byte[216], plaintext = new byte[100], output = new byte[116];
    cipher.SetKey(key);
    Report($"{aead}: seal 100 octets with 216 of associated data", () => cipher.Seal(nonce, associated, plaintext, output));
    Report($"{aead}: the same, key set-up included", () =>
    {
        cipher.SetKey(key);
        cipher.Seal(nonce, associated, plaintext, output);
    });
}

foreach (var aead in new[] { NtsAead.AesSivCmac256, NtsAead.Aes128GcmSiv })
{
    var keys = new CookieKeys(new(1, new byte[32]), []);
    var server = new NtsServer(new(new byte[16])) { Keys = keys };
    var service = new RequestService(new(null), clients: null, server);
    var sealer = new CookieSealer(new(new byte[16]));
    sealer.Use(keys);
    byte[] key = new byte[aead.KeySize()], cookie = new byte[CookieSealer.SizeFor(aead)], reply = new byte[2_048];
    sealer.TrySeal(aead, key, key, cookie);
    ulong chance = 1;
    var client = new NtsClient(new(aead, key, key), null, Enumerable.Repeat(cookie, 8), () => ++chance);
    client.Protect(new byte[client.RequestSize]);
    service.BeginBatch(new() { Leap = LeapIndicator.None, Stratum = 1, Precision = -25 }, default);
    byte[] request = new byte[client.RequestSize];
    new NtpHeader { Version = 4, Mode = NtpMode.Client, Transmit = new(1) }.Write(request);
    client.Protect(request);
    byte[] plain = request[..NtpHeader.Size];
    ulong time = 1UL << 62;
    Report($"{aead}: request to reply, cookie opened, two new ones sealed", () => Answer(request));
    Report("plain request to reply", () => Answer(plain));

    void Answer(byte[] asked)
    {
        if (!service.TryRespond(asked, default, new(time++), reply, out var response))
        {
            throw new InvalidOperationException("no reply");
        }

        service.Depart(response, reply, new(time++));
    }
}

static void Report(string what, Action once)
{
    once();
    long before = GC.GetAllocatedBytesForCurrentThread();
    double[] took = [.. Enumerable.Range(0, rounds).Select(_ => Round(once))];
    long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
    Array.Sort(took);
    Console.WriteLine(FormattableString.Invariant($"| {what} | {took[rounds / 2]:0} | {(double)allocated / (rounds * each):0.0} |"));
}

static double Round(Action once)
{
    long start = Stopwatch.GetTimestamp();
    for (int count = 0; count < each; count++)
    {
        once();
    }

    return Stopwatch.GetElapsedTime(start).TotalNanoseconds / each;
}
