using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace TimeSuite;

/// <summary>A run of another program that takes minutes, with all that it prints.</summary>
/// <remarks>One file, linked into each test project that has such runs.</remarks>
internal static class BoundedRun
{
    /// <summary>Runs it to its end, or stops it and its children and says so in the output.</summary>
    public static (int ExitCode, string Output) Of(string program, string[] arguments, string folder, TimeSpan limit)
    {
        using var process = new Process
        {
            StartInfo = new(program, arguments)
            {
                WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            },
        };
        var output = new StringBuilder();
        DataReceivedEventHandler keep = (_, line) =>
        {
            lock (output)
            {
                output.Append(line.Data).Append('\n');
            }
        };
        process.OutputDataReceived += keep;
        process.ErrorDataReceived += keep;
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        bool isDone = process.WaitForExit(limit);
        if (!isDone)
        {
            process.Kill(entireProcessTree: true);
        }

        process.WaitForExit(); // until the last line is read
        if (!isDone)
        {
            output.Append(CultureInfo.InvariantCulture, $"{program} was stopped after {limit.TotalSeconds} s\n");
        }

        return (process.ExitCode, output.ToString());
    }
}
