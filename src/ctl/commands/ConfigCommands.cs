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
            Sockets(build),
        };
    }

    private static Command Sockets(CommandBuilder build)
    {
        var directory = new Argument<string>("DIR") { Description = "Where the units go; systemd names it when it calls its generators." };
        var file = new Option<string>("--config") { HelpName = "FILE", Description = $"The configuration (default: {Installed}).", DefaultValueFactory = _ => Installed };
        return build.Command(
            "sockets",
            "Writes units of systemd for the ports that are to be served, and drop-ins for rights that only this configuration needs. The package's generator calls it at boot and at each `systemctl daemon-reload`.",
            (session, arguments, _) => Task.FromResult(WriteSockets(session, arguments.GetValue(directory)!, arguments.GetValue(file)!)),
            directory,
            file);
    }

    private static int WriteSockets(Session session, string directory, string file)
    {
        var loaded = ConfigFile.Load(file);
        if (!loaded.TryGet(out var config))
        {
            throw new CtlException(string.Join('\n', loaded.Errors), ExitCode.Failed);
        }

        var units = SocketUnits.Of(config, Environment.ProcessorCount);
        try
        {
            foreach (var unit in units)
            {
                string path = Path.Combine(directory, unit.File);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.WriteAllText(path, unit.Text);
                if (unit.Service is { } service)
                {
                    string wants = Directory.CreateDirectory(Path.Combine(directory, service + ".wants")).FullName;
                    File.Delete(Path.Combine(wants, unit.File));
                    File.CreateSymbolicLink(Path.Combine(wants, unit.File), Path.Combine("..", unit.File));
                }
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CtlException($"{directory}: {failure.Message}", ExitCode.Failed);
        }

        session.Tell(new SocketsJson([.. units.Select(unit => unit.File)]), CtlJson.Default.SocketsJson, units.Count == 0
            ? $"{file} asks for no port and no right: no units"
            : string.Join('\n', units.Select(unit => Path.Combine(directory, unit.File))));
        return ExitCode.Done;
    }

    private static int Check(Session session, string file)
    {
        var result = ConfigFile.Load(file);
        var mistakes = result.Errors.Select(error => new MistakeJson(error.File, error.Line, error.Column, error.Message)).ToList();
        var lines = result.Errors.Select(error => error.ToString()).ToList();
        string? unread = null;
        if (result.Value is { } config)
        {
            var keys = KeyFile.Of(config);
            keys.Keys.ToList().ForEach(key => CryptographicOperations.ZeroMemory(key.Secret));
            lines.AddRange(KeyCheck.Mistakes(keys, config, config.Sources));
            mistakes.AddRange(keys.Errors.Count > 0
                ? keys.Errors.Select(error => new MistakeJson(error.File, error.Line, error.Column, error.Message))
                : lines.Select(line => new MistakeJson(file, 1, 1, line))); // a key that is named and not there: the line says where
            var seals = KeyCheck.Mistakes(config.Ptp, out unread);
            lines.AddRange(seals.Select(error => error.ToString()));
            mistakes.AddRange(seals.Select(error => new MistakeJson(error.File, error.Line, error.Column, error.Message)));
        }

        int sources = result.Value?.Sources.Count ?? 0;
        session.Tell(new CheckJson(lines.Count == 0, sources, mistakes), CtlJson.Default.CheckJson, lines.Count == 0
            ? Units.Invariant($"{file}: no mistake, {sources} {(sources == 1 ? "source" : "sources")}") + (unread is null ? "" : $"; {unread}")
            : string.Join('\n', lines));
        return lines.Count == 0 ? ExitCode.Done : ExitCode.Failed;
    }
}
