using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace TimeSuite.Load;

/// <summary>One thread's socket with its requests: sends and receives by the handful, and checks that each reply answers a request of its own that is still open.</summary>
/// <remarks>It never sleeps: a thread that has to be woken would make the server pay for the waking.</remarks>
internal sealed unsafe class Asker : IDisposable
{
    private const int Batch = 128, Room = 1600, ReplyRoom = 1600, HeaderSize = 48, UniqueIdField = 36;
    private const ulong LongestWithin = 1UL << 32; // 1 s: no server of sound mind takes longer from the receive to the transmit stamp

    private readonly long _patience; // then a request is taken for lost
    private readonly int _size; // of a request
    private readonly LoadOptions _options;
    private readonly int _socket;
    private readonly Message* _incoming, _outgoing;
    private readonly byte* _replies, _requests;
    private readonly (ulong Cookie, long Sent)[] _open; // by slot; cookie 0: free
    private readonly Stack<int> _free = new();
    private readonly Random _random;
    private int _queued, _nextClient;
    private ulong _lastTransmit; // of the server, as it came

    public Asker(LoadOptions options, int number, long oneInFlight)
    {
        _options = options;
        _patience = (long)(options.Patience * Stopwatch.Frequency);
        _size = HeaderSize + (options.Key?.MacSize(4) ?? 0);
        _random = new(number + 1);
        bool isOne = options.Clients == 1;
        _socket = Native.OpenUdp(Ipv4Name.Of(isOne ? 0x7F00_0001u : 0, 0));
        var target = Ipv4Name.Of(options.Target, options.Port);
        if (isOne)
        {
            Native.Check(Native.Connect(_socket, in target, (uint)sizeof(Ipv4Name)), "connect");
        }

        _open = new (ulong, long)[oneInFlight];
        for (int slot = _open.Length - 1; slot >= 0; slot--)
        {
            _free.Push(slot);
        }

        _nextClient = (int)((long)number * options.Clients / options.Threads);
        _replies = Allocate(Batch * ReplyRoom);
        _requests = Allocate(Batch * Room);
        _incoming = Messages(_replies, ReplyRoom);
        _outgoing = Messages(_requests, Room);
        if (!isOne)
        {
            for (int index = 0; index < Batch; index++)
            {
                AddressFrom(ref _outgoing[index], target);
            }
        }
    }

    public long Sent { get; private set; }

    public long Answered { get; private set; }

    public long Lost { get; private set; }

    /// <summary>Replies to nothing that we asked, or of a wrong form.</summary>
    public long Wrong { get; private set; }

    /// <summary>Of the answers, those that left before they came or much later, by their own stamps.</summary>
    public long Inconsistent { get; private set; }

    /// <summary>Looks into the socket, and of these the ones that found it empty: what the generator had to spare.</summary>
    public (long All, long Empty) Looks { get; private set; }

    public bool HasRoom => _free.Count > 0;

    /// <summary>Nothing more can come.</summary>
    public bool IsDone => _free.Count == _open.Length;

    /// <summary>Puts one more request, or junk, into the next batch.</summary>
    public void Ask(long now)
    {
        byte* request = _requests + (_queued * Room);
        ref var message = ref _outgoing[_queued++];
        if (_options.Clients > 1)
        {
            uint client = 0x7F01_0000u + (uint)_nextClient;
            _nextClient = _nextClient + 1 < _options.Clients ? _nextClient + 1 : 0;
            *(uint*)(message.Control + 20) = BinaryPrimitives.ReverseEndianness(client); // ipi_spec_dst: where it comes from
        }

        if (_options.Junk > 0 && _random.Next(1000) < _options.Junk)
        {
            int length = _random.Next(1400);
            _random.NextBytes(new Span<byte>(request, length));
            if (length > 0 && (request[0] & 7) == 3)
            {
                request[0] ^= 1; // not by chance a request: what would answer it would be wrong
            }

            message.Vectors->Length = (nuint)length;
        }
        else
        {
            int slot = _free.Pop();
            if (_options.Requests is { } prepared)
            {
                prepared[slot].CopyTo(new Span<byte>(request, Room));
                _open[slot] = (*(ulong*)(request + 40), now);
                message.Vectors->Length = (nuint)prepared[slot].Length;
            }
            else
            {
                ulong cookie = ((ulong)_random.NextInt64() << 12 & ~0xFFFUL) | (uint)slot;
                _open[slot] = (cookie, now);
                new Span<byte>(request, HeaderSize).Clear();
                request[0] = 0x23; // version 4, client
                request[2] = 6;
                *(ulong*)(request + 24) = _options.HasOrigin ? _lastTransmit : 0;
                *(ulong*)(request + 40) = cookie;
                _options.Key?.Sign(new(request, HeaderSize), new(request + HeaderSize, _size - HeaderSize));
                message.Vectors->Length = (nuint)_size;
            }
        }

        Sent++;
        if (_queued == Batch)
        {
            Flush();
        }
    }

    public void Flush()
    {
        for (int done = 0; done < _queued;)
        {
            int count = Native.SendMany(_socket, _outgoing + done, (uint)(_queued - done), 0);
            done += Math.Max(count, 1); // what could not be sent will be missed
        }

        _queued = 0;
    }

    /// <summary>Takes all that has come.</summary>
    public void LookWhileAny()
    {
        while (Look() == Batch)
        {
        }
    }

    /// <summary>Takes what has come, as much as fits.</summary>
    /// <returns>How much that was.</returns>
    public int Look()
    {
        int count = Native.ReceiveMany(_socket, _incoming, Batch, Native.DontWait, null);
        Looks = (Looks.All + 1, Looks.Empty + (count <= 0 ? 1 : 0));
        for (int index = 0; index < count; index++)
        {
            byte* reply = _replies + (index * ReplyRoom);
            ulong cookie = *(ulong*)(reply + 24);
            int slot = (int)(cookie & 0xFFF);
            if ((reply[0] & 0x3F) == 0x24 && slot < _open.Length && _open[slot].Cookie == cookie && cookie != 0 && Fits(new(reply, (int)_incoming[index].Length), slot))
            {
                _lastTransmit = *(ulong*)(reply + 40);
                ulong within = BinaryPrimitives.ReverseEndianness(_lastTransmit) - BinaryPrimitives.ReverseEndianness(*(ulong*)(reply + 32));
                Inconsistent += within > LongestWithin ? 1 : 0;
                _open[slot] = default;
                _free.Push(slot);
                Answered++;
            }
            else
            {
                Wrong++;
            }
        }

        return count;
    }

    /// <summary>Whether what follows the header is what should: nothing, the MAC, or the request's unique id with a new cookie under seal (and no NAK, which is shorter).</summary>
    private bool Fits(ReadOnlySpan<byte> reply, int slot) => _options.Requests is { } prepared
        ? reply.Length >= prepared[slot].Length && reply.Slice(HeaderSize, UniqueIdField).SequenceEqual(prepared[slot].AsSpan(HeaderSize, UniqueIdField))
        : reply.Length == _size && (_options.Key?.Verifies(reply[..HeaderSize], reply[HeaderSize..]) ?? true);

    /// <summary>Gives up requests that have waited for too long.</summary>
    public void GiveUp(long now)
    {
        for (int slot = 0; slot < _open.Length; slot++)
        {
            if (_open[slot].Cookie != 0 && now - _open[slot].Sent > _patience)
            {
                _open[slot] = default;
                _free.Push(slot);
                Lost++;
            }
        }
    }

    public void Dispose() => _ = Native.Close(_socket);

    private static Message* Messages(byte* buffers, int room)
    {
        var messages = (Message*)Allocate(Batch * sizeof(Message));
        var vectors = (Vector*)Allocate(Batch * sizeof(Vector));
        for (int index = 0; index < Batch; index++)
        {
            vectors[index] = new() { Base = buffers + (index * room), Length = (nuint)room };
            messages[index] = new() { Vectors = vectors + index, VectorCount = 1 };
        }

        return messages;
    }

    /// <summary>Gives a message a destination, and a source that can be changed (IP_PKTINFO).</summary>
    private static void AddressFrom(ref Message message, in Ipv4Name target)
    {
        message.Name = Allocate(sizeof(Ipv4Name));
        *(Ipv4Name*)message.Name = target;
        message.NameLength = (uint)sizeof(Ipv4Name);
        message.Control = Allocate(32);
        *(long*)message.Control = 28;
        *(int*)(message.Control + 8) = Native.SolIp;
        *(int*)(message.Control + 12) = Native.IpPktinfo;
        message.ControlLength = 32;
    }

    private static byte* Allocate(int octets) => (byte*)NativeMemory.AllocZeroed((nuint)octets); // for the life of the program
}
