namespace TimeSuite.Interop.Tests;

/// <summary>Two network namespaces, joined by a veth whose ends are both called eth0: a link of which nothing else on this machine knows. Needs root.</summary>
internal sealed class NamespacePair : IDisposable
{
    public const string Interface = "eth0", SecondInterface = "eth1", BridgeInterface = "br0";

    private readonly List<string> _names;

    /// <param name="network">First three octets of the addresses; .1 is ours, .2 theirs.</param>
    public NamespacePair(string network)
    {
        _names = [Namespace.NameOf(Namespace.NextNumber()), Namespace.NameOf(Namespace.NextNumber())];
        foreach (string name in _names)
        {
            Namespace.Ip($"netns add {name}");
            Namespace.Ip($"-n {name} link set lo up");
        }

        Plug(network);
    }

    /// <summary>Both ends are gone, and others of the same names in their places: a card that was pulled out, a bond that was made anew.</summary>
    public void Replug(string network)
    {
        Namespace.Ip($"-n {_names[0]} link del {Interface}");
        Plug(network);
    }

    private void Plug(string network)
    {
        Namespace.Ip($"link add {Interface} netns {_names[0]} type veth peer name {Interface} netns {_names[1]}");
        for (int end = 0; end < 2; end++)
        {
            Namespace.Ip($"-n {_names[end]} addr add {network}.{end + 1}/24 dev {Interface}");
            Namespace.Ip($"-n {_names[end]} addr add {Ipv6Network}{end + 1}/64 dev {Interface} nodad");
            Namespace.Ip($"-n {_names[end]} link set {Interface} up");
        }

        _names[..2].ForEach(AwaitLink);
    }

    /// <summary>Addresses of IPv6 begin so; 1 is ours, 2 theirs.</summary>
    public const string Ipv6Network = "fd00:124::";

    /// <summary>Joins a third one to the same network, by a bridge on our end, which gets our address: there the link is called eth0, and the address is .3.</summary>
    /// <returns>What stands before a command there.</returns>
    public IReadOnlyList<string> Bridge(string network)
    {
        var third = Extend(network);
        Namespace.Ip($"-n {_names[0]} addr flush dev {Interface}");
        Namespace.Ip($"-n {_names[0]} addr flush dev {SecondInterface}");
        Namespace.Ip($"-n {_names[2]} addr flush dev {Interface}");
        Namespace.Ip($"-n {_names[2]} addr add {network}.3/24 dev {Interface}");
        Namespace.Ip($"-n {_names[0]} link add {BridgeInterface} type bridge");
        foreach (string port in new[] { Interface, SecondInterface })
        {
            Namespace.Ip($"-n {_names[0]} link set {port} master {BridgeInterface}");
        }

        Namespace.Ip($"-n {_names[0]} addr add {network}.1/24 dev {BridgeInterface}");
        Namespace.Ip($"-n {_names[0]} link set {BridgeInterface} up");
        return third;
    }

    /// <summary>What stands before a command of ours, and before one of the peer's.</summary>
    public (IReadOnlyList<string> Ours, IReadOnlyList<string> Theirs) Enter => (["ip", "netns", "exec", _names[0]], ["ip", "netns", "exec", _names[1]]);

    /// <summary>Joins a third one to ours: there the link is called eth1.</summary>
    /// <returns>What stands before a command there.</returns>
    public IReadOnlyList<string> Extend(string network)
    {
        string name = Namespace.NameOf(Namespace.NextNumber());
        _names.Add(name);
        Namespace.Ip($"netns add {name}");
        Namespace.Ip($"-n {name} link set lo up");
        Namespace.Ip($"link add {SecondInterface} netns {_names[0]} type veth peer name {Interface} netns {name}");
        Namespace.Ip($"-n {_names[0]} addr add {network}.1/24 dev {SecondInterface}");
        Namespace.Ip($"-n {_names[0]} link set {SecondInterface} up");
        Namespace.Ip($"-n {name} addr add {network}.2/24 dev {Interface}");
        Namespace.Ip($"-n {name} link set {Interface} up");
        return ["ip", "netns", "exec", name];
    }

    /// <summary>The kernel says by and by that a link is up, and carries nothing until it has: where much is going on, that took 40 s once.</summary>
    private static void AwaitLink(string name)
    {
        for (int attempt = 0; attempt < 600 && !Namespace.Ip($"-n {name} -o link show {Interface}").Contains("state UP", StringComparison.Ordinal); attempt++)
        {
            Thread.Sleep(100);
        }
    }

    public void Dispose() => _names.ForEach(name => Namespace.Ip($"netns del {name}"));
}
