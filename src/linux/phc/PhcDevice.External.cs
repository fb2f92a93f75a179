using System.Runtime.InteropServices;
using TimeSuite.Time;

namespace TimeSuite.Linux;

/// <content>Stamps of what comes in by a pin of the card, e.g. the pulse of a receiver. See the kernel's ptp.rst.</content>
public sealed partial class PhcDevice
{
    // linux/ptp_clock.h: struct ptp_extts_request: index, flags, 8 octets; struct ptp_pin_desc: 64 octets of name, index, function, channel, 20 octets
    private const uint ExternalStampRequest = 0x40103D02, PinSetFunction = 0x40603D07;
    private const int RequestSize = 16, PinSize = 96, PinIndexAt = 64;
    private const uint EnableFeature = 1, RisingEdge = 2, FunctionExternalStamp = 1;

    // struct ptp_extts_event: struct ptp_clock_time, index, flags, 8 octets
    private const int EventSize = 32, EventIndexAt = 16;

    /// <summary>Ready while a stamp waits that <see cref="ReadExternalStamp"/> has not read.</summary>
    public Descriptor Events => _descriptor;

    /// <inheritdoc/>
    public bool TryStampExternally(int channel, int? pin, bool isOn, out string why)
    {
        why = "";
        if (pin is { } number)
        {
            Span<byte> description = stackalloc byte[PinSize];
            description.Clear();
            MemoryMarshal.Write(description[PinIndexAt..], number);
            MemoryMarshal.Write(description[(PinIndexAt + 4)..], FunctionExternalStamp);
            MemoryMarshal.Write(description[(PinIndexAt + 8)..], channel);
            if (Ioctl(_descriptor, PinSetFunction, ref description[0]) < 0)
            {
                why = Errno.Last == Errno.EINVAL ? $"/dev/ptp{Index} has no pin {number} that could lead to channel {channel}" : Errno.Failure($"ioctl PTP_PIN_SETFUNC /dev/ptp{Index}").Message;
                return false;
            }
        }

        Span<byte> request = stackalloc byte[RequestSize];
        request.Clear();
        MemoryMarshal.Write(request, channel);
        MemoryMarshal.Write(request[4..], isOn ? EnableFeature | RisingEdge : 0);
        if (Ioctl(_descriptor, ExternalStampRequest, ref request[0]) < 0)
        {
            why = Errno.Last is Errno.EINVAL or Errno.EOPNOTSUPP ? $"/dev/ptp{Index} has no channel {channel} for stamps from outside" : Errno.Failure($"ioctl PTP_EXTTS_REQUEST /dev/ptp{Index}").Message;
            return false;
        }

        return true;
    }

    /// <summary>Takes one stamp. To be called when <see cref="Events"/> is ready: else it waits, whatever the descriptor was opened with.</summary>
    /// <returns>Which channel, and what the clock showed; null: there is none.</returns>
    public (int Channel, Instant<Phc> At)? ReadExternalStamp()
    {
        Span<byte> happened = stackalloc byte[EventSize];
        return Read(_descriptor, ref happened[0], EventSize) == EventSize ? (MemoryMarshal.Read<int>(happened[EventIndexAt..]), new(TimeAt(happened, 0))) : null;
    }

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(Descriptor device, ref byte into, nuint length);
}
