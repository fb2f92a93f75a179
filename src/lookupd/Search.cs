using TimeSuite.Linux;
using TimeSuite.Lookup;

namespace TimeSuite.Lookupd;

/// <summary>The system's resolver, in the words of the answer.</summary>
internal static class Search
{
    public static LookupAnswer For(LookupQuestion question)
    {
        var search = HostAddresses.Find(question.Name, (int)question.Family, LookupAnswer.MostAddresses, out var addresses);
        FoundAddress[] usable = [.. addresses.Select(ToFound).Where(address => address.IsOfAHost)];
        return search switch
        {
            NameSearch.Failed => LookupAnswer.Without(LookupStatus.TryAgain),
            NameSearch.Found when usable.Length > 0 => new(LookupStatus.Found, usable),
            _ => LookupAnswer.Without(LookupStatus.NoSuchName),
        };
    }

    private static FoundAddress ToFound(DatagramAddress address) =>
        new(address.IsIpv6, address.IsIpv6 ? address.Bits : address.Bits & uint.MaxValue, address.Scope);
}
