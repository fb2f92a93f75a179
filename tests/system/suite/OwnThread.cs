using System.Runtime.ExceptionServices;

namespace TimeSuite.System.Tests.Suite;

/// <summary>Runs what changes a thread for good on one that ends with it.</summary>
internal static class OwnThread
{
    /// <param name="work">What it does.</param>
    /// <param name="asNobody">As an ordinary user; only root can.</param>
    public static T Run<T>(bool asNobody, Func<T> work)
    {
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                if (asNobody)
                {
                    Native.BecomeNobody();
                }

                result = work();
            }
#pragma warning disable CA1031 // It is thrown again, on the thread of the test.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }
}
