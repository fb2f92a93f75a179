namespace TimeSuite;

/// <summary>The sources' tree that the tests were built in, and the programs that <c>make publish</c> made of it, as they are shipped.</summary>
/// <remarks>One file, part of every test project.</remarks>
internal static class Repository
{
    /// <summary>The folder of TimeSuite.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The path of a file or folder of the tree, by its path in it.</summary>
    public static string File(string path) => Path.Combine(Root, path);

    /// <summary>A published program's path.</summary>
    /// <exception cref="FileNotFoundException">It was not published.</exception>
    public static string Program(string name)
    {
        string folder = Environment.GetEnvironmentVariable("TIMESUITE_BIN") is { Length: > 0 } set ? set : File("out/bin");
        string program = Path.Combine(folder, name);
        return global::System.IO.File.Exists(program) ? program : throw new FileNotFoundException($"{program} is not there: run 'make publish' first, or set TIMESUITE_BIN");
    }

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !global::System.IO.File.Exists(Path.Combine(folder, "TimeSuite.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new DirectoryNotFoundException($"{AppContext.BaseDirectory} is not inside the repository: no TimeSuite.sln above it");
    }
}
