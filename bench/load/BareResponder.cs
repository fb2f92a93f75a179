using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace TimeSuite.Load;

/// <summary>The floor: recvmmsg, the kernel's receive stamp, a reply, sendmmsg, and nothing of what a server has to do beside that.</summary>
/// <remarks>Like a server on all addresses, it answers from the one that was asked.</remarks>
internal static unsafe class BareResponder
{
    private const int Batch = 64, Room = 128, ControlRoom = 128;
    private const ulong UnixEpochInEra0 = ((70UL * 365) + 17) * 86_400;

    public static void Run(int port)
    {
        int socket = Native.OpenUdp(Ipv4Name.Of(0, port));
        Native.Set(socket, Native.SolSocket, Native.SoTimestampNs, 1);
        Native.Set(socket, Native.SolIp, Native.IpPktinfo, 1);
        var messages = (Message*)NativeMemory.AllocZeroed(Batch, (nuint)sizeof(Message));
        var vectors = (Vector*)NativeMemory.AllocZeroed(Batch, (nuint)sizeof(Vector));
        byte* names = (byte*)NativeMemory.AllocZeroed(Batch, 16), buffers = (byte*)NativeMemory.AllocZeroed(Batch, Room), controls = (byte*)NativeMemory.AllocZeroed(Batch, ControlRoom);
        while (true)
        {
            for (int slot = 0; slot < Batch; slot++)
            {
                vectors[slot] = new() { Base = buffers + (slot * Room), Length = Room };
                messages[slot] = new()
                {
                    Name = names + (slot * 16), NameLength = 16, Vectors = vectors + slot, VectorCount = 1,
                    Control = controls + (slot * ControlRoom), ControlLength = ControlRoom,
                };
            }

            int count = Native.ReceiveMany(socket, messages, Batch, Native.WaitForOne, null);
            ulong now = Ntp(DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks);
            for (int slot = 0; slot < count; slot++)
            {
                Answer(ref messages[slot], now);
            }

            if (count > 0)
            {
                _ = Native.SendMany(socket, messages, (uint)count, 0);
            }
        }
    }

    private static void Answer(ref Message message, ulong now)
    {
        // The kernel's order: SCM_TIMESTAMPNS (16 + 16 octets), then IP_PKTINFO (16 + 12).
        byte* control = message.Control;
        ulong received = ((*(ulong*)(control + 16) + UnixEpochInEra0) << 32) + ((*(ulong*)(control + 24) << 32) / 1_000_000_000);
        *(int*)(control + 48) = 0; // the routes decide which interface
        message.Control = control + 32;
        message.ControlLength = 32;

        var packet = new Span<byte>(message.Vectors->Base, 48);
        message.Vectors->Length = 48;
        packet[40..].CopyTo(packet[24..]); // origin
        packet[0] = 0x24;
        packet[1] = 1;
        packet[4..24].Clear();
        BinaryPrimitives.WriteUInt64BigEndian(packet[32..], received);
        BinaryPrimitives.WriteUInt64BigEndian(packet[40..], now);
    }

    private static ulong Ntp(long ticks) => (((ulong)(ticks / 10_000_000) + UnixEpochInEra0) << 32) + ((((ulong)ticks % 10_000_000) << 32) / 10_000_000);
}
