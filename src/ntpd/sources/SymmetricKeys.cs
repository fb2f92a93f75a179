using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using TimeSuite.Config;
using TimeSuite.Ntp;

namespace TimeSuite.Ntpd.Sources;

/// <summary>The key file made keys.</summary>
internal static partial class SymmetricKeys
{
    /// <summary>Reads the file of the configuration, if it names one.</summary>
    /// <param name="suite">Says where the file is.</param>
    /// <param name="sources">Each one's key has to be there.</param>
    /// <param name="log">For what is weak but no mistake.</param>
    /// <exception cref="InvalidDataException">A line is wrong or a key is missing: where, and what would be right.</exception>
    public static KeyRing Load(SuiteConfig suite, IEnumerable<SourceConfig> sources, ILogger log)
    {
        var file = KeyFile.Of(suite);
        try
        {
            var mistakes = KeyCheck.Mistakes(file, suite, sources);
            if (mistakes.Count > 0)
            {
                throw new InvalidDataException(string.Join('\n', mistakes));
            }

            foreach (var warning in file.Warnings)
            {
                LogWeak(log, warning.ToString());
            }

            return new(file.Keys.Select(line => new SymmetricKey(line.Id, AlgorithmOf(line.Kind), line.Secret)));
        }
        finally
        {
            foreach (var line in file.Keys)
            {
                CryptographicOperations.ZeroMemory(line.Secret);
            }
        }
    }

    private static MacAlgorithm AlgorithmOf(KeyKind kind) => kind switch
    {
        KeyKind.Md5 => MacAlgorithm.Md5,
        KeyKind.Sha1 => MacAlgorithm.Sha1,
        KeyKind.Sha256 => MacAlgorithm.Sha256,
        KeyKind.Sha384 => MacAlgorithm.Sha384,
        KeyKind.Sha512 => MacAlgorithm.Sha512,
        KeyKind.Aes128 => MacAlgorithm.Aes128,
        KeyKind.Aes256 => MacAlgorithm.Aes256,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    [LoggerMessage(LogLevel.Warning, "{Weakness}")]
    private static partial void LogWeak(ILogger log, string weakness);
}
