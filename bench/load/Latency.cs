using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace TimeSuite.Load;

/// <summary>How long a server keeps a request: from the kernel's receive stamp to its transmit stamp, as its own replies say, so that what the generator waits for is not in it.</summary>
internal static class Latency
{
    private const int HeaderSize = 48, PatienceMilliseconds = 200;

    /// <summary>One request after the other, a millisecond apart.</summary>
    public static string Run(LoadOptions options)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = PatienceMilliseconds };
        socket.Connect(new IPAddress(BinaryPrimitives.ReverseEndianness(options.Target)), options.Port);
        byte[] request = new byte[HeaderSize], reply = new byte[2 * HeaderSize];
        request[0] = 0x23; // version 4, client
        List<double> kept = [];
        int lost = 0;
        for (var end = DateTime.UtcNow.AddSeconds(options.Seconds); DateTime.UtcNow < end; Thread.Sleep(1))
        {
            BinaryPrimitives.WriteInt64BigEndian(request.AsSpan(40), kept.Count + lost + 1);
            socket.Send(request);
            try
            {
                while (socket.Receive(reply) != HeaderSize || !reply.AsSpan(24, 8).SequenceEqual(request.AsSpan(40)))
                {
                }

                kept.Add((BinaryPrimitives.ReadUInt64BigEndian(reply.AsSpan(40)) - BinaryPrimitives.ReadUInt64BigEndian(reply.AsSpan(32))) * (1e6 / (1UL << 32)));
            }
            catch (SocketException refused) when (refused.SocketErrorCode == SocketError.TimedOut || refused.SocketErrorCode == SocketError.WouldBlock)
            {
                lost++;
            }
        }

        kept.Sort();
        return FormattableString.Invariant($"kept-us {Quantile(0.5):0.0} kept-us-p99 {Quantile(0.99):0.0} asked {kept.Count + lost} lost {lost}");

        double Quantile(double share) => kept.Count == 0 ? double.NaN : kept[(int)(share * (kept.Count - 1))];
    }
}
