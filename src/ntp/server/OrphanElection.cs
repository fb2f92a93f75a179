namespace TimeSuite.Ntp;

/// <summary>A server that others see, as one of those that may lead an island without a source of time.</summary>
/// <param name="Reference">Under which those that follow it are seen: of its address.</param>
/// <param name="Own">Under which we would be seen by it: of our address on the way there.</param>
/// <param name="Stratum">What it says.</param>
/// <param name="IsUsable">It answers, and says that it is synchronised.</param>
public readonly record struct OrphanCandidate(ReferenceId Reference, ReferenceId Own, int Stratum, bool IsUsable);

/// <summary>Servers with one stratum for their local reference agree on one of them to follow, without a word: the one with the smallest reference id (chrony's orphan mode).</summary>
/// <remarks>
/// A source of that stratum or above has no real time. It is followed only when there is no other, when it is the smallest, and when it is
/// smaller than we are ourselves; so the smallest of all follows nobody, and the others follow it.
/// </remarks>
public static class OrphanElection
{
    /// <summary>Whether a source is one of an island's, without real time.</summary>
    public static bool IsOrphan(int sourceStratum, int localStratum) => sourceStratum >= localStratum;

    /// <summary>Whom to follow.</summary>
    /// <param name="candidates">All sources that are <see cref="IsOrphan"/>.</param>
    /// <param name="localStratum">That all of the island have configured.</param>
    /// <returns>Its index; null: nobody, we lead.</returns>
    public static int? Leader(ReadOnlySpan<OrphanCandidate> candidates, int localStratum)
    {
        int? leader = null;
        for (int index = 0; index < candidates.Length; index++)
        {
            var candidate = candidates[index];
            if (candidate.IsUsable && candidate.Stratum == localStratum // one above it follows another of them
                && (leader is not { } other || candidate.Reference.Bits < candidates[other].Reference.Bits))
            {
                leader = index;
            }
        }

        return leader is { } found && candidates[found].Reference.Bits < candidates[found].Own.Bits ? leader : null;
    }
}
