namespace TimeSuite.System.Tests.Suite;

/// <summary>Where the programs under test are: what <c>make publish</c> made, as it is shipped.</summary>
internal static class Repository
{
    /// <summary>A program's path.</summary>
    /// <exception cref="FileNotFoundException">It was not published.</exception>
    public static string Program(string name)
    {
        string folder = Environment.GetEnvironmentVariable("TIMESUITE_BIN") is { Length: > 0 } set ? set : Path.Combine(Root(), "out/bin");
        string program = Path.Combine(folder, name);
        return global::System.IO.File.Exists(program) ? program : throw new FileNotFoundException($"{program} is not there: run 'make publish' first, or set TIMESUITE_BIN");
    }

    /// <summary>A file of the sources' tree, by its path in it.</summary>
    public static string File(string path) => Path.Combine(Root(), path);

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!global::System.IO.File.Exists(Path.Combine(folder.FullName, "TimeSuite.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("TimeSuite.sln is not above the tests");
        }

        return folder.FullName;
    }
}
