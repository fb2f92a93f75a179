namespace TimeSuite.System.Tests.Suite;

/// <summary>The collection of the tests that look at microseconds: nothing else runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
