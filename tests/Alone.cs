namespace TimeSuite;

/// <summary>The collection of the tests that look at microseconds: nothing else runs beside them.</summary>
/// <remarks>One file, linked into each test project that has such tests.</remarks>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
