namespace TimeSuite.Simulation;

/// <summary>A clock that is judged by true time, and what is claimed of it.</summary>
public interface IJudged
{
    /// <summary>Clock minus true time, s.</summary>
    double Error { get; }

    /// <summary>s/s, slews included.</summary>
    double RateError { get; }

    /// <summary>Claimed of the error, s; null while the clock is called unsynchronised.</summary>
    double? Bound { get; }

    /// <summary>Standard deviation as claimed, s.</summary>
    double Sigma { get; }

    /// <summary>Whether its machine runs.</summary>
    bool IsAwake { get; }

    /// <summary>How often it was stepped.</summary>
    int Steps { get; }

    /// <summary>Requests or messages that were sent for it.</summary>
    int Packets { get; }
}
