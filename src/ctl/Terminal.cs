namespace TimeSuite.Ctl;

/// <summary>Where timectl writes, and what that place can do.</summary>
public sealed record Terminal
{
    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    /// <summary>A person watches: tables may be redrawn in place.</summary>
    public bool IsInteractive { get; init; }

    /// <summary>Escape sequences for colour are welcome.</summary>
    public bool HasColor { get; init; }

    /// <summary>Columns. Where nobody watches, wide enough that no line is broken.</summary>
    public int Width { get; init; } = Unbroken;

    /// <summary>Lines.</summary>
    public int Height { get; init; } = 24;

    private const int Unbroken = 400;

    /// <summary>This process's own. Plain when it is not a terminal, TERM=dumb, or NO_COLOR is set (no-color.org).</summary>
    public static Terminal Standard()
    {
        bool isTerminal = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
        bool hasColor = isTerminal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        return new()
        {
            Out = Console.Out,
            Error = Console.Error,
            IsInteractive = isTerminal,
            HasColor = hasColor,
            Width = isTerminal ? Columns(Console.WindowWidth) : Unbroken,
            Height = isTerminal ? Rows(Console.WindowHeight) : 24,
        };
    }

    /// <summary>How wide to write. A serial console does not know its size and says 0: it is taken to be as wide as such terminals were.</summary>
    /// <param name="said">What the terminal says.</param>
    internal static int Columns(int said) => said > 0 ? Math.Max(said, 40) : 80;

    private static int Rows(int said) => said > 0 ? Math.Max(said, 10) : 24;
}
