using System.Globalization;
using System.Net;

namespace TimeSuite.Linux;

/// <summary>Where to listen, as the configuration writes it.</summary>
/// <param name="Endpoint">A link-local or multicast address of IPv6 with its interface's number, if there is such an interface now.</param>
/// <param name="Interface">That what comes has to come in by; null: any.</param>
public readonly record struct ListenAddress(IPEndPoint Endpoint, string? Interface)
{
    /// <param name="text">ADDRESS:PORT, [ADDRESS]:PORT, or either with %INTERFACE behind the address, as the configuration has checked it.</param>
    public static ListenAddress Parse(string text)
    {
        int colon = text.LastIndexOf(':');
        string host = text[..colon].Trim('[', ']');
        int percent = host.IndexOf('%', StringComparison.Ordinal);
        string? name = percent < 0 ? null : host[(percent + 1)..];
        var bare = IPAddress.Parse(percent < 0 ? host : host[..percent]);
        var address = bare.IsIPv6LinkLocal || bare.IsIPv6Multicast ? IPAddress.Parse(host) : bare; // the zone's name becomes its number
        return new(new(address, int.Parse(text[(colon + 1)..], CultureInfo.InvariantCulture)), name);
    }
}
