namespace TimeSuite.Config;

/// <summary>The key <c>listen</c>, wherever it stands.</summary>
internal static class ListenToml
{
    /// <summary>Addresses with ports in their one form, each once, at least one; null without the key.</summary>
    /// <param name="table">Where the key is.</param>
    /// <param name="port">For addresses without one.</param>
    /// <param name="right">What each must be.</param>
    public static List<string>? Read(TableReader table, int port, string right)
    {
        if (table.Texts("listen", text => HostName.TryParseEndpoint(text, out _, port), right) is not { } written)
        {
            return null;
        }

        var listen = new List<string>();
        foreach (string text in written)
        {
            if (HostName.TryParseEndpoint(text, out string canonical, port) && listen.Contains(canonical))
            {
                table.Refuse("listen", $"{canonical} stands there twice; keep one");
            }

            listen.Add(canonical);
        }

        if (listen.Count == 0)
        {
            table.Refuse("listen", "must name at least one address; leave the table out to answer nobody");
        }

        return listen;
    }
}
