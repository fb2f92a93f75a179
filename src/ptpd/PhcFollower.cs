using TimeSuite.Discipline;
using TimeSuite.Ptp;

namespace TimeSuite.Ptpd;

/// <summary>
/// Joins the ports that stamp with one PHC to its servo: the port that follows a master feeds it, and is told when the PHC has that master's time. Pure: who owns it reads the PHC and
/// has clockd do what is asked. As a master's time the PHC is served while it follows or is held over.
/// </summary>
/// <param name="servo">Of the PHC.</param>
internal sealed class PhcFollower(PhcServo servo) : ILocalTime
{
    private PortIdentity? _master;

    /// <summary>Of the PHC.</summary>
    public PhcServo Servo => servo;

    /// <summary>What the servo found last.</summary>
    public PhcOutcome Last { get; private set; } = new() { State = PhcState.Unlocked, Until = Duration.FromSeconds(1L) };

    /// <summary>A port has a Sync. If it is the one that follows, <see cref="Update"/> is to be called next.</summary>
    /// <returns>Whether it is.</returns>
    public bool Synchronized(PtpPort port, in SyncPair pair, Duration error)
    {
        if (!Follows(port))
        {
            return false;
        }

        servo.Sync(pair.Sent, new(pair.Received.SinceEpoch), error);
        return true;
    }

    /// <summary>A port has the answer to its Delay_Req.</summary>
    public void Delayed(PtpPort port, in DelayPair pair, Duration error)
    {
        if (Follows(port))
        {
            servo.Delay(new(pair.Sent.SinceEpoch), pair.Received, error);
        }
    }

    /// <summary>A port has measured its link.</summary>
    public void PeerDelayed(PtpPort port, in PeerDelayMeasurement measurement)
    {
        if (Follows(port))
        {
            servo.LinkDelay(measurement.MeanLinkDelay);
        }
    }

    /// <summary>What is to be done to the PHC now: after a Sync, and when <see cref="PhcOutcome.Until"/> is over.</summary>
    /// <param name="ports">Those that stamp with it.</param>
    /// <param name="shown">By the PHC.</param>
    /// <param name="now">The time.</param>
    public PhcOutcome Update(IReadOnlyList<PtpPort> ports, Instant<Phc> shown, Instant<Boot> now)
    {
        Last = servo.Update(shown);
        foreach (var port in ports)
        {
            if (port.State == PortState.Uncalibrated && Last.State == PhcState.Locked && port.Followed == _master)
            {
                port.Calibrated(true, now);
            }
            else if (port.State == PortState.Slave && Last.State == PhcState.Unlocked)
            {
                port.Calibrated(false, now);
            }
        }

        return Last;
    }

    /// <inheritdoc/>
    public bool TryToTai(Instant<Local> stamp, out Instant<Tai> time)
    {
        time = new(stamp.SinceEpoch);
        return Last.State != PhcState.Unlocked;
    }

    private bool Follows(PtpPort port)
    {
        if (!port.State.Follows() || port.Followed is not { } followed)
        {
            return false;
        }

        if (followed != _master)
        {
            _master = followed;
            servo.Follow();
        }

        servo.ClocksBetween = Math.Max(port.Instance.StepsRemoved - 1, 0);
        return true;
    }
}
