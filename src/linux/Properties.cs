using System.Runtime.CompilerServices;

[assembly: DisableRuntimeMarshalling]
[module: SkipLocalsInit]
[assembly: InternalsVisibleTo("TimeSuite.Linux.Tests")]
