namespace TimeSuite.Discipline.Tests.Simulation;

/// <summary>Random numbers that are the same on every machine: SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).</summary>
public sealed class Dice(ulong seed)
{
    private ulong _state = seed * 0x9E3779B97F4A7C15UL;

    /// <summary>In (0, 1].</summary>
    public double Uniform()
    {
        unchecked
        {
            _state += 0x9E3779B97F4A7C15UL;
            ulong z = _state;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
            z ^= z >> 31;
            return ((z >> 11) + 1) / 9007199254740992.0;
        }
    }

    /// <summary>Mean and standard deviation 1.</summary>
    public double Exponential() => -Math.Log(Uniform());

    public double Normal() => Math.Sqrt(-2 * Math.Log(Uniform())) * Math.Cos(2 * Math.PI * Uniform());
}
