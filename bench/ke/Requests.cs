using System.Buffers.Binary;
using System.Security.Cryptography;
using TimeSuite.Ntp;
using TimeSuite.Nts;

namespace TimeSuite.KeBench;

/// <summary>Protected requests for ntp-load to send again and again: no server remembers cookies, that they are used once is the client's affair.</summary>
internal static class Requests
{
    /// <summary>Writes requests, each after its length in two octets, highest first. The transmit stamp's first 12 bits as a little-endian number are the request's place in the file.</summary>
    public static async Task WriteAsync(int port, int count, NtsAead aead, string file)
    {
        var exchange = await Exchange.HoldAsync(port, aead) ?? throw new InvalidOperationException($"the key exchange with port {port} failed");
        using var output = File.Create(file);
        Span<byte> length = stackalloc byte[2];
        for (int slot = 0; slot < count; slot++)
        {
            var cookies = Enumerable.Repeat(exchange.Answer.Cookies[slot % exchange.Answer.Cookies.Count], NtsClient.MostCookies);
            var client = new NtsClient(exchange.Keys, others: null, cookies, Draw);
            byte[] request = new byte[client.RequestSize];
            new NtpHeader { Version = 4, Mode = NtpMode.Client, Poll = 6 }.Write(request);
            ulong chance = (Draw() & ~0xFFFUL) | (uint)slot;
            BinaryPrimitives.WriteUInt64LittleEndian(request.AsSpan(NtpHeader.Size - sizeof(ulong)), chance);
            client.Protect(request);
            BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)request.Length);
            output.Write(length);
            output.Write(request);
        }
    }

    private static ulong Draw()
    {
        Span<byte> octets = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(octets);
        return BinaryPrimitives.ReadUInt64LittleEndian(octets);
    }
}
