using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using TimeSuite.Time;

namespace TimeSuite.Linux;

/// <summary>A PTP hardware clock, /dev/ptpN. Opened for reading alone it can only be looked at: the kernel asks for a descriptor that may be written to before it lets the clock be set.</summary>
/// <remarks>For one thread. What is unplugged, and what the device refuses for the moment, is an outcome; only a machine that is broken throws.</remarks>
public sealed partial class PhcDevice : IHardwareClock
{
    private const int OReadOnly = 0, OReadWrite = 2, OCloexec = 0x80000;
    private const int TimeSpecSize = 16, Attempts = 3;
    private const int PtpTimeSize = 16; // struct ptp_clock_time: s64 sec, u32 nsec, u32 reserved

    // linux/ptp_clock.h
    private const uint GetCaps = 0x80503D01, SysOffset = 0x43403D05, SysOffsetPrecise = 0xC0403D08, SysOffsetExtended = 0xC4C03D09;
    private const int CapsSize = 80, CrossStampingAt = 24, PreciseSize = 64, ExtendedSize = 16 + (MostLooks * 3 * PtpTimeSize), FirstStampAt = 16;

    /// <summary>As many looks as one call takes: for who wants to know best.</summary>
    public const int MostLooks = 25; // PTP_MAX_SAMPLES

    /// <summary>Enough to tell one that was held up from the others.</summary>
    public const int FewLooks = 5;

    /// <summary>Cross stamps are as good as the bus that carries them (PCIe PTM).</summary>
    private static readonly Duration PreciseError = Duration.FromNanoseconds(20);

    private static readonly Duration s_nanosecond = Duration.FromNanoseconds(1);

    private readonly Descriptor _descriptor;

    private PhcDevice(int index, Descriptor descriptor) => (Index, _descriptor) = (index, descriptor);

    /// <summary>N of /dev/ptpN.</summary>
    public int Index { get; }

    /// <summary>The best way of reading that it has not refused yet.</summary>
    public PhcMethod Method { get; set; }

    /// <inheritdoc/>
    public FrequencyOffset MaxFrequency { get; private set; }

    /// <summary>For what the kernel does by clock id: clock_gettime(2), clock_adjtime(2).</summary>
    private int ClockId => (~_descriptor.Number << 3) | 3;

    /// <summary>Opens one.</summary>
    /// <param name="index">N of /dev/ptpN.</param>
    /// <param name="mayBeSet">Whether it is to be steered.</param>
    /// <exception cref="Win32Exception">It is not there, or there is no right to it.</exception>
    public static PhcDevice Open(int index, bool mayBeSet)
    {
        string path = string.Create(CultureInfo.InvariantCulture, $"/dev/ptp{index}");
        var device = new PhcDevice(index, Descriptor.FromCall(OpenFile(path, OCloexec | (mayBeSet ? OReadWrite : OReadOnly), 0), $"open {path}"));
        if (!device.TryReadLimits())
        {
            device.Dispose();
            throw Errno.Failure($"{path} is no PTP hardware clock: ioctl PTP_CLOCK_GETCAPS");
        }

        return device;
    }

    /// <summary>Looks at it and at the system's clocks, the best way that it allows. A way that it does not know is not tried again.</summary>
    /// <param name="reading">What was seen.</param>
    /// <param name="isGone">It was unplugged; else another attempt may succeed.</param>
    /// <param name="looks">Of so many the best is taken, 1 to <see cref="MostLooks"/>; each costs about two microseconds of a bus. One is enough where the hardware looks at both clocks at once.</param>
    public bool TryRead(out PhcReading reading, out bool isGone, int looks = FewLooks)
    {
        reading = default;
        isGone = false;
        for (var method = Method; method <= PhcMethod.Plain; method++)
        {
            for (int attempt = 0; attempt < Attempts; attempt++)
            {
                bool isDone = method == PhcMethod.Precise ? TryReadAcross(out reading) : TryReadBetween(method, looks, out reading);
                if (isDone)
                {
                    return true;
                }

                switch (Errno.Last)
                {
                    case Errno.ENODEV:
                        isGone = true;
                        return false;
                    case Errno.EOPNOTSUPP or Errno.EINVAL or Errno.ENOTTY when method < PhcMethod.Plain:
                        Method = method + 1;
                        attempt = Attempts;
                        break;
                }
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public Instant<Phc> ReadTime()
    {
        Errno.Check(ClockGettime(ClockId, out var time), $"clock_gettime /dev/ptp{Index}");
        return new(time.ToDuration());
    }

    /// <inheritdoc/>
    public FrequencyOffset ReadFrequency() => FrequencyOffset.FromPpm(Adjust(default).freq / 65_536.0);

    /// <inheritdoc/>
    public void SetFrequency(FrequencyOffset frequency) =>
        Adjust(new() { modes = Timex.ADJ_FREQUENCY, freq = (long)Math.Round(frequency.Ppm * 65_536) }); // ppm with 16 fraction bits

    /// <inheritdoc/>
    public void StepBy(Duration offset)
    {
        var rounded = offset + s_nanosecond.Half(); // to the next nanosecond: WholeSeconds and the rest floor
        Adjust(new() { modes = Timex.ADJ_SETOFFSET | Timex.ADJ_NANO, seconds = rounded.WholeSeconds, subseconds = rounded.NanosecondOfSecond });
    }

    /// <inheritdoc/>
    public void Dispose() => _descriptor.Dispose();

    private Timex Adjust(Timex timex)
    {
        Errno.Check(ClockAdjtime(ClockId, ref timex), $"clock_adjtime /dev/ptp{Index} (modes {timex.modes:x})");
        return timex;
    }

    private bool TryReadLimits()
    {
        Span<byte> caps = stackalloc byte[CapsSize];
        caps.Clear();
        if (Ioctl(_descriptor, GetCaps, ref caps[0]) < 0)
        {
            return false;
        }

        MaxFrequency = FrequencyOffset.FromPpb(MemoryMarshal.Read<int>(caps));
        Method = MemoryMarshal.Read<int>(caps[CrossStampingAt..]) != 0 ? PhcMethod.Precise : PhcMethod.Extended;
        return true;
    }

    private bool TryReadAcross(out PhcReading reading)
    {
        Span<byte> answer = stackalloc byte[PreciseSize];
        answer.Clear();
        bool isDone = Ioctl(_descriptor, SysOffsetPrecise, ref answer[0]) >= 0;
        reading = isDone ? new(new(TimeAt(answer, 0)), new(TimeAt(answer, 2)), new(TimeAt(answer, 1)), PreciseError, PhcMethod.Precise) : default;
        return isDone;
    }

    private bool TryReadBetween(PhcMethod method, int count, out PhcReading reading)
    {
        reading = default;
        Span<PhcLook> looks = stackalloc PhcLook[Math.Clamp(count, 1, MostLooks)];
        Span<byte> answer = stackalloc byte[ExtendedSize];
        answer.Clear();
        MemoryMarshal.Write(answer, (uint)looks.Length);
        var before = Clocks.Read();
        if (Ioctl(_descriptor, method == PhcMethod.Extended ? SysOffsetExtended : SysOffset, ref answer[0]) < 0)
        {
            return false;
        }

        var after = Clocks.Read();
        var stamps = answer[FirstStampAt..];
        for (int i = 0; i < looks.Length; i++)
        {
            // Extended: three stamps for each look. Plain: system, device, system, device, system.
            int first = method == PhcMethod.Extended ? 3 * i : 2 * i;
            looks[i] = new(TimeAt(stamps, first), TimeAt(stamps, first + 1), TimeAt(stamps, first + 2));
        }

        int best = PhcLook.Best(looks);
        if (best < 0 || new StampBracket(before, after).Map(new(looks[best].Middle), out var mapped) != StampRefusal.None)
        {
            Marshal.SetLastPInvokeError(Errno.EAGAIN); // somebody stepped the system's clock, or the looks contradict each other
            return false;
        }

        reading = new(new(looks[best].Phc), mapped.At, new(looks[best].Middle), looks[best].HalfWidth + mapped.Error, method);
        return true;
    }

    private static Duration TimeAt(ReadOnlySpan<byte> stamps, int index)
    {
        var stamp = stamps.Slice(index * PtpTimeSize, PtpTimeSize);
        return new TimeSpec { tv_sec = MemoryMarshal.Read<long>(stamp), tv_nsec = MemoryMarshal.Read<uint>(stamp[8..]) }.ToDuration();
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Ioctl(Descriptor device, nuint request, ref byte argument);

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int ClockGettime(int clock, out TimeSpec time);

    [LibraryImport("libc", EntryPoint = "clock_adjtime", SetLastError = true)]
    private static partial int ClockAdjtime(int clock, ref Timex timex);
}
