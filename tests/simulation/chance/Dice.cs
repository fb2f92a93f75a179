namespace TimeSuite.Simulation;

/// <summary>One stream of random numbers, the same on every machine: SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).</summary>
/// <remarks>Each random thing of a simulation has a stream of its own, so that what one of them draws changes nothing for the others.</remarks>
/// <param name="seed">Of the simulation.</param>
/// <param name="leaf">Names the thing, e.g. <c>wander 0</c>.</param>
public sealed class Dice(ulong seed, string leaf)
{
    private const ulong Step = 0x9E37_79B9_7F4A_7C15;

    private ulong _state = Mix(unchecked(Mix(unchecked(seed + Step)) ^ Mix(Hash(leaf))));

    /// <summary>64 bits.</summary>
    public ulong Bits()
    {
        _state = unchecked(_state + Step);
        return Mix(_state);
    }

    /// <summary>In (0, 1].</summary>
    public double Uniform() => ((Bits() >> 11) + 1) / 9007199254740992.0; // 2^53

    /// <summary>Mean and standard deviation 1.</summary>
    public double Exponential() => -Math.Log(Uniform());

    /// <summary>Mean 0, standard deviation 1: Box and Muller, one of two kept.</summary>
    public double Normal() => Math.Sqrt(-2 * Math.Log(Uniform())) * Math.Cos(2 * Math.PI * Uniform());

    /// <summary>True in this share of cases; nothing is drawn if it can only be false.</summary>
    public bool Happens(double share) => share > 0 && Uniform() <= share;

    // FNV-1a: string.GetHashCode differs from run to run.
    private static ulong Hash(string text)
    {
        ulong hash = 0xCBF2_9CE4_8422_2325;
        foreach (char letter in text)
        {
            hash = unchecked((hash ^ letter) * 0x100_0000_01B3);
        }

        return hash;
    }

    private static ulong Mix(ulong z)
    {
        unchecked
        {
            z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
            z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
            return z ^ (z >> 31);
        }
    }
}
