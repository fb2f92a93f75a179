using TimeSuite.Discipline;
using TimeSuite.Time;

namespace TimeSuite.Simulation;

/// <summary>Draws a line of time through the very samples that a daemon gets, and steers nothing.</summary>
internal interface IBystander
{
    /// <summary>Whether there is a line.</summary>
    bool HasBegun { get; }

    /// <summary>A sample with both legs.</summary>
    /// <param name="sample">In order of their instants, of each source.</param>
    /// <param name="source">Whose, from 0.</param>
    void Add(in Sample sample, int source);

    /// <summary>UTC at a raw instant, once there is a sample.</summary>
    Instant<Utc> At(Instant<Raw> at);
}
