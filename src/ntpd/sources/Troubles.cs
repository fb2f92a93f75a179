namespace TimeSuite.Ntpd.Sources;

/// <summary>What stands between us and the servers, as far as this machine can see it.</summary>
internal static class Troubles
{
    private const int Told = 2; // what an administrator wants to read in one line

    /// <summary>The first few of them in words; empty if there are none.</summary>
    public static string Of(IReadOnlyList<ConfiguredSource> sources)
    {
        var all = sources.Where(source => source.IsOnline).SelectMany(Of).ToList();
        string more = all.Count > Told ? FormattableString.Invariant($"; and {all.Count - Told} more") : "";
        return string.Join("; ", all.Take(Told)) + more;
    }

    private static IEnumerable<string> Of(ConfiguredSource source) => source is { Sessions.Count: 0, ResolveFailure: { } failure }
        ? [$"{source.Config.Name}: {failure}"]
        : source.Sessions.Where(session => session.SendFailure is not null).Select(session => $"{session.Address.ToIPAddress()} cannot be asked: {session.SendFailure}");
}
