using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using TimeSuite.Config;
using TimeSuite.Linux;
using TimeSuite.Nts.Tls;

namespace TimeSuite.Ntskeyd.Server;

/// <summary>A certificate in use and the file that it is from.</summary>
internal sealed record ServedCertificate(CertificateConfig Files, KeIdentity Identity);

/// <summary>The server's certificates: read at the start, at a reload and when their files change. Connections keep those that they began with.</summary>
internal sealed partial class Certificates(KeCrypto crypto, ILogger<Certificates> log)
{
    private const int LongestFile = 1 << 18;
    private static readonly Duration s_warning = Duration.FromSeconds(30L * 86_400), s_day = Duration.FromSeconds(86_400L);

    private volatile IReadOnlyList<ServedCertificate> _served = [];
    private IReadOnlyList<CertificateConfig> _wanted = [];
    private string _stamp = "";
    private Instant<Utc>? _warned;

    public IReadOnlyList<ServedCertificate> Served => _served;

    /// <summary>Reads all of them; if one is wrong, nothing changes.</summary>
    /// <returns>What is wrong; empty: they are in use.</returns>
    public IReadOnlyList<string> Load(IReadOnlyList<CertificateConfig> files)
    {
        lock (crypto)
        {
            string stamp = Stamp(files); // before they are read: what changes meanwhile is seen the next time
            var read = new List<ServedCertificate>();
            var faults = new List<string>();
            foreach (var file in files)
            {
                if (Read(file, out string fault) is { } identity)
                {
                    read.Add(new(file, identity));
                    LogUsing(log, file.Chain, identity.Key, string.Join(' ', identity.Names.Concat(identity.Addresses.Select(octets => new System.Net.IPAddress(octets).ToString()))), CertificateTime.Words(identity.ValidUntil));
                }
                else
                {
                    faults.Add(fault);
                }
            }

            _stamp = stamp;
            if (faults.Count == 0)
            {
                (_served, _wanted, _warned) = (read, files, null);
            }

            return faults;
        }
    }

    /// <summary>Looks whether files have changed, and whether a certificate comes to its end. To be called every few seconds.</summary>
    public void Look(Instant<Utc> now)
    {
        if (_wanted.Count > 0 && Stamp(_wanted) != _stamp)
        {
            foreach (string fault in Load(_wanted))
            {
                LogKept(log, fault);
            }
        }

        if (_warned is { } last && now - last < s_day && now >= last)
        {
            return;
        }

        foreach (var served in _served.Where(served => served.Identity.ValidUntil - now < s_warning))
        {
            _warned = now;
            LogEnds(log, served.Files.Chain, served.Identity.ValidUntil < now ? "has expired" : "expires", CertificateTime.Words(served.Identity.ValidUntil));
        }
    }

    private KeIdentity? Read(CertificateConfig file, out string fault)
    {
        byte[] chain = [], key = [];
        try
        {
            if (AtomicFile.Read(file.Chain, LongestFile, out chain, followsLink: true) is var chainOutcome && chainOutcome != FileOutcome.Read)
            {
                fault = $"{file.Chain} cannot be read: {chainOutcome.Words()}{Remedy(chainOutcome)}";
                return null;
            }

            if (AtomicFile.Read(file.Key, LongestFile, out key, followsLink: true) is var keyOutcome && keyOutcome != FileOutcome.Read)
            {
                fault = $"{file.Key} cannot be read: {keyOutcome.Words()}{Remedy(keyOutcome)}";
                return null;
            }

            if (File.GetUnixFileMode(file.Key).HasFlag(UnixFileMode.OtherRead))
            {
                LogReadable(log, file.Key);
            }

            bool isGood = KeIdentity.TryRead(crypto, chain, key, out var identity, out string wrong);
            fault = isGood ? "" : $"{file.Chain} with {file.Key}: {wrong}";
            return identity;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
        {
            fault = $"{file.Chain} or {file.Key} cannot be read: {exception.Message}";
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private static string Remedy(FileOutcome outcome) => outcome == FileOutcome.Denied
        ? "; ntskeyd's user has to be able to read it (chgrp timesuite-nts, chmod 640), and its AppArmor profile to let it (/etc/apparmor.d/local/timesuite-ntskeyd)"
        : "";

    /// <summary>Changes when a file does.</summary>
    private static string Stamp(IReadOnlyList<CertificateConfig> files) => string.Join('|', files.SelectMany(file => new[] { file.Chain, file.Key }).Select(path =>
    {
        var target = new FileInfo(path) is { LinkTarget: not null } link ? link.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? link : new FileInfo(path);
        return target.Exists ? FormattableString.Invariant($"{target.FullName}:{target.Length}:{target.LastWriteTimeUtc.Ticks}") : "";
    }));

    [LoggerMessage(LogLevel.Information, "{File}: {Key}, for {Names}, valid until {Until}")]
    private static partial void LogUsing(ILogger log, string file, string key, string names, string until);

    [LoggerMessage(LogLevel.Error, "{Fault}; the certificates stay as they were")]
    private static partial void LogKept(ILogger log, string fault);

    [LoggerMessage(LogLevel.Warning, "{File} can be read by everybody; a private key should not be (chmod 640)")]
    private static partial void LogReadable(ILogger log, string file);

    [LoggerMessage(LogLevel.Warning, "The certificate {File} {What} on {Until}")]
    private static partial void LogEnds(ILogger log, string file, string what, string until);
}
