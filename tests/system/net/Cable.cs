using System.Diagnostics;

namespace TimeSuite.System.Tests.Net;

/// <summary>Two network namespaces and a cable between them. The server's end is up and has its address; the client's is down, its loopback too. Needs root.</summary>
internal sealed class Cable : IDisposable
{
    private static int s_count;

    private readonly string _server, _client;

    public Cable()
    {
        StaleNamespaces.SweepOnce();
        string name = $"timesuite-{Environment.ProcessId}-{Interlocked.Increment(ref s_count)}";
        (_server, _client) = ($"{name}-server", $"{name}-client");
        Run("ip", $"netns add {_server}");
        Run("ip", $"netns add {_client}");
        Run("ip", $"link add eth netns {_client} type veth peer name eth netns {_server}");
        AtServer($"addr add {Address(254)} dev eth"); // the route; the addresses that serve come and go without it
        AddServer(1);
        AtServer("link set lo up");
        AtServer("link set eth up");
        Run("ip", $"netns exec {_server} sysctl -qw net.ipv4.icmp_ratelimit=0"); // an ICMP error for every packet that deserves one
    }

    /// <summary>What stands before a command that is to run at the server's end.</summary>
    public IReadOnlyList<string> EnterServer => ["ip", "netns", "exec", _server];

    /// <summary>What stands before a command that is to run at the client's end.</summary>
    public IReadOnlyList<string> EnterClient => ["ip", "netns", "exec", _client];

    /// <summary>An address of the one network that there is; the server has 1 and more, the client 2.</summary>
    /// <param name="number">1 to 254.</param>
    public static string Ip(int number) => $"10.71.0.{number}";

    /// <summary>The client gets the address 2 and comes up.</summary>
    public void PlugIn()
    {
        AtClient($"addr add {Address(2)} dev eth");
        AtClient("link set lo up");
        AtClient("link set eth up");
    }

    /// <summary>A second cable, eth2 at both ends, without addresses; answers may come back by another one than their requests went.</summary>
    public void AddSecond()
    {
        Run("ip", $"link add eth2 netns {_client} type veth peer name eth2 netns {_server}");
        foreach (string end in new[] { _client, _server })
        {
            Run("ip", $"netns exec {end} sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth.rp_filter=0 net.ipv4.conf.eth2.rp_filter=0");
            Run("ip", $"-n {end} link set eth2 up");
        }
    }

    /// <summary>The server has one more address.</summary>
    public void AddServer(int number) => AtServer($"addr add {Ip(number)}/32 dev eth");

    /// <summary>One of the server's addresses is silent from now on: not even an ICMP error comes from there.</summary>
    public void RemoveServer(int number) => AtServer($"addr del {Ip(number)}/32 dev eth");

    public void AtServer(string arguments) => Run("ip", $"-n {_server} {arguments}");

    /// <summary>For what a kernel may lack.</summary>
    /// <returns>What ip(8) complains of; null: nothing.</returns>
    public string? TryAtServer(string arguments) => Try("ip", $"-n {_server} {arguments}");

    public void AtClient(string arguments) => Run("ip", $"-n {_client} {arguments}");

    /// <summary>An address as ip(8) wants it to add or delete it.</summary>
    public static string Address(int number) => Ip(number) + "/24";

    public void Dispose()
    {
        Run("ip", $"netns del {_client}"); // and the cable with it
        Run("ip", $"netns del {_server}");
    }

    private static void Run(string program, string arguments)
    {
        string? errors = Try(program, arguments);
        Assert.True(errors is null, $"{program} {arguments}: {errors}");
    }

    private static string? Try(string program, string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : errors;
    }
}
