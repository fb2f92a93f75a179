using System.CommandLine;

namespace TimeSuite.Ctl;

/// <summary>timectl as a function of its arguments and its terminal.</summary>
public static class TimeCtl
{
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, Terminal terminal, CancellationToken cancel)
    {
        var shared = new SharedOptions();
        var root = new RootCommand("Shows and controls the clock that TimeSuite keeps.") { shared.RuntimeDirectory, shared.Json };
        var build = new CommandBuilder(terminal, shared);
        foreach (var command in ReadingCommands.All(build).Concat(WatchCommands.All(build)).Concat(ControlCommands.All(build))
            .Concat(SourceCommands.All(build)).Concat(ServerCommands.All(build)).Append(NtsCommands.Nts(build)).Append(PtpCommands.Ptp(build)).Append(ConfigCommands.Config(build)))
        {
            root.Add(command);
        }

        var parsed = root.Parse(args.Count > 0 ? args : ["--help"], new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
        {
            foreach (string mistake in Mistakes(parsed))
            {
                await terminal.Error.WriteLineAsync($"timectl: {Safe.Text(mistake, 300)}");
            }

            await terminal.Error.WriteLineAsync("timectl: --help lists what there is");
            return ExitCode.Usage;
        }

        return await parsed.InvokeAsync(
            new InvocationConfiguration { Output = terminal.Out, Error = terminal.Error, EnableDefaultExceptionHandler = false }, cancel);
    }

    /// <summary>Where a command is due and something else stands there, only that: the parser also says that a command is missing.</summary>
    private static IEnumerable<string> Mistakes(ParseResult parsed) =>
        parsed is { CommandResult.Command: { Action: null, Subcommands.Count: > 0 }, UnmatchedTokens: [var first, ..] }
            ? [$"there is no {(first.StartsWith('-') ? "option" : "command")} '{first}'"]
            : parsed.Errors.Select(error => error.Message);
}

/// <summary>Options that every command takes.</summary>
internal sealed class SharedOptions
{
    public Option<string> RuntimeDirectory { get; } = new("--runtime-dir")
    {
        Description = "Where the daemons' sockets are; TIMESUITE_RUNTIME_DIR in the environment changes the default.",
        HelpName = "DIR",
        Recursive = true,
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("TIMESUITE_RUNTIME_DIR") is { Length: > 0 } set ? set : "/run/timesuite",
    };

    public Option<bool> Json { get; } = new("--json")
    {
        Description = "Prints JSON: seconds as decimal numbers, units in the names.",
        Recursive = true,
    };
}

/// <summary>What a command does: prints, and says how it went.</summary>
internal delegate Task<int> CommandBody(Session session, ParseResult arguments, CancellationToken cancel);

/// <summary>Makes commands whose every failure is a sentence on standard error.</summary>
internal sealed class CommandBuilder(Terminal terminal, SharedOptions shared)
{
    public Command Command(string name, string description, CommandBody body, params Symbol[] symbols)
    {
        var command = new Command(name, description);
        foreach (var symbol in symbols)
        {
            switch (symbol)
            {
                case Option option:
                    command.Add(option);
                    break;
                case Argument argument:
                    command.Add(argument);
                    break;
                case Command inner:
                    command.Add(inner);
                    break;
            }
        }

        command.SetAction((arguments, cancel) => RunAsync(body, arguments, cancel));
        return command;
    }

    private async Task<int> RunAsync(CommandBody body, ParseResult arguments, CancellationToken cancel)
    {
        using var session = new Session(terminal, arguments.GetValue(shared.RuntimeDirectory)!, arguments.GetValue(shared.Json));
        try
        {
            return await body(session, arguments, cancel);
        }
        catch (CtlException failure)
        {
            await terminal.Error.WriteLineAsync($"timectl: {failure.Message}");
            return failure.ExitCode;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
        catch (IOException gone) when (gone is not FileNotFoundException)
        {
            return ExitCode.Failed; // whoever read our output went away, as head(1) does
        }
    }
}
