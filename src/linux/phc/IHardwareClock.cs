using System.ComponentModel;
using TimeSuite.Time;

namespace TimeSuite.Linux;

/// <summary>A hardware clock that clockd steers, so that tests can put another in its place. It obeys; whether it should was decided before.</summary>
public interface IHardwareClock : IDisposable
{
    /// <summary>The largest correction of its rate.</summary>
    FrequencyOffset MaxFrequency { get; }

    /// <summary>What it shows now.</summary>
    /// <exception cref="Win32Exception">ENODEV: it was unplugged.</exception>
    Instant<Phc> ReadTime();

    /// <summary>The correction of its rate that is in force; positive runs faster.</summary>
    /// <exception cref="Win32Exception">ENODEV: it was unplugged; EACCES: opened for reading, on an old kernel.</exception>
    FrequencyOffset ReadFrequency();

    /// <summary>Corrects its rate; positive runs faster.</summary>
    /// <exception cref="Win32Exception">ENODEV: it was unplugged; ERANGE: beyond <see cref="MaxFrequency"/>; EACCES: opened for reading.</exception>
    void SetFrequency(FrequencyOffset frequency);

    /// <summary>Makes it jump; positive moves it forward.</summary>
    /// <exception cref="Win32Exception">As of <see cref="SetFrequency"/>.</exception>
    void StepBy(Duration offset);
}
