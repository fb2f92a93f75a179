using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using TimeSuite.Linux;
using TimeSuite.Simulation;
using static System.Buffers.Binary.BinaryPrimitives;

namespace TimeSuite.Scenarios.Tests.Clknetsim;

/// <summary>clknetsim as reference/simulation.md section 1.5 describes it, for one node: a clock, a perfect server as node 0, and time that passes in SELECT only.</summary>
/// <remarks>As strict as the real one: a request of a wrong length ends it.</remarks>
internal sealed class StandIn : IDisposable
{
    public const long Start = 1_262_304_000;
    private const int Header = 8, PacketHeader = 24;

    private readonly string _path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"clknetsim-{Guid.NewGuid():N}.sock");
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
    private readonly PriorityQueue<byte[], double> _underWay = new(); // replies of RECV, by arrival
    private readonly Queue<byte[]> _arrived = new();
    private readonly PriorityQueue<Action, double> _plans = new();
    private readonly Thread _thread;
    private readonly double _limit;
    private readonly World _world;
    private readonly Way _up, _down;
    private Socket? _node;
    private double _nextSecond = 1;

    public StandIn(double limit, ulong seed = 1)
    {
        var setup = new Setup { Start = Start, Limit = limit };
        (_limit, _world) = (limit, new(setup, seed));
        Host = new(setup, seed, "node") { ActsOnTrueSeconds = true };
        Host.Kernel.KeepsPhaseOnStep = true;
        (_up, _down) = (new(setup, seed, "up", isDown: false), new(setup, seed, "down", isDown: true));
        _listener.Bind(new UnixDomainSocketEndPoint(_path));
        _listener.Listen(1);
        _thread = new(Serve) { IsBackground = true };
    }

    public string Path => _path;

    public VirtualHost Host { get; }

    /// <summary>Requests as they came, the first of each kind.</summary>
    public Dictionary<int, byte[]> Seen { get; } = [];

    /// <summary>Packets that the node sent, without the replies to its own requests' servers.</summary>
    public List<byte[]> Sent { get; } = [];

    /// <summary>What the node did wrong; null if nothing.</summary>
    public string? Violation { get; private set; }

    public bool IsDeregistered { get; private set; }

    /// <summary>What is answered to the registration.</summary>
    public byte[] Registered { get; init; } = [1, 0, 0, 0, 1, 0, 0, 0]; // one subnet, one clock

    public void Begin() => _thread.Start();

    /// <summary>Something that happens at a time, s.</summary>
    public void At(double time, Action action) => _plans.Enqueue(action, time);

    /// <summary>A packet comes to the node from node 0.</summary>
    public void Deliver(uint sourcePort, uint destinationPort, ReadOnlySpan<byte> data) => _arrived.Enqueue(Packet(sourcePort, destinationPort, data));

    public bool WaitForEnd(TimeSpan patience) => _thread.Join(patience);

    public void Dispose()
    {
        _listener.Dispose();
        _node?.Dispose();
        File.Delete(_path);
    }

    private void Serve()
    {
        try
        {
            _node = _listener.Accept();
            byte[] request = new byte[Header + PacketHeader + 4000];
            while (!IsDeregistered)
            {
                int length = _node.Receive(request);
                if (length < Header)
                {
                    Violation ??= $"hung up without deregistering, at {Host.Now} s";
                    return;
                }

                Handle(request.AsSpan(0, length));
            }
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException or InvalidDataException)
        {
            Violation ??= failure.Message;
            _node?.Dispose();
        }
    }

    private void Handle(ReadOnlySpan<byte> request)
    {
        int number = ReadInt32LittleEndian(request);
        Seen.TryAdd(number, request.ToArray());
        var body = request[Header..];
        switch (number)
        {
            case 1:
                Check(number, body, 4);
                Reply(Registered);
                break;
            case 2:
                Check(number, body, 4);
                byte[] time = new byte[40];
                WriteTime(time);
                Reply(time);
                break;
            case 4:
                Check(number, body, 216);
                Adjtimex(body);
                break;
            case 6:
                Check(number, body, 16);
                Select(ReadDoubleLittleEndian(body));
                break;
            case 7:
                Check(number, body, PacketHeader + (int)ReadUInt32LittleEndian(body[20..]));
                Send(body);
                break;
            case 8:
                Check(number, body, 0);
                Reply(_arrived.TryDequeue(out byte[]? packet) ? packet : new byte[PacketHeader]);
                break;
            case 11:
                Check(number, body, 0);
                IsDeregistered = true;
                break;
            default:
                throw new InvalidDataException($"request {number}");
        }
    }

    private static void Check(int request, ReadOnlySpan<byte> body, int length)
    {
        if (body.Length != length)
        {
            throw new InvalidDataException($"request {request} with {body.Length} octets, not {length}");
        }
    }

    private void Reply(ReadOnlySpan<byte> reply) => _node!.Send(reply);

    private void WriteTime(Span<byte> reply)
    {
        WriteDoubleLittleEndian(reply, Host.Now + Host.RealError);
        WriteDoubleLittleEndian(reply[8..], Host.Now + Host.MonotonicError);
        WriteDoubleLittleEndian(reply[16..], Host.Now + Host.RawError);
        WriteDoubleLittleEndian(reply[24..], Host.Now);
        WriteDoubleLittleEndian(reply[32..], Host.RealRate);
    }

    private void Adjtimex(ReadOnlySpan<byte> body)
    {
        byte[] reply = new byte[216];
        var timex = MemoryMarshal.Read<Timex>(body[8..]);
        try
        {
            WriteInt32LittleEndian(reply, Host.Kernel.Adjust(ref timex));
        }
        catch (Win32Exception)
        {
            WriteInt32LittleEndian(reply, -1);
        }

        MemoryMarshal.Write(reply.AsSpan(8), in timex);
        Reply(reply);
    }

    private void Select(double timeout)
    {
        double end = Host.Now + Host.MonotonicError + timeout; // by the node's monotonic clock
        while (Host.Now < _limit && _arrived.Count == 0 && end - (Host.Now + Host.MonotonicError) > 0)
        {
            double wait = (end - (Host.Now + Host.MonotonicError)) / (1 + Host.RealRate);
            double packet = _underWay.TryPeek(out _, out double arrival) ? arrival : double.PositiveInfinity;
            double plan = _plans.TryPeek(out _, out double when) ? when : double.PositiveInfinity;
            double next = Math.Min(Math.Min(Math.Max(Host.Now + wait, Host.Now + 1e-12), packet), Math.Min(Math.Min(_nextSecond, Math.Max(plan, Host.Now)), _limit));
            Host.AdvanceTo(next);
            if (next == _nextSecond)
            {
                Host.Second();
                _nextSecond++;
            }
            else if (next == packet)
            {
                _arrived.Enqueue(_underWay.Dequeue());
            }
            else if (next >= plan)
            {
                _plans.Dequeue()();
            }
        }

        byte[] reply = new byte[64];
        WriteInt32LittleEndian(reply, Host.Now >= _limit ? 3 : end - (Host.Now + Host.MonotonicError) <= 0 ? 0 : 1);
        if (_arrived.TryPeek(out byte[]? first))
        {
            first.AsSpan(0, 4).CopyTo(reply.AsSpan(4)); // type, subnet, from, ports
            first.AsSpan(4, 16).CopyTo(reply.AsSpan(8));
        }

        WriteTime(reply.AsSpan(24));
        Reply(reply);
    }

    private void Send(ReadOnlySpan<byte> body)
    {
        Sent.Add(body.ToArray());
        uint to = ReadUInt32LittleEndian(body[8..]), source = ReadUInt32LittleEndian(body[12..]), destination = ReadUInt32LittleEndian(body[16..]);
        if (to != 0 || destination != 123)
        {
            return;
        }

        byte[] answer = new byte[48];
        double there = Host.Now + _up.Enter(Host.Now)[0];
        int length = _world.Servers[0].Answer(body[PacketHeader..], there, answer);
        if (length > 0)
        {
            _underWay.Enqueue(Packet(123, source, answer.AsSpan(0, length)), there + _down.Enter(there)[0]);
        }
    }

    /// <summary>What RECV gives: type, subnet, from, ports, length, data.</summary>
    private static byte[] Packet(uint sourcePort, uint destinationPort, ReadOnlySpan<byte> data)
    {
        byte[] packet = new byte[PacketHeader + data.Length];
        ReadOnlySpan<uint> header = [1, 0, 0, sourcePort, destinationPort, (uint)data.Length];
        for (int field = 0; field < header.Length; field++)
        {
            WriteUInt32LittleEndian(packet.AsSpan(4 * field), header[field]);
        }

        data.CopyTo(packet.AsSpan(PacketHeader));
        return packet;
    }
}
