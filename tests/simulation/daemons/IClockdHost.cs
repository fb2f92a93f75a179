using Microsoft.Extensions.Logging;
using TimeSuite.Linux;
using TimeSuite.Ntpd.Clock;

namespace TimeSuite.Simulation;

/// <summary>What <see cref="VirtualClockd"/> needs of the machine it runs on.</summary>
internal interface IClockdHost
{
    Moment Moment { get; }

    /// <summary>Whether the machine runs at all.</summary>
    bool IsAwake { get; }

    ILogger Log { get; }

    /// <summary>Does something after so many seconds.</summary>
    void After(double seconds, Action action);

    /// <summary>Does something in ntpd's loop.</summary>
    void Take(Action action);

    /// <summary>Something for ntpd to know, in its loop.</summary>
    void OnLink(ClockLinkEvent happened);
}
