namespace TimeSuite.Config;

/// <summary>A key that timesuite.toml knows.</summary>
/// <param name="Name">In kebab case.</param>
/// <param name="IsFlag">True and false are its values.</param>
public readonly record struct ConfigKey(string Name, bool IsFlag);

/// <summary>Reads timesuite.toml: the only way to a <see cref="SuiteConfig"/> that was written by a person.</summary>
public static class ConfigFile
{
    /// <summary>No configuration is longer than this; what is, is a mistake or an attack.</summary>
    public const int LongestFile = 1 << 20;

    /// <summary>Every table with its keys: for the documentation's test, and for timectl's options.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<ConfigKey>> Keys
    {
        get
        {
            var keys = new Dictionary<string, IReadOnlyList<ConfigKey>>();
            SuiteToml.Read(new TomlTable(default), [], keys.Add);
            return keys;
        }
    }

    /// <summary>Reads one text. Throws for nothing that may stand in it.</summary>
    /// <param name="text">TOML 1.0.</param>
    /// <param name="fileName">For the errors.</param>
    public static ConfigResult<SuiteConfig> Parse(string text, string fileName) => Parse([(fileName, text)], []);

    /// <summary>Reads a file and then, in the order of their names, conf.d/*.toml beside it.</summary>
    /// <remarks>
    /// Tables of a later file are laid over those of an earlier one, key by key; arrays of tables append. Each file has to be a regular
    /// one that belongs to root or to us and that not everybody may write: who can write it can move the clock.
    /// </remarks>
    public static ConfigResult<SuiteConfig> Load(string path)
    {
        var errors = new List<ConfigError>();
        var texts = new List<(string File, string Text)>();
        foreach (string file in (IEnumerable<string>)[path, .. DropIns(path, errors)])
        {
            if (TrustedText.Read(file, LongestFile, out string text) is { } reason)
            {
                errors.Add(new(file, 1, 1, reason));
            }
            else
            {
                texts.Add((file, text));
            }
        }

        return Parse(texts, errors);
    }

    private static ConfigResult<SuiteConfig> Parse(IEnumerable<(string File, string Text)> texts, List<ConfigError> errors)
    {
        TomlTable? all = null;
        foreach (var (file, text) in texts)
        {
            var tree = TomlTree.Parse(text, file, errors);
            if (all is null || tree is null)
            {
                all ??= tree;
            }
            else
            {
                all.Merge(tree);
            }
        }

        var config = all is null ? null : SuiteToml.Read(all, errors);
        return ConfigResult<SuiteConfig>.Of(config, errors);
    }

    private static string[] DropIns(string path, List<ConfigError> errors)
    {
        string folder = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/", "conf.d");
        try
        {
            string[] files = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.toml") : [];
            Array.Sort(files, string.CompareOrdinal);
            return files;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            errors.Add(new(folder, 1, 1, $"cannot be listed: {refused.Message}"));
            return [];
        }
    }
}
