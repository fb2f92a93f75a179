namespace TimeSuite.Ptp;

/// <summary>The clock that stamps a port's event messages: the bare oscillator with software stamps, the PHC with hardware stamps.</summary>
public readonly struct Local : ITimescale
{
    /// <inheritdoc/>
    public static string Name => "local";
}

/// <summary>What a master needs: the time of PTP at one of its own stamps.</summary>
public interface ILocalTime
{
    /// <summary>What the stamping clock shows now, where that can be asked; for messages that say themselves when they are sent.</summary>
    Instant<Local>? Now => null;

    /// <summary>How often what is shown was stepped, and by how much in all, as known now.</summary>
    (uint Count, Duration Sum) Steps => default;

    /// <summary>Translates a stamp of this host.</summary>
    /// <returns>False while the time is not known: then nothing is served.</returns>
    bool TryToTai(Instant<Local> stamp, out Instant<Tai> time);
}
