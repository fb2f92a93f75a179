using System.CommandLine;
using System.Security.Cryptography;
using TimeSuite.Config;

namespace TimeSuite.Ctl;

/// <summary>What needs no daemon: config check.</summary>
internal static class ConfigCommands
{
    private const string Installed = "/etc/timesuite/timesuite.toml";

    public static Command Config(CommandBuilder build)
    {
        var file = new Argument<string>("FILE") { Description = $"The configuration; conf.d/*.toml beside it are read too (default: {Installed}).", DefaultValueFactory = _ => Installed };
        return new Command("config", "Works on the configuration.")
        {
            build.Command(
                "check",
                "Reads a configuration as the daemons would and lists every mistake: exit code 0 if there is none.",
                (session, arguments, _) => Task.FromResult(Check(session, arguments.GetValue(file)!)),
                file),
        };
    }

    private static int Check(Session session, string file)
    {
        var result = ConfigFile.Load(file);
        var mistakes = result.Errors.Select(error => new MistakeJson(error.File, error.Line, error.Column, error.Message)).ToList();
        var lines = result.Errors.Select(error => error.ToString()).ToList();
        if (result.Value is { } config)
        {
            var keys = KeyFile.Of(config);
            keys.Keys.ToList().ForEach(key => CryptographicOperations.ZeroMemory(key.Secret));
            lines.AddRange(KeyCheck.Mistakes(keys, config, config.Sources));
            mistakes.AddRange(keys.Errors.Count > 0
                ? keys.Errors.Select(error => new MistakeJson(error.File, error.Line, error.Column, error.Message))
                : lines.Select(line => new MistakeJson(file, 1, 1, line))); // a key that is named and not there: the line says where
        }

        int sources = result.Value?.Sources.Count ?? 0;
        session.Tell(new CheckJson(lines.Count == 0, sources, mistakes), CtlJson.Default.CheckJson, lines.Count == 0
            ? Units.Invariant($"{file}: no mistake, {sources} {(sources == 1 ? "source" : "sources")}")
            : string.Join('\n', lines));
        return lines.Count == 0 ? ExitCode.Done : ExitCode.Failed;
    }
}
