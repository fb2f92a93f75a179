using System.Security.Cryptography;

namespace TimeSuite.Config;

/// <summary>The key files as a configuration needs them: what the daemons and <c>timectl config check</c> both refuse.</summary>
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

    /// <summary>The same for the file that [ptp] authentication-keys names, which is read for it.</summary>
    /// <param name="ptp">Null: there is none.</param>
    /// <param name="unread">Why it could not be read by who asks, which is no mistake: ptpd may. Null: it was.</param>
    /// <returns>What is wrong, and where.</returns>
    public static IReadOnlyList<ConfigError> Mistakes(PtpConfig? ptp, out string? unread)
    {
        unread = null;
        if (ptp is null or { Authentication: PtpConfig.PtpSeals.Off })
        {
            return [];
        }

        var keys = PtpKeyFile.Load(ptp.AuthenticationKeys, out var errors);
        keys.ToList().ForEach(key => CryptographicOperations.ZeroMemory(key.Secret));
        if (errors is [{ Message: var why }] && why.StartsWith(TrustedText.Unread, StringComparison.Ordinal))
        {
            unread = $"{ptp.AuthenticationKeys} {why}";
            return [];
        }

        return errors.Count > 0 || keys.Any(key => key.Association == ptp.AuthenticationAssociation && key.Id == ptp.AuthenticationKey) ? errors
            : [new(ptp.AuthenticationKeys, 1, 1, NoSuchKey(ptp))];
    }

    /// <summary>What is wrong with a file of [ptp] that lacks the key which seals.</summary>
    public static string NoSuchKey(PtpConfig ptp) => Invariant($"has no key {ptp.AuthenticationKey} of association {ptp.AuthenticationAssociation}, which authentication-key in [ptp] names");

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
