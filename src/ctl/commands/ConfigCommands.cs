using System.CommandLine;
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
        int sources = result.Value?.Sources.Count ?? 0;
        var json = new CheckJson(
            result.Errors.Count == 0, sources, [.. result.Errors.Select(error => new MistakeJson(error.File, error.Line, error.Column, error.Message))]);
        session.Tell(json, CtlJson.Default.CheckJson, result.Errors.Count == 0
            ? Units.Invariant($"{file}: no mistake, {sources} {(sources == 1 ? "source" : "sources")}")
            : string.Join('\n', result.Errors));
        return result.Errors.Count == 0 ? ExitCode.Done : ExitCode.Failed;
    }
}
