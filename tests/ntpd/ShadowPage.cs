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

    public void Publish() => Publish(Shadow, Shadow.Read(Now()));

    /// <summary>The page says that the system's clock is the one that is steered. Nobody steers it.</summary>
    public void PublishSystem() => Publish(new KernelClock(new NoKernel(), setsRtc: false), default);

    private void Publish(ISteerableClock clock, in ClockState state)
    {
        var now = Now();
        _writer.Publish(TimePageReading.Of(clock, state, default, now, Duration.Zero, 0, now));
    }

    public void Dispose()
    {
        Clock.Dispose();
        _writer.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private sealed class NoKernel : IAdjtimex
    {
        public void Adjust(ref Timex timex)
        {
            // nothing to be read, and nothing is ever set
        }
    }
}
