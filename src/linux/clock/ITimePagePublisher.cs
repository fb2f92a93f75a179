namespace TimeSuite.Linux;

/// <summary>Where a clock is made known to the programs that read it.</summary>
public interface ITimePagePublisher
{
    /// <summary>What an earlier publisher of this boot left, if there was one.</summary>
    TimePageReading? Earlier { get; }

    void Publish(in TimePageReading page);
}
