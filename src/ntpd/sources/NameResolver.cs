using System.Net;
using System.Net.Sockets;

namespace TimeSuite.Ntpd.Sources;

/// <summary>Turns names into addresses without ever making the loop wait.</summary>
/// <remarks>The confinement issue moves the work to a process of its own behind this same interface.</remarks>
public interface INameResolver
{
    /// <summary>Begins; the answer goes to <paramref name="answer"/> later, on another thread, exactly once. Empty: no such name, or no DNS now.</summary>
    /// <param name="name">Host name, or an address in text.</param>
    /// <param name="family">4, 6, or null for both.</param>
    /// <param name="answer">Takes at most 64 addresses.</param>
    void Resolve(string name, int? family, Action<IReadOnlyList<IPAddress>> answer);
}

/// <summary>The system's resolver on threads of the pool, at most four questions at a time, each with a deadline.</summary>
public sealed class SystemNameResolver : INameResolver, IDisposable
{
    private const int MaxAddresses = 64;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private readonly SemaphoreSlim _places = new(4);

    public void Resolve(string name, int? family, Action<IReadOnlyList<IPAddress>> answer)
    {
        if (IPAddress.TryParse(name, out var literal))
        {
            answer([literal]);
            return;
        }

        _ = ResolveAsync(name, family, answer);
    }

    public void Dispose() => _places.Dispose();

    private async Task ResolveAsync(string name, int? family, Action<IReadOnlyList<IPAddress>> answer)
    {
        IReadOnlyList<IPAddress> addresses = [];
        await _places.WaitAsync();
        try
        {
            var wanted = family switch { 4 => AddressFamily.InterNetwork, 6 => AddressFamily.InterNetworkV6, _ => AddressFamily.Unspecified };
            // Task.Run: the first look-up of a process loads libraries, and that must not happen on the loop's thread.
            var found = await Task.Run(() => Dns.GetHostAddressesAsync(name, wanted)).WaitAsync(Deadline);
            addresses = [.. found.Distinct().Take(MaxAddresses)];
        }
        catch (Exception exception) when (exception is SocketException or TimeoutException or ArgumentException)
        {
            // No such name and no DNS look the same to the caller: ask again later.
        }
        finally
        {
            _places.Release();
            answer(addresses);
        }
    }
}
