using System.Net.Sockets;
using System.Runtime.InteropServices;
using TimeSuite.Linux;
using static System.Buffers.Binary.BinaryPrimitives;

namespace TimeSuite.ClknetsimNode;

/// <summary>All clocks of a node at one moment, s since the start.</summary>
/// <param name="Real">CLOCK_REALTIME.</param>
/// <param name="Monotonic">CLOCK_MONOTONIC: slewed, never stepped.</param>
/// <param name="Raw">CLOCK_MONOTONIC_RAW: the oscillator.</param>
internal readonly record struct NodeTime(double Real, double Monotonic, double Raw);

/// <summary>Why SELECT came back.</summary>
internal enum SelectOutcome
{
    Timeout = 0, Packet = 1, Broadcast = 2, Terminate = 3,
}

/// <summary>A datagram, sent or received.</summary>
/// <param name="Subnet">From 0.</param>
/// <param name="Node">The other end, from 0.</param>
/// <param name="SourcePort">Of the sender.</param>
/// <param name="DestinationPort">Of the receiver.</param>
/// <param name="Data">At most 4,000 octets.</param>
internal readonly record struct NodePacket(uint Subnet, uint Node, uint SourcePort, uint DestinationPort, ReadOnlyMemory<byte> Data);

/// <summary>clknetsim's protocol on its SOCK_SEQPACKET socket: C structures of x86-64, little-endian, one request and at most one reply.</summary>
/// <remarks>Layouts: reference/simulation.md section 1.5. Each request begins with {i32 request, i32 0}. Time stands still outside of SELECT.</remarks>
internal sealed class Wire : IDisposable
{
    public const int HeaderSize = 8, TimeSize = 40, RegisterReplySize = 8, SelectReplySize = 64, AdjtimexReplySize = 216, PacketHeaderSize = 24, LargestPacket = 4000;

    private const uint SystemClock = 0;
    private const int UdpData = 1;
    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket;
    private readonly byte[] _request = new byte[HeaderSize + PacketHeaderSize + LargestPacket];
    private readonly byte[] _reply = new byte[PacketHeaderSize + LargestPacket];

    public Wire(Socket socket) => _socket = socket;

    /// <summary>The numbers of the requests.</summary>
    public enum Request
    {
        Register = 1, GetTime = 2, SetTime = 3, Adjtimex = 4, Adjtime = 5, Select = 6, Send = 7, Receive = 8, Deregister = 11,
    }

    /// <summary>The server may not be there yet.</summary>
    /// <exception cref="SocketException">It was not there in time.</exception>
    public static Wire Connect(string path, TimeSpan patience)
    {
        var deadline = DateTime.UtcNow + patience;
        while (true)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
            try
            {
                socket.Connect(new UnixDomainSocketEndPoint(path));
                return new(socket);
            }
            catch (SocketException) when (DateTime.UtcNow < deadline)
            {
                socket.Dispose();
                Thread.Sleep(s_retry);
            }
        }
    }

    /// <summary>Waits until the simulation has come to this node's start.</summary>
    /// <returns>How many subnets there are.</returns>
    public uint Register(uint node)
    {
        WriteUInt32LittleEndian(Body, node);
        int length = Ask(Request.Register, 4, anyLength: true, RegisterReplySize);
        return length == RegisterReplySize
            ? ReadUInt32LittleEndian(_reply)
            : throw new IOException($"this clknetsim answers a registration with {length} octets, not {RegisterReplySize}: it is of another version, without raw clocks");
    }

    public NodeTime GetTime()
    {
        WriteUInt32LittleEndian(Body, SystemClock);
        Ask(Request.GetTime, 4, anyLength: false, TimeSize);
        return ReadTime(_reply);
    }

    /// <summary>adjtimex(2) on the node's clock.</summary>
    /// <returns>The state of the clock, or -1 if something was out of range.</returns>
    public int Adjtimex(ref Timex timex)
    {
        WriteUInt32LittleEndian(Body, SystemClock);
        WriteInt32LittleEndian(Body[4..], 0);
        MemoryMarshal.Write(Body[8..], in timex);
        Ask(Request.Adjtimex, AdjtimexReplySize, anyLength: false, AdjtimexReplySize);
        timex = MemoryMarshal.Read<Timex>(_reply.AsSpan(8));
        return ReadInt32LittleEndian(_reply);
    }

    /// <summary>Lets time pass until a packet comes or the time is over.</summary>
    /// <param name="timeout">s of the node's monotonic clock, not negative.</param>
    /// <param name="time">When it came back.</param>
    public SelectOutcome Select(double timeout, out NodeTime time)
    {
        WriteDoubleLittleEndian(Body, timeout);
        WriteInt32LittleEndian(Body[8..], 1); // read
        WriteInt32LittleEndian(Body[12..], 0);
        Ask(Request.Select, 16, anyLength: false, SelectReplySize);
        time = ReadTime(_reply.AsSpan(PacketHeaderSize));
        int outcome = ReadInt32LittleEndian(_reply);
        return outcome is >= 0 and <= 3 ? (SelectOutcome)outcome : throw new IOException($"SELECT came back with {outcome}");
    }

    public void Send(in NodePacket packet)
    {
        ReadOnlySpan<uint> header = [UdpData, packet.Subnet, packet.Node, packet.SourcePort, packet.DestinationPort, (uint)packet.Data.Length];
        for (int field = 0; field < header.Length; field++)
        {
            WriteUInt32LittleEndian(Body[(4 * field)..], header[field]);
        }

        packet.Data.Span.CopyTo(Body[PacketHeaderSize..]);
        Tell(Request.Send, PacketHeaderSize + packet.Data.Length);
    }

    /// <summary>Takes the packet that SELECT has announced.</summary>
    /// <returns>False if there is none, or one that is no UDP datagram.</returns>
    public bool TryReceive(out NodePacket packet)
    {
        int length = Ask(Request.Receive, 0, anyLength: true, PacketHeaderSize);
        uint Field(int index) => ReadUInt32LittleEndian(_reply.AsSpan(4 * index));
        uint data = Field(5);
        if (length < PacketHeaderSize || data > LargestPacket || length < PacketHeaderSize + data)
        {
            throw new IOException($"a packet of {data} octets in a reply of {length}");
        }

        packet = new(Field(1), Field(2), Field(3), Field(4), _reply.AsMemory(PacketHeaderSize, (int)data));
        return Field(0) == UdpData;
    }

    /// <summary>The last word; nothing comes back.</summary>
    public void Deregister() => Tell(Request.Deregister, 0);

    public void Dispose() => _socket.Dispose();

    private Span<byte> Body => _request.AsSpan(HeaderSize);

    private static NodeTime ReadTime(ReadOnlySpan<byte> reply) =>
        new(ReadDoubleLittleEndian(reply), ReadDoubleLittleEndian(reply[8..]), ReadDoubleLittleEndian(reply[16..])); // then network time and rate error, which no node may know

    private void Tell(Request request, int body)
    {
        WriteInt32LittleEndian(_request, (int)request);
        WriteInt32LittleEndian(_request.AsSpan(4), 0);
        int length = HeaderSize + body;
        if (_socket.Send(_request.AsSpan(0, length)) != length)
        {
            throw new IOException("clknetsim took only a part of a request");
        }
    }

    /// <summary>Returns how long the reply was.</summary>
    private int Ask(Request request, int body, bool anyLength, int reply)
    {
        Tell(request, body);
        int length = _socket.Receive(_reply);
        if (length == 0)
        {
            throw new IOException("clknetsim has closed the connection");
        }

        return anyLength || length == reply ? length : throw new IOException($"{request}: a reply of {length} octets, not {reply}: clknetsim is of another version");
    }
}
