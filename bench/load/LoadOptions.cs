using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using TimeSuite.Ntp;

namespace TimeSuite.Load;

/// <summary>What is asked of whom, as the command line says it: --name value.</summary>
internal sealed record LoadOptions
{
    /// <summary>Who is asked, IPv4.</summary>
    public uint Target { get; private init; } = 0x7F00_0001;

    public int Port { get; private init; } = 123;

    /// <summary>From so many addresses of 127.0.0.0/8 (from 127.1.0.0 on). 1: from 127.0.0.1, by a connected socket.</summary>
    public int Clients { get; private init; } = 1;

    /// <summary>Threads with a socket each.</summary>
    public int Threads { get; private init; } = 1;

    /// <summary>Closed loop: requests under way at once for each thread.</summary>
    public int Outstanding { get; private init; } = 128;

    /// <summary>Open loop: requests a second in all; 0: closed loop.</summary>
    public double Rate { get; private init; }

    public double Seconds { get; private init; } = 5;

    /// <summary>Of each 1000 datagrams, so many are random octets of random length.</summary>
    public int Junk { get; private init; }

    /// <summary>Requests tell as origin when the last reply left (RFC 5905 section 8), as those of ntpsec's ntpd do; otherwise 0, as chronyd's.</summary>
    public bool HasOrigin { get; private init; }

    /// <summary>A request without a reply for so many seconds is taken for lost.</summary>
    public double Patience { get; private init; } = 0.1;

    /// <summary>Requests are signed with it, and only replies that are too are answers.</summary>
    public SymmetricKey? Key { get; private init; }

    /// <summary>Protected requests that are sent as they are, in turn; their place is the first 12 bits of the transmit stamp, read as a little-endian number. Null: our own.</summary>
    public IReadOnlyList<byte[]>? Requests { get; private init; }

    /// <summary>Process whose cost is told; 0: none.</summary>
    public int Process { get; private init; }

    public static LoadOptions Parse(ReadOnlySpan<string> arguments)
    {
        var options = new LoadOptions();
        for (int index = 0; index < arguments.Length; index += 2)
        {
            string value = index + 1 < arguments.Length ? arguments[index + 1] : throw new ArgumentException($"{arguments[index]} needs a value");
            options = arguments[index] switch
            {
                "--target" => options with { Target = Address(value) },
                "--port" => options with { Port = Int(value) },
                "--clients" => options with { Clients = Int(value) },
                "--threads" => options with { Threads = Int(value) },
                "--outstanding" => options with { Outstanding = Int(value) },
                "--rate" => options with { Rate = Number(value) },
                "--seconds" => options with { Seconds = Number(value) },
                "--junk" => options with { Junk = Int(value) },
                "--origin" => options with { HasOrigin = value == "last" ? true : throw new ArgumentException("--origin knows one value, last") },
                "--patience" => options with { Patience = Number(value) },
                "--key" => options with { Key = Aes(value) },
                "--requests" => options with { Requests = [.. Prepared(File.ReadAllBytes(value))] },
                "--pid" => options with { Process = Int(value) },
                _ => throw new ArgumentException($"there is no option {arguments[index]}"),
            };
        }

        if (options.Requests is { } prepared)
        {
            options = options with { Outstanding = Math.Min(options.Outstanding, prepared.Count) };
        }

        return options.Outstanding is < 1 or > 4096 || options.Clients is < 1 or > 8_000_000 || options.Threads is < 1 or > 64
            ? throw new ArgumentException("--outstanding 1 to 4096, --clients 1 to 8000000, --threads 1 to 64")
            : options;
    }

    private static uint Address(string text)
    {
        var octets = IPAddress.Parse(text).GetAddressBytes();
        return BinaryPrimitives.ReadUInt32BigEndian(octets);
    }

    /// <param name="text">ID:HEX, 16 octets.</param>
    private static SymmetricKey Aes(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return new(uint.Parse(text[..colon], CultureInfo.InvariantCulture), MacAlgorithm.Aes128, Convert.FromHexString(text[(colon + 1)..]));
    }

    private static IEnumerable<byte[]> Prepared(byte[] file)
    {
        for (int at = 0, length; at < file.Length; at += 2 + length)
        {
            length = BinaryPrimitives.ReadUInt16BigEndian(file.AsSpan(at));
            yield return file[(at + 2)..(at + 2 + length)];
        }
    }

    private static int Int(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
