using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using TimeSuite.Host;
using TimeSuite.Nts.Tls;

namespace TimeSuite.Ntskeyd.Keys;

/// <summary>The ring in force: on disk before anybody is told, so that a restart loses no client.</summary>
/// <param name="path">Of the file.</param>
/// <param name="chance">For new keys.</param>
/// <param name="log">For what goes wrong.</param>
internal sealed partial class CookieKeyStore(string path, KeChance chance, ILogger log)
{
    private readonly StateFile _file = new(path, CookieKeyFile.LongestFile, log)
    {
        Mode = StateFile.ReadableByOwner,
        IsDurable = true,
        Loss = "clients with cookies of its keys will exchange keys again",
    };

    private readonly Lock _lock = new();
    private CookieKeyRing? _ring;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How long a key seals, and how many earlier ones open.</summary>
    public (Duration Rotate, int OldKeys) Plan { get; set; } = (Duration.FromSeconds(7L * 86_400), 2);

    public CookieKeyRing Ring => _ring ?? throw new InvalidOperationException("the keys were not read yet");

    /// <summary>The ring, and what completes when there is another.</summary>
    public (CookieKeyRing Ring, Task Changed) Watch()
    {
        lock (_lock)
        {
            return (Ring, _changed.Task);
        }
    }

    /// <summary>Reads the file, or begins with new keys; a file that makes no sense is set aside.</summary>
    public void Load(Instant<Utc> now)
    {
        CookieKeyRing? ring = null;
        _file.Read(
            content =>
            {
                bool isGood = CookieKeyFile.TryRead(content, out ring, out string fault);
                CryptographicOperations.ZeroMemory(content);
                return isGood ? null : fault;
            },
            now);
        Adopt(ring is null ? CookieKeyRing.Start(now, Plan.Rotate, chance) : ring.Advance(now, Plan.Rotate, Plan.OldKeys, chance));
    }

    /// <summary>Does what is due.</summary>
    public void Advance(Instant<Utc> now)
    {
        lock (_lock)
        {
            var advanced = Ring.Advance(now, Plan.Rotate, Plan.OldKeys, chance);
            if (advanced != _ring)
            {
                Adopt(advanced);
            }
        }
    }

    /// <summary>The next key seals from now on. Returns its id.</summary>
    public uint Rotate(Instant<Utc> now)
    {
        lock (_lock)
        {
            Adopt(Ring.Rotate(now, Plan.Rotate, Plan.OldKeys, chance));
            return Ring.Sealing.Key.Id;
        }
    }

    /// <summary>Takes over another server's.</summary>
    public void Replace(CookieKeyRing ring)
    {
        lock (_lock)
        {
            Adopt(ring);
        }
    }

    private void Adopt(CookieKeyRing ring)
    {
        byte[] file = CookieKeyFile.Write(ring);
        _file.Write(file);
        CryptographicOperations.ZeroMemory(file);
        lock (_lock)
        {
            _ring = ring;
            var changed = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            changed.SetResult();
        }

        LogSealing(log, ring.Sealing.Key.Id, ring.Keys.Count);
    }

    [LoggerMessage(LogLevel.Information, "Cookies are sealed by key {Id:x8}; there are {Count} keys")]
    private static partial void LogSealing(ILogger log, uint id, int count);
}
