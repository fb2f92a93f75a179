using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Spectre.Console.Rendering;

namespace TimeSuite.Ctl;

/// <summary>One run of one command: whom it talks to and how it shows what it learns.</summary>
internal sealed class Session(Terminal terminal, string runtimeDirectory, bool isJson) : IDisposable
{
    public Terminal Terminal => terminal;

    public Screen Screen { get; } = new(terminal);

    public Daemons Daemons { get; } = new(runtimeDirectory);

    public bool IsJson => isJson;

    /// <summary>Shows one result: to a program as one line of JSON, to a person as <paramref name="view"/>.</summary>
    public void Show<T>(T json, JsonTypeInfo<T> type, Func<IRenderable> view)
    {
        if (isJson)
        {
            Screen.WriteLine(JsonSerializer.Serialize(json, type));
        }
        else
        {
            Screen.Write(view());
        }
    }

    /// <summary>Shows one result that a sentence says to a person.</summary>
    public void Tell<T>(T json, JsonTypeInfo<T> type, string sentence) =>
        Screen.WriteLine(isJson ? JsonSerializer.Serialize(json, type) : sentence);

    public void Dispose() => Daemons.Dispose();
}
