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

    /// <summary>Has it stamp what comes in by a pin, or not any more. Whoever has opened the device reads the stamps.</summary>
    /// <param name="channel">Of its channels for such stamps, from 0.</param>
    /// <param name="pin">That is to lead there; null: the pins stay as they are.</param>
    /// <param name="isOn">Begin, or end.</param>
    /// <param name="why">It is not done, for people.</param>
    bool TryStampExternally(int channel, int? pin, bool isOn, out string why);

    /// <summary>Makes it jump; positive moves it forward.</summary>
    /// <exception cref="Win32Exception">As of <see cref="SetFrequency"/>.</exception>
    void StepBy(Duration offset);
}
