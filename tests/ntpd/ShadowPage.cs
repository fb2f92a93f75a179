using TimeSuite.Linux;
using TimeSuite.Ntpd.Clock;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Tests;

/// <summary>A time page in a directory of its own, as clockd would write it, with a shadow clock that the test steers.</summary>
internal sealed class ShadowPage : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("timesuite-page-").FullName;
    private readonly TimePageWriter _writer;

    public ShadowPage(Duration offset)
    {
        _writer = TimePageWriter.Open(Path.Combine(_directory, "clock"), BootId.Read());
        Shadow = ShadowClock.Resume(null, offset, FrequencyOffset.Zero, Now());
        Publish();
        Clock = new(Path.Combine(_directory, "clock"));
    }

    public ShadowClock Shadow { get; }

    /// <summary>The reader's end.</summary>
    public SteeredClock Clock { get; }

    public static Moment Now()
    {
        var triple = Clocks.Read();
        return new(triple.Raw, Clocks.Boot(), triple.Realtime, Clocks.Suspended());
    }

    public void Publish()
    {
        var now = Now();
        _writer.Publish(TimePageReading.Of(Shadow, Shadow.Read(now), default, now, Duration.Zero, 0, now));
    }

    public void Dispose()
    {
        Clock.Dispose();
        _writer.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
