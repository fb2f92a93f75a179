using System.Diagnostics;

namespace TimeSuite.System.Tests.Suite;

/// <summary>How a process that a test has started ends: by itself in time, or by us.</summary>
internal static class ProcessEnd
{
    /// <returns>The exit code; null if it did not end in time.</returns>
    public static async Task<int?> EndAsync(this Process process, TimeSpan limit)
    {
        using var time = new CancellationTokenSource(limit);
        try
        {
            await process.WaitForExitAsync(time.Token);
            return process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>kill -9, if it still runs, and nothing is left of it.</summary>
    public static void EndNow(this Process process)
    {
        if (!process.HasExited)
        {
            process.Kill();
            process.WaitForExit();
        }

        process.Dispose();
    }
}
