namespace TimeSuite.Interop.Tests;

/// <summary>A test that needs uid 0: network namespaces, capabilities. Skipped for anybody else, and only then.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            Skip = "needs root";
        }
    }
}
