namespace TimeSuite.System.Tests.Suite;

/// <summary>A test that needs uid 0: other users, dropped capabilities. Skipped for anybody else, and only then.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute()
    {
        if (Native.OwnUid != 0)
        {
            Skip = "needs root";
        }
    }
}
