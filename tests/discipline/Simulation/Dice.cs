namespace TimeSuite.Discipline.Tests.Simulation;

/// <summary>Random numbers that are the same on every machine: SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).</summary>
public sealed class Dice(ulong seed)
{
    private const ulong Step = 0x9E3779B97F4A7C15UL;

    // Mixed twice with different constants: seeds that differ by one must not give the same sequence one place on.
    private ulong _state = Mix(Mix(unchecked(seed + Step)) ^ 0xD1B54A32D192ED03UL);

    /// <summary>In (0, 1].</summary>
    public double Uniform()
    {
        _state = unchecked(_state + Step);
        return ((Mix(_state) >> 11) + 1) / 9007199254740992.0;
    }

    /// <summary>Mean and standard deviation 1.</summary>
    public double Exponential() => -Math.Log(Uniform());

    /// <summary>Mean 0, standard deviation 1.</summary>
    public double Normal() => Math.Sqrt(-2 * Math.Log(Uniform())) * Math.Cos(2 * Math.PI * Uniform());

    private static ulong Mix(ulong z)
    {
        unchecked
        {
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
            return z ^ (z >> 31);
        }
    }
}
