namespace TimeSuite.Simulate;

/// <summary>A file that the caller has named, and that is written after minutes of work.</summary>
internal static class ResultFile
{
    /// <summary>Says before that work whether the file can be written. It leaves a file that is there as it is, and none where there was none.</summary>
    /// <param name="option">Under which it was named.</param>
    /// <param name="path">As it was named.</param>
    /// <exception cref="FormatException">It cannot be: why.</exception>
    public static void Check(string option, string path)
    {
        if (Directory.Exists(path))
        {
            throw new FormatException($"{option} {path}: is a directory; expected a file in it");
        }

        string directory = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        if (!Directory.Exists(directory))
        {
            throw new FormatException($"{option} {path}: there is no directory {directory}");
        }

        try
        {
            bool isNew = !File.Exists(path);
            new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write).Dispose();
            if (isNew)
            {
                File.Delete(path);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"{option} {path}: cannot be written: {failure.Message}");
        }
    }
}
