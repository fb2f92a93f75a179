namespace TimeSuite.Config;

/// <summary>The key file as a configuration needs it: what ntpd and <c>timectl config check</c> both refuse.</summary>
public static class KeyCheck
{
    /// <param name="keys">What the file of [keys] holds; empty without that table.</param>
    /// <param name="config">Of the file.</param>
    /// <param name="sources">Each one's key has to be there.</param>
    /// <returns>A line for each mistake: where, and what would be right. Without any the keys can be used.</returns>
    public static IReadOnlyList<string> Mistakes(KeyFileResult keys, SuiteConfig config, IEnumerable<SourceConfig> sources)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(config);
        if (keys.Errors.Count > 0)
        {
            return [.. keys.Errors.Select(error => error.ToString())];
        }

        string file = config.Keys?.File ?? "any file: [keys] is missing";
        bool Lacks(uint key) => key != 0 && keys.Keys.All(line => line.Id != key);
        return
        [
            .. sources.Where(source => Lacks(source.Key)).Select(source => Invariant($"{source.Where}: [[source]] {source.Name} has key = {source.Key}, which is not in {file}")),
            .. config.Broadcast is { } broadcast && Lacks(broadcast.Key) ? [Invariant($"[broadcast] has key = {broadcast.Key}, which is not in {file}")] : Array.Empty<string>(),
        ];
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
