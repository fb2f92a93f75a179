namespace TimeSuite.Linux;

/// <summary>What the service manager put into the environment for this process alone.</summary>
internal static class EnvironmentVariables
{
    /// <summary>Reads and removes: a child must not take it for its own.</summary>
    public static string? Take(string name)
    {
        string? value = Environment.GetEnvironmentVariable(name);
        Environment.SetEnvironmentVariable(name, null);
        return value;
    }
}
