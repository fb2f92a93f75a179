namespace TimeSuite;

/// <summary>A test that needs uid 0: network namespaces, other users, dropped capabilities. Skipped for anybody else, and only then.</summary>
/// <remarks>One file, linked into each test project that has such tests.</remarks>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            Skip = "needs root";
        }
    }
}
