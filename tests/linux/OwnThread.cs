using System.Runtime.ExceptionServices;

namespace TimeSuite.Linux.Tests;

/// <summary>Runs what changes a thread for good (its network, its capabilities) on one that ends with it.</summary>
internal static class OwnThread
{
    public static void Run(Action test)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                test();
            }
            catch (Exception exception)
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }
}
