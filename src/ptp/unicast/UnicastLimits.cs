namespace TimeSuite.Ptp;

/// <summary>What a port grants at most (threats.md row 76).</summary>
public sealed record UnicastLimits
{
    /// <summary>Grants of all clients together; one that follows end to end has three.</summary>
    public int Grants { get; init; } = 1024;

    /// <summary>Grants of one address: four ports.</summary>
    public int GrantsOfAddress { get; init; } = 12;

    /// <summary>For how long at a time, in s; who asks for more gets this.</summary>
    public uint Seconds { get; init; } = 1000;

    /// <summary>log2 s: nobody gets messages faster than this.</summary>
    public sbyte FastestLogInterval { get; init; } = -7;

    /// <summary>log2 s: nor slower: it would be of no use.</summary>
    public sbyte SlowestLogInterval { get; init; } = 7;

    /// <summary>Messages a second to all clients together; a request that would go beyond it is denied.</summary>
    public int MessagesPerSecond { get; init; } = 8192;

    /// <summary>Requests of one address that are answered in a second.</summary>
    public int RequestsOfAddress { get; init; } = 16;

    /// <summary>Requests that are answered in a second.</summary>
    public int Requests { get; init; } = 500;
}
