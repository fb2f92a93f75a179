using System.Globalization;

namespace TimeSuite.Ntpd.Sources;

/// <summary>How people name a source: NAME, NAME:PORT, or [ADDRESS]:PORT for IPv6.</summary>
/// <param name="Name">Host name or address, without brackets.</param>
/// <param name="Port">Null: any.</param>
internal readonly record struct SourceName(string Name, int? Port)
{
    /// <summary>What has no port that makes sense is a name as a whole, as an IPv6 address without brackets is.</summary>
    public static SourceName Of(string text)
    {
        int colon = text.LastIndexOf(':');
        string host = colon > 0 ? text[..colon] : "";
        bool isBracketed = host is ['[', .., ']'];
        if ((isBracketed || (host.Length > 0 && !host.Contains(':', StringComparison.Ordinal)))
            && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && port > 0)
        {
            return new(isBracketed ? host[1..^1] : host, port);
        }

        return new(text is ['[', .., ']'] ? text[1..^1] : text, null);
    }

    public bool IsPort(int port) => Port is null || Port == port;
}
