using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace TimeSuite.Config;

/// <summary>What may stand for a machine: a name by RFC 1123 section 2.1 (underscores let pass), or an address.</summary>
internal static class HostName
{
    private static readonly SearchValues<char> LabelCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

    public static bool IsNameOrAddress(string text) => IsAddress(text, out _) || IsName(text);

    /// <summary>Labels of 1 to 63 characters, 253 in all; the last one is not a number (RFC 3696 section 2).</summary>
    public static bool IsName(string text)
    {
        string name = text.EndsWith('.') ? text[..^1] : text;
        string[] labels = name.Split('.');
        return name.Length is > 0 and <= 253
            && Array.TrueForAll(labels, label => label.Length is > 0 and <= 63 && !label.StartsWith('-') && !label.EndsWith('-')
                && !label.AsSpan().ContainsAnyExcept(LabelCharacters))
            && !labels[^1].All(char.IsAsciiDigit);
    }

    /// <summary>A dotted quad, or an IPv6 address with or without a zone (<c>fe80::1%eth0</c>), without brackets and port.</summary>
    public static bool IsAddress(string text, out AddressFamily family)
    {
        family = AddressFamily.Unspecified;
        int zone = text.IndexOf('%', StringComparison.Ordinal);
        string bare = zone < 0 ? text : text[..zone];
        if (text.Contains('[', StringComparison.Ordinal) || !IPAddress.TryParse(bare, out var address))
        {
            return false;
        }

        // IPAddress also takes "1", "1.2" and "0x7f.1", which nobody means.
        bool isQuad = address.AddressFamily == AddressFamily.InterNetwork;
        if (isQuad ? zone >= 0 || address.ToString() != bare : zone >= 0 && !IsInterface(text[(zone + 1)..]))
        {
            return false;
        }

        family = address.AddressFamily;
        return true;
    }

    /// <summary>What the kernel lets an interface be called (dev_valid_name): 1 to 15 characters, no space, slash or colon.</summary>
    public static bool IsInterface(string text) =>
        text.Length is >= 1 and <= 15 && text is not ("." or "..")
        && text.All(character => character is > ' ' and < (char)127 and not ('/' or ':'));

    /// <summary>An address with a port; IPv6 in brackets. Without a port it is <paramref name="otherwise"/>, NTP's if nothing else is said. Behind the address may stand % and an interface, as ss(8) prints it.</summary>
    public static bool TryParseEndpoint(string text, out string canonical, int otherwise = 123)
    {
        canonical = "";
        int close = text.LastIndexOf(']');
        int colon = text.LastIndexOf(':');
        bool bracketed = text.StartsWith('[') && close > 0;
        bool hasPort = bracketed ? colon == close + 1 : colon >= 0 && text.IndexOf(':', StringComparison.Ordinal) == colon;
        string host = bracketed ? text[1..close] : hasPort ? text[..colon] : text;
        string port = hasPort ? text[(colon + 1)..] : bracketed && close != text.Length - 1 ? "?" : otherwise.ToString(CultureInfo.InvariantCulture);
        int zone = host.IndexOf('%', StringComparison.Ordinal);
        bool isQuadOnInterface = zone >= 0 && host.Contains('.', StringComparison.Ordinal) && !host.Contains(':', StringComparison.Ordinal) && IsInterface(host[(zone + 1)..]);
        if (!IsAddress(isQuadOnInterface ? host[..zone] : host, out var family) || (bracketed && family != AddressFamily.InterNetworkV6)
            || !ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number)
            || number == 0)
        {
            return false;
        }

        string bracketedHost = family == AddressFamily.InterNetworkV6 ? $"[{host}]" : host;
        canonical = FormattableString.Invariant($"{bracketedHost}:{number}");
        return true;
    }
}
