namespace TimeSuite.Linux.Tests;

/// <summary>A folder of this test's own, gone with it.</summary>
internal sealed class ScratchFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("timesuite-linux-").FullName;

    public string this[string name] => Path.Combine(_path, name);

    public IEnumerable<string> Names => Directory.EnumerateFileSystemEntries(_path).Select(entry => Path.GetFileName(entry)!).Order();

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
