using TimeSuite.Discipline;
using TimeSuite.Linux;
using TimeSuite.Rpc;
using Wire = TimeSuite.Rpc.Ptp.V1;

namespace TimeSuite.Ptpd.Hardware;

/// <summary>Hardware clocks in the words of the wire.</summary>
internal static class HardwareMapping
{
    public static Wire.PhcMeasured ToWire(in PhcReading reading, SteeredPhc clock) => new()
    {
        ClockId = clock.Id,
        Shown = reading.Phc.ToWire(),
        Raw = reading.Raw.ToWire(),
        Error = reading.HalfWidth.ToWire(),
        State = Word(clock.Last?.State ?? PhcState.Unlocked),
        Bound = clock.Bound?.ToWire(),
        Upstream = clock.Upstream.Kind.ToString().ToLowerInvariant(),
    };

    public static Wire.PtpPhcStatus ToWire(SteeredPhc clock, IEnumerable<string> interfaces) => new()
    {
        ClockId = clock.Id,
        Interfaces = { interfaces },
        State = clock.Trouble ?? Word(clock.Last?.State ?? PhcState.Unlocked),
        Upstream = clock.UpstreamText,
        Offset = clock.Last?.Offset?.ToWire(),
        Bound = clock.Bound?.ToWire(),
        FrequencyPpb = clock.Frequency.Ppb,
        Reading = clock.Look?.Method.ToString().ToLowerInvariant() ?? "",
    };

    private static string Word(PhcState state) => state.ToString().ToLowerInvariant();
}
