using System.Globalization;
using System.Net;

namespace TimeSuite.Config;

/// <summary>Networks as people write them: <c>192.0.2.0/24</c>, <c>2001:db8::/32</c>, a single address, or <c>all</c>.</summary>
public static class NetworkPrefix
{
    /// <summary>What is meant, one network or, for "all", one of each family; else what would be right.</summary>
    public static bool TryParse(string text, out IReadOnlyList<IPNetwork> networks, out string right)
    {
        networks = [];
        right = "must be an address with the number of its leading bits, e.g. \"192.0.2.0/24\" or \"2001:db8::/32\", a single address, or \"all\"";
        if (text == "all")
        {
            networks = [new(IPAddress.Any, 0), new(IPAddress.IPv6Any, 0)];
            return true;
        }

        int slash = text.IndexOf('/', StringComparison.Ordinal);
        string bare = slash < 0 ? text : text[..slash];
        if (bare.Contains('%', StringComparison.Ordinal) || !HostName.IsAddress(bare, out _))
        {
            return false;
        }

        var address = IPAddress.Parse(bare);
        if (address.IsIPv4MappedToIPv6)
        {
            right = $"must be written as IPv4, {address.MapToIPv4()}";
            return false;
        }

        byte[] octets = address.GetAddressBytes();
        int width = octets.Length * 8;
        int length = width;
        if (slash >= 0 && (!int.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out length) || length > width))
        {
            right = FormattableString.Invariant($"must have 0 to {width} behind the slash");
            return false;
        }

        for (int bit = length; bit < width; bit++)
        {
            octets[bit / 8] &= unchecked((byte)~(0x80 >> (bit % 8))); // the bits of an octet
        }

        var network = new IPNetwork(new IPAddress(octets), length);
        if (!network.BaseAddress.Equals(address))
        {
            right = $"has bits set behind the slash; {network} is the network, {address} alone one address";
            return false;
        }

        networks = [network];
        return true;
    }
}
