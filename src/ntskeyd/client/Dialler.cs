using System.Net;
using System.Net.Sockets;

namespace TimeSuite.Ntskeyd.Client;

/// <summary>Finds the addresses of a host: 4, 6 or 0 for both families.</summary>
internal delegate Task<IReadOnlyList<IPAddress>> FindAddresses(string host, int family, CancellationToken deadline);

/// <summary>Connects to a host, both families in turn: the next address is tried when one has failed or a second has gone by (after RFC 8305).</summary>
internal static class Dialler
{
    private const int MostAddresses = 8;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    /// <param name="host">A name, or an address in text.</param>
    /// <param name="port">TCP.</param>
    /// <param name="family">4, 6, or 0 for both.</param>
    /// <param name="find">Finds the addresses of a name, in the order in which they are to be tried; empty if there are none.</param>
    /// <param name="deadline">For the whole.</param>
    /// <exception cref="SocketException">No name, or nobody answers at any address.</exception>
    /// <exception cref="OperationCanceledException">Too late.</exception>
    public static async Task<Socket> ConnectAsync(string host, int port, int family, FindAddresses find, CancellationToken deadline)
    {
        var addresses = await find(host, family, deadline);
        var order = Interleave(addresses.Where(address => family == 0 || address.AddressFamily == Family(family)));
        using var over = CancellationTokenSource.CreateLinkedTokenSource(deadline);
        var running = new List<Task<Socket>>();
        Exception? failure = null;
        for (int next = 0; next < order.Count || running.Count > 0;)
        {
            if (next < order.Count)
            {
                running.Add(DialAsync(new(order[next++], port), over.Token));
            }

            var pause = next < order.Count ? Task.Delay(s_patience, over.Token) : Task.Delay(Timeout.Infinite, over.Token);
            if (await Task.WhenAny([.. running, pause]) is not Task<Socket> ended)
            {
                deadline.ThrowIfCancellationRequested();
                continue;
            }

            running.Remove(ended);
            if (ended.IsCompletedSuccessfully)
            {
                await over.CancelAsync();
                running.ForEach(late => late.ContinueWith(task => task.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default));
                return await ended;
            }

            failure = ended.Exception?.InnerException;
        }

        deadline.ThrowIfCancellationRequested();
        throw failure as SocketException ?? new SocketException((int)SocketError.HostNotFound);
    }

    /// <summary>IPv6 and IPv4 in turn, beginning with the family that the resolver put first.</summary>
    internal static List<IPAddress> Interleave(IEnumerable<IPAddress> addresses)
    {
        var families = addresses.Distinct().GroupBy(address => address.AddressFamily).Select(group => group.ToList()).ToList();
        int longest = families.Count == 0 ? 0 : families.Max(family => family.Count);
        return [.. Enumerable.Range(0, longest).SelectMany(index => families.Where(family => index < family.Count).Select(family => family[index])).Take(MostAddresses)];
    }

    private static AddressFamily Family(int family) => family switch { 4 => AddressFamily.InterNetwork, 6 => AddressFamily.InterNetworkV6, _ => AddressFamily.Unspecified };

    private static async Task<Socket> DialAsync(IPEndPoint endpoint, CancellationToken deadline)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endpoint, deadline);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
