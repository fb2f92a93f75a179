using System.Net;
using TimeSuite.Config;
using TimeSuite.Ntp;

namespace TimeSuite.Ntpd.Serving;

/// <summary>Where a rule of access comes from.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="IsOfRunTime">Made by timectl, not by the file.</param>
internal readonly record struct SourcedRule(AccessRule Rule, bool IsOfRunTime);

/// <summary>Who is served: what the configuration says, with what an administrator has changed since. On the loop's thread only.</summary>
internal sealed class AccessControl
{
    private IReadOnlyList<RequestService> _services = [];
    private readonly List<AccessRule> _runTime = []; // outlive a reload, as sources added by timectl do; not a restart
    private SuiteConfig _config = new();
    private KeyRing _keys = KeyRing.Empty;

    /// <summary>What the serving threads go by.</summary>
    public ServicePolicy Policy { get; private set; } = ServicePolicy.Open;

    /// <summary>Those that are to go by <see cref="Policy"/>, from now on and after each change.</summary>
    public IReadOnlyList<RequestService> Services
    {
        get => _services;
        set
        {
            _services = value;
            Publish();
        }
    }

    /// <summary>What holds for those whom no rule names.</summary>
    public AccessAction Otherwise => _config.Serve?.Access.IsOpen ?? true ? AccessAction.Allow : AccessAction.Ignore;

    /// <summary>Every rule in force: the broader before the narrower.</summary>
    public IReadOnlyList<SourcedRule> Rules =>
    [
        .. FromFile.Where(rule => !_runTime.Exists(rule.IsOfSameNetwork)).Select(rule => new SourcedRule(rule, false))
            .Concat(_runTime.Select(rule => new SourcedRule(rule, true)))
            .OrderBy(sourced => sourced.Rule.Network.IsIpv4 ? 0 : 1).ThenBy(sourced => sourced.Rule.Network.Value).ThenBy(sourced => sourced.Rule.Length),
    ];

    private IEnumerable<AccessRule> FromFile => (_config.Serve?.Access.Prefixes ?? []).Select(prefix => RuleOf(prefix.Network, ActionOf(prefix.Kind)));

    /// <summary>A network as a rule for it.</summary>
    public static AccessRule RuleOf(IPNetwork network, AccessAction action) =>
        new(ClientAddress.FromOctets(network.BaseAddress.GetAddressBytes()), network.PrefixLength, action);

    /// <summary>Takes a configuration in force.</summary>
    public void Apply(SuiteConfig config, KeyRing keys)
    {
        (_config, _keys) = (config, keys);
        Rebuild();
    }

    /// <summary>Puts a rule over those of the file and in place of an earlier one for the same network.</summary>
    public void Change(AccessRule rule)
    {
        _runTime.RemoveAll(rule.IsOfSameNetwork);
        _runTime.Add(rule);
        Rebuild();
    }

    /// <summary>Back to what the file says.</summary>
    /// <returns>How many rules were taken away.</returns>
    public int Reset()
    {
        int count = _runTime.Count;
        _runTime.Clear();
        Rebuild();
        return count;
    }

    private void Rebuild()
    {
        var limit = _config.RateLimit;
        Policy = new()
        {
            Access = new([.. FromFile, .. _runTime], Otherwise),
            Rate = limit is null ? null : new(limit.Interval, limit.Burst, limit.Leak, limit.Kod),
            Ipv4Bits = limit?.Ipv4Prefix ?? ServicePolicy.Open.Ipv4Bits,
            Ipv6Bits = limit?.Ipv6Prefix ?? ServicePolicy.Open.Ipv6Bits,
            Keys = _keys,
        };
        Publish();
    }

    private void Publish()
    {
        foreach (var service in _services)
        {
            service.Policy = Policy;
        }
    }

    private static AccessAction ActionOf(AccessKind kind) => kind switch
    {
        AccessKind.Allow => AccessAction.Allow,
        AccessKind.Deny => AccessAction.Ignore,
        AccessKind.DenyKod => AccessAction.Deny,
        AccessKind.RequireNts => AccessAction.RequireNts,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
