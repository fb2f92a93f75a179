namespace TimeSuite.Linux.Tests;

/// <summary>A test that needs uid 0: network namespaces, capabilities. Skipped for anybody else, and only then.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute()
    {
        if (Users.Own != 0)
        {
            Skip = "needs root";
        }
    }
}
