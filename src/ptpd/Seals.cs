using System.Security.Cryptography;
using TimeSuite.Config;
using TimeSuite.Ptp;

namespace TimeSuite.Ptpd;

/// <summary>The keys of [ptp] as the ports use them.</summary>
internal static class Seals
{
    /// <summary>Reads the file of keys, if the configuration names one.</summary>
    /// <param name="config">[ptp].</param>
    /// <param name="seals">Null: messages are not sealed.</param>
    /// <param name="faults">What is wrong.</param>
    public static bool TryLoad(PtpConfig config, out PtpAuthentication? seals, out IReadOnlyList<string> faults)
    {
        (seals, faults) = (null, []);
        if (config.Authentication == PtpConfig.PtpSeals.Off)
        {
            return true;
        }

        var lines = PtpKeyFile.Load(config.AuthenticationKeys, out var errors);
        if (errors.Count > 0)
        {
            faults = [.. errors.Select(error => error.ToString())];
            return false;
        }

        byte association = (byte)config.AuthenticationAssociation;
        var keys = lines.Where(line => line.Association == association).Select(KeyOf).ToList();
        if (keys.Find(key => key.Id == config.AuthenticationKey) is not { } sending)
        {
            faults = [$"{config.AuthenticationKeys} {KeyCheck.NoSuchKey(config)}"];
            return false;
        }

        // Each is tried now: what the first use loads (OpenSSL) cannot be loaded any more once the list of system calls is closed.
        keys.ForEach(key => key.Try());
        seals = new(association, keys, sending, config.Authentication == PtpConfig.PtpSeals.Required, config.AuthenticationLeavesCorrection);
        return true;
    }

    private static PtpKey KeyOf(PtpKeyLine line)
    {
        var key = new PtpKey(
            line.Id,
            line.Kind switch
            {
                PtpKeyKind.Sha256Half => IcvAlgorithm.HmacSha256Half,
                PtpKeyKind.Sha256 => IcvAlgorithm.HmacSha256,
                PtpKeyKind.Aes128 => IcvAlgorithm.AesCmac128,
                _ => IcvAlgorithm.AesCmac256,
            },
            line.Secret);
        CryptographicOperations.ZeroMemory(line.Secret);
        return key;
    }
}
