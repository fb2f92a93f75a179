using System.Diagnostics;
using System.Net;

namespace TimeSuite.Interop.Tests;

/// <summary>A network namespace with one veth to ours. Needs root.</summary>
internal sealed class Namespace : IDisposable
{
    private static int s_count;

    private readonly string _name;

    /// <param name="network">Its first three octets, e.g. 10.123.1; .1 is our end, .2 the other.</param>
    public Namespace(string network)
    {
        int number = NextNumber(); // tests run side by side
        _name = NameOf(number);
        (Outside, Inside) = (IPAddress.Parse(network + ".1"), IPAddress.Parse(network + ".2"));
        string ours = $"ts{Environment.ProcessId}-{number}"; // at most 15 characters
        Ip($"netns add {_name}");
        Ip($"link add {ours} type veth peer name eth netns {_name}");
        Ip($"addr add {Outside}/24 dev {ours}");
        Ip($"link set {ours} up");
        Ip($"-n {_name} addr add {Inside}/24 dev eth");
        Ip($"-n {_name} link set lo up");
        Ip($"-n {_name} link set eth up");
    }

    /// <summary>Our end.</summary>
    public IPAddress Outside { get; }

    /// <summary>The end within.</summary>
    public IPAddress Inside { get; }

    /// <summary>What stands before a command that is to run within.</summary>
    public IReadOnlyList<string> Enter => ["ip", "netns", "exec", _name];

    /// <summary>A number that no other namespace of ours has; what was left behind by others is gone.</summary>
    internal static int NextNumber()
    {
        StaleNamespaces.SweepOnce();
        return Interlocked.Increment(ref s_count);
    }

    internal static string NameOf(int number) => $"timesuite-{Environment.ProcessId}-{number}";

    public void Dispose() => Ip($"netns del {_name}"); // and the veth with it

    internal static string Ip(string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"ip {arguments}: {errors.Result}");
        }

        return output;
    }
}
