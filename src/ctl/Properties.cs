using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("TimeSuite.Ctl.Tests")]
