namespace TimeSuite.Interop.Tests;

/// <summary>Two network namespaces, joined by a veth whose ends are both called eth0: a link of which nothing else on this machine knows. Needs root.</summary>
internal sealed class NamespacePair : IDisposable
{
    public const string Interface = "eth0";

    private readonly string[] _names;

    /// <param name="network">First three octets of the addresses; .1 is ours, .2 theirs.</param>
    public NamespacePair(string network)
    {
        _names = [Namespace.NameOf(Namespace.NextNumber()), Namespace.NameOf(Namespace.NextNumber())];
        foreach (string name in _names)
        {
            Namespace.Ip($"netns add {name}");
            Namespace.Ip($"-n {name} link set lo up");
        }

        Namespace.Ip($"link add {Interface} netns {_names[0]} type veth peer name {Interface} netns {_names[1]}");
        for (int end = 0; end < _names.Length; end++)
        {
            Namespace.Ip($"-n {_names[end]} addr add {network}.{end + 1}/24 dev {Interface}");
            Namespace.Ip($"-n {_names[end]} link set {Interface} up");
        }
    }

    /// <summary>What stands before a command of ours, and before one of the peer's.</summary>
    public (IReadOnlyList<string> Ours, IReadOnlyList<string> Theirs) Enter => (["ip", "netns", "exec", _names[0]], ["ip", "netns", "exec", _names[1]]);

    public void Dispose() => Array.ForEach(_names, name => Namespace.Ip($"netns del {name}"));
}
