using Spectre.Console;
using Spectre.Console.Rendering;

namespace TimeSuite.Ctl;

/// <summary>Puts tables and lines on a terminal: in colour and cut to its width, or plain.</summary>
internal sealed class Screen(Terminal terminal)
{
    /// <summary>A console that writes to <paramref name="writer"/> as the terminal would like it.</summary>
    public IAnsiConsole ConsoleOn(TextWriter writer)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = terminal.IsInteractive ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = terminal.HasColor ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
            EnvironmentVariables = new Dictionary<string, string>(),
        });
        console.Profile.Width = terminal.Width;
        console.Profile.Height = terminal.Height;
        return console;
    }

    public void Write(IRenderable what)
    {
        var text = new StringWriter();
        ConsoleOn(text).Write(what);
        foreach (string line in text.ToString().TrimEnd('\n', '\r').Split('\n'))
        {
            terminal.Out.WriteLine(line.TrimEnd());
        }
    }

    public void WriteLine(string line) => terminal.Out.WriteLine(line);
}
