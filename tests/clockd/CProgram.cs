using System.Diagnostics;

namespace TimeSuite.Clockd.Tests;

/// <summary>A C program of tests/clockd, compiled with all warnings as errors, and what it prints.</summary>
internal static class CProgram
{
    public static string Compile(string name, string folder)
    {
        string program = Path.Combine(folder, name);
        Run("cc", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-I", Repository.File("include"), "-o", program, Repository.File($"tests/clockd/{name}.c"));
        return program;
    }

    public static string[] Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
    }
}
