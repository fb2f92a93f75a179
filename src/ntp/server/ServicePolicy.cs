namespace TimeSuite.Ntp;

/// <summary>Whom we serve and how: what an administrator decides. Does not change; a new one takes its place between two datagrams.</summary>
public sealed record ServicePolicy
{
    /// <summary>Serves everybody, without limit, without keys.</summary>
    public static ServicePolicy Open { get; } = new();

    public AccessTable Access { get; init; } = AccessTable.Open;
}
