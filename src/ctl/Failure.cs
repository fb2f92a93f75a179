using System.Net.Sockets;
using Grpc.Core;

namespace TimeSuite.Ctl;

/// <summary>What timectl's exit codes mean.</summary>
public static class ExitCode
{
    public const int Done = 0;

    /// <summary>It could not be done, or is not so (waitsync, config check).</summary>
    public const int Failed = 1;

    /// <summary>The command line makes no sense.</summary>
    public const int Usage = 2;

    public const int NotPermitted = 3;

    /// <summary>Ctrl-C, as shells have it: 128 + SIGINT.</summary>
    public const int Interrupted = 130;
}

/// <summary>Something went wrong that a sentence explains.</summary>
internal sealed class CtlException(string sentence, int exitCode) : Exception(sentence)
{
    public int ExitCode => exitCode;
}

/// <summary>Turns what a call can end with into one plain sentence with the next step.</summary>
internal static class Failure
{
    /// <summary>Of a list of mistakes, in octets.</summary>
    private const int LongestList = 1 << 16;

    private const string Rights = "run timectl as root or as a member of the group timesuite";

    public static CtlException Of(RpcException failure, DaemonSocket socket)
    {
        string detail = Safe.Text(failure.Status.Detail, 300);
        if (failure.Status.DebugException is { } cause && failure.StatusCode is StatusCode.Unavailable or StatusCode.Internal)
        {
            return OfConnection(cause, socket);
        }

        return failure.StatusCode switch
        {
            StatusCode.PermissionDenied or StatusCode.Unauthenticated =>
                new($"{socket.Daemon} does not permit this: {Reason(detail)}; {Rights}", ExitCode.NotPermitted),
            StatusCode.DeadlineExceeded =>
                new($"{socket.Daemon} took the call on {socket.Path} but did not answer in time: see what it does with systemctl status {socket.Unit}", ExitCode.Failed),
            StatusCode.Unimplemented =>
                new($"{socket.Daemon} does not know this command: it and timectl are of different versions (timectl version); update both", ExitCode.Failed),
            StatusCode.ResourceExhausted => new($"{socket.Daemon}: {Reason(detail)}; try again", ExitCode.Failed),
            StatusCode.Cancelled => new($"{socket.Daemon} ended the call: {Reason(detail)}; try again", ExitCode.Failed),
            StatusCode.InvalidArgument when detail.Length > 0 => new(Mistakes(failure.Status.Detail, socket), ExitCode.Failed),
            _ => new($"{socket.Daemon}: {Reason(detail)}", ExitCode.Failed),
        };
    }

    private static CtlException OfConnection(Exception cause, DaemonSocket socket)
    {
        for (Exception? inner = cause; inner is not null; inner = inner.InnerException)
        {
            switch (inner)
            {
                case SocketException { SocketErrorCode: SocketError.AccessDenied }:
                    return new($"you may not talk to {socket.Daemon} on {socket.Path}: {Rights}", ExitCode.NotPermitted);
                case SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.Shutdown }:
                    return Closed(socket);
                case SocketException or ArgumentOutOfRangeException: // a path longer than a socket's name may be is the latter
                    return new($"{socket.Daemon} does not answer on {socket.Path}: is it running? systemctl status {socket.Unit}", ExitCode.Failed);
            }
        }

        return Closed(socket);
    }

    /// <summary>It took the connection and closed it: the gate below HTTP/2 lets nobody in whom it does not know.</summary>
    private static CtlException Closed(DaemonSocket socket) => socket.IsForAll
        ? new($"{socket.Daemon} closed the connection on {socket.Path} without an answer: try again; if it stays so, systemctl status {socket.Unit}", ExitCode.Failed)
        : new($"{socket.Daemon} closed the connection on {socket.Path} without an answer, as it does with strangers: {Rights}", ExitCode.NotPermitted);

    /// <summary>A configuration may have many mistakes, each on a line of its own.</summary>
    private static string Mistakes(string detail, DaemonSocket socket) =>
        Safe.Lines(detail, prefix: $"timectl: {socket.Daemon}: ", LongestList) is { Length: > 0 } lines
            ? lines["timectl: ".Length..] // whoever prints a failure begins with this
            : $"{socket.Daemon}: {Reason("")}";

    private static string Reason(string detail) => detail.Length > 0 ? detail : "it gives no reason";
}
