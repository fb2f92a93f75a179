using TimeSuite.Linux;

namespace TimeSuite.Ptpd.Hardware;

/// <summary>A hardware clock as ptpd sees it: it is read and never set.</summary>
internal interface IPhcView : IDisposable
{
    /// <summary>How far its rate may be turned.</summary>
    FrequencyOffset MaxFrequency { get; }

    /// <inheritdoc cref="PhcDevice.TryRead"/>
    bool TryRead(out PhcReading reading, out bool isGone, int looks);

    /// <summary>Calls <paramref name="ready"/> for each stamp from outside that waits, until it is closed.</summary>
    void Watch(Action ready);

    /// <inheritdoc cref="PhcDevice.ReadExternalStamp"/>
    (int Channel, Instant<Phc> At)? ReadExternalStamp();
}

/// <summary>One of this machine's.</summary>
/// <param name="device">Opened for reading.</param>
/// <param name="loop">Whose thread reads it.</param>
internal sealed class PhcView(PhcDevice device, EventLoop loop) : IPhcView
{
    private bool _isWatched;

    public FrequencyOffset MaxFrequency => device.MaxFrequency;

    public bool TryRead(out PhcReading reading, out bool isGone, int looks) => device.TryRead(out reading, out isGone, looks);

    public void Watch(Action ready)
    {
        if (!_isWatched)
        {
            loop.Watch(device.Events, ready);
            _isWatched = true;
        }
    }

    public (int Channel, Instant<Phc> At)? ReadExternalStamp() => device.ReadExternalStamp();

    public void Dispose()
    {
        loop.Unwatch(device.Events);
        device.Dispose();
    }
}
