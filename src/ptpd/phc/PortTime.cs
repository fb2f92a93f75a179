using TimeSuite.Ptp;

namespace TimeSuite.Ptpd.Hardware;

/// <summary>What a port serves: its hardware clock, which shows PTP's time itself, or what a software stamp is worth by the clock that clockd steers.</summary>
internal sealed class PortTime(PortDriver port, ServedTime served) : ILocalTime
{
    public Instant<Local>? Now => port.Clock is not { } clock ? served.Now : clock.TryLook(out var look) ? new(look.Phc.SinceEpoch) : null;

    public (uint Count, Duration Sum) Steps => port.Clock?.Steps ?? served.Steps;

    public bool TryToTai(Instant<Local> stamp, out Instant<Tai> time)
    {
        if (port.Clock is not { } clock)
        {
            return served.TryToTai(stamp, out time);
        }

        time = new(stamp.SinceEpoch);
        return clock.IsGood && served.AheadOfUtc is not null; // the scale that we announce is known
    }
}
